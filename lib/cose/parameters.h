// What each registered algorithm is made of.
#pragma once

#include "lib/base/result.h"
#include "lib/cose/algorithms.h"
#include "lib/crypto/algorithm.h"

namespace cai::cose {

// Each: kCoseUnsupported for an algorithm that is none of its kind or is not
// built in.
Result<crypto::Cipher> CipherOf(Algorithm algorithm);
Result<crypto::SignatureScheme> SchemeOf(Algorithm algorithm);

struct MacParameters {
  bool aes_cbc;                // else HMAC
  crypto::HashAlgorithm hash;  // of the HMAC
  std::uint8_t key_size;
  std::uint8_t tag_size;
};
Result<MacParameters> MacOf(Algorithm algorithm);

// How the key that a layer needs comes out of what its recipient has.
struct RecipientParameters {
  enum class Kind : std::uint8_t {
    kDirect,    // the shared key is the content key
    kHkdfHmac,  // derived from a shared secret
    kHkdfAes,
    kKeyWrap,
    kAgree,      // ECDH, then HKDF, gives the content key
    kAgreeWrap,  // … gives a key that wraps it
    kOaep,
  };
  Kind kind;
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::kSha256;
  Algorithm wrap = Algorithm::kDirect;  // kAgreeWrap: A128KW …
  bool static_sender = false;           // ECDH-SS
};
Result<RecipientParameters> RecipientOf(Algorithm algorithm);

// RFC 9053, 6.1, 6.3: no other recipient beside these, and the key they yield
// is the content key itself.
constexpr bool IsDirect(RecipientParameters::Kind kind) {
  return kind != RecipientParameters::Kind::kKeyWrap &&
         kind != RecipientParameters::Kind::kAgreeWrap &&
         kind != RecipientParameters::Kind::kOaep;
}
// RFC 9053, 6.1.1, 6.2.1 and RFC 8230, 3: the protected header is empty, so
// that `alg` stands in the unprotected one.
constexpr bool HasNoProtected(RecipientParameters::Kind kind) {
  return kind == RecipientParameters::Kind::kDirect ||
         kind == RecipientParameters::Kind::kKeyWrap ||
         kind == RecipientParameters::Kind::kOaep;
}

// Bytes of the key that an AEAD, a MAC or a key wrap takes.
Result<std::size_t> KeySizeOf(Algorithm algorithm);
constexpr std::size_t kMaxContentKey = 64;

// Also of x5t. kSha256_64 is SHA-256 cut to 8 bytes (`size`).
struct HashParameters {
  crypto::HashAlgorithm hash;
  std::size_t size;
};
Result<HashParameters> HashOf(Algorithm algorithm);

}  // namespace cai::cose
