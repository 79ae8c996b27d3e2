// What a verifier knows beforehand (RFC 9334: reference values and
// endorsements): firmware, engines and models that count as good, and keys that
// are tied to devices.
#pragma once

#include <string>
#include <vector>

#include "host/verifier/token_key.h"

namespace cai::verifier {

// A software component that counts as good. What is empty is not compared.
struct KnownFirmware {
  std::optional<Blob> implementation;  // of this implementation id alone
  std::string type, version;
  Blob measurement;
  Blob signer;
};

struct ReferenceValues {
  std::vector<KnownFirmware> firmware;
  std::vector<Blob> engines, models;  // digests
  std::vector<TrustAnchor> anchors;

  void Append(ReferenceValues more);
};

// A file of `cai reference` (JSON), a CoRIM (CBOR; signed ones are refused,
// unless `signer` signed them) or a CoMID of Veraison's tools (JSON).
// kHostMalformed or kEatBadReference with the path, kEatBadSignature.
Outcome<ReferenceValues> ReadReferenceValues(const host::fs::path& path,
                                             const TokenKey* signer = nullptr);

// ---- The formats -----------------------------------------------------------

// draft-ietf-rats-corim: CoMID triples of reference values and of attester
// verification keys for PSA tokens, in the profile tag:arm.com,2025:psa#1.0.0
// and in the older one (measurement keys of tag 601). Others are passed over.
Outcome<ReferenceValues> ParseCorim(Bytes file,
                                    const TokenKey* signer = nullptr);

// The same triples in the JSON that Veraison's cocli makes CoRIMs from.
Outcome<ReferenceValues> ParseComidJson(std::string_view text);

}  // namespace cai::verifier
