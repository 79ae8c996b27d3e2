// Between OpenSSL's keys and ours; the host alone.
#pragma once

#include <openssl/evp.h>

#include "lib/crypto/p256.h"

namespace cai::crypto {

// A copy of the private scalar of an EVP key on P-256, borrowed until
// Release(). kCryptoBadKey for any other kind of key.
Result<P256Private> ImportEvp(const EVP_PKEY* key);

// kCryptoBadKey unless the key is on P-256.
Result<P256Public> PublicOfEvp(const EVP_PKEY* key);

}  // namespace cai::crypto
