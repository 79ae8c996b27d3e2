// Every AEAD that COSE registers, by its parameters. aead.h is the hot path of
// the two suites that sealed readings use.
#pragma once

#include "lib/base/result.h"
#include "lib/crypto/algorithm.h"

namespace cai::crypto {

// Writes ciphertext || tag (plaintext + tag_size bytes) to `out`, which may
// begin where `plaintext` begins, and returns that part. kCryptoBadKey unless
// key and nonce have the cipher's sizes.
Result<Bytes> Seal(const Cipher& cipher, Bytes key, Bytes nonce, Parts aad,
                   Bytes plaintext, MutableBytes out);

// kCryptoBadTag leaves `out` wiped.
Result<Bytes> Open(const Cipher& cipher, Bytes key, Bytes nonce, Parts aad,
                   Bytes ciphertext, MutableBytes out);

}  // namespace cai::crypto
