// Attestation results as messages: the verifier's verdict as EAR
// (lib/eat/ear.h), signed, and as JSON.
#pragma once

#include "host/verifier/appraise.h"
#include "lib/cose/sign1.h"

namespace cai::verifier {

// RFC 9782: application/eat+cwt, which EAR's CBOR form is a kind of.
constexpr std::uint16_t kContentTypeEat = 263;

struct ResultSource {
  std::string developer, build;  // of the verifier; 64 bytes each
  std::int64_t now = 0;          // Unix seconds
};

// Deterministic CBOR. The evidence goes with it if it has no more than
// Ear::kMaxEvidence bytes. kEatTooMany if there are more parts than a result
// has.
Outcome<Blob> EncodeResult(const Verdict& verdict, const Policy& policy,
                           Bytes evidence, const ResultSource& source);

// COSE_Sign1 with ES256 and content type 263.
Outcome<Blob> SignResult(Bytes ear, crypto::P256Private key);

// The claims in the JSON of the draft; and back, kEatBadResult.
Outcome<std::string> ResultJson(Bytes ear);
Outcome<Blob> ResultFromJson(std::string_view text);

}  // namespace cai::verifier
