// Builds tokens. The signature is split off, because the attestation key lives
// elsewhere:
//   auto draft = eat::DraftPlatformToken(claims, out);
//   auto signature = crypto::SignHash(key, draft->id);
//   Bytes token = eat::Complete(*draft, *signature);
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"
#include "lib/eat/claims.h"

namespace cai::eat {

// A whole token in the caller's memory but for its signature.
struct Draft {
  crypto::Digest id;     // SHA-256 of Sig_structure: what is to be signed, and
                         // the token's id
  MutableBytes message;  // its last 64 bytes are the signature's
};

// kEatMalformed if a claim is not of its size or a text is too long,
// kCborNoRoom. Claims may not point into `out`.
Result<Draft> DraftPlatformToken(const PlatformClaims& claims,
                                 MutableBytes out);
Result<Draft> DraftAiToken(const AiClaims& claims, MutableBytes out);
Result<Draft> DraftKeyToken(const KeyClaims& claims, MutableBytes out);

// The token. Lives as long as the draft's memory.
Bytes Complete(const Draft& draft, const crypto::Signature& signature);

// Both steps, where a key's handle is at hand. Inline, so that this library
// itself asks no backend for signatures.
inline Result<Bytes> Sign(const Draft& draft, crypto::P256Private key) {
  CAI_TRY_ASSIGN(const crypto::Signature signature,
                 crypto::SignHash(key, draft.id));
  return Complete(draft, signature);
}

// Bytes that the token of these claims takes.
std::size_t PlatformTokenSize(const PlatformClaims& claims);

}  // namespace cai::eat
