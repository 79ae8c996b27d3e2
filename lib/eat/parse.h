// Reads tokens without believing them: structure alone, no signature.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/cose/sign1.h"
#include "lib/crypto/hash.h"
#include "lib/eat/claims.h"

namespace cai::eat {

// kOurs is what our devices make: deterministic CBOR, no claim but those named,
// hashes of SHA-256. What parses so re-encodes to the same bytes.
// kRfc9783 reads any platform token with ES256: claims in any order (never
// twice), unknown ones passed over, hashes of 32, 48 or 64 bytes, boot seed
// optional.
enum class Form : std::uint8_t { kOurs, kRfc9783 };

// Views into the token. `profile` is as found: comparing it is the verifier's,
// after the signature.
template <typename Claims>
struct Token {
  cose::Sign1 message;
  std::string_view profile;
  Claims claims;

  // Independent of the malleable signature.
  crypto::Digest Id() const { return cose::ToBeSigned(message); }
};
using PlatformToken = Token<PlatformClaims>;
using AiToken = Token<AiClaims>;
using KeyToken = Token<KeyClaims>;

// A reason of cbor or cose for what is no such Sign1; kEatWrongContentType for
// a token of another kind; kEatMissingClaim, kEatTooMany, kEatMalformed.
Result<PlatformToken> ParsePlatformToken(Bytes token, Form form = Form::kOurs);
Result<AiToken> ParseAiToken(Bytes token);
Result<KeyToken> ParseKeyToken(Bytes token);

}  // namespace cai::eat
