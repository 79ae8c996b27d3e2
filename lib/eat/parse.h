// Reads the tokens that our devices make, without believing them: structure
// alone, no signature. Deterministic CBOR, no claim but those named, hashes of
// SHA-256: what parses re-encodes to the same bytes. Other platform tokens
// (RFC 9783) are psa.h's.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/cose/sign1.h"
#include "lib/crypto/hash.h"
#include "lib/eat/claims.h"

namespace cai::eat {

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
Result<PlatformToken> ParsePlatformToken(Bytes token);
Result<AiToken> ParseAiToken(Bytes token);
Result<KeyToken> ParseKeyToken(Bytes token);

}  // namespace cai::eat
