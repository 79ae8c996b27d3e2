// What the files of this backend share about asymmetric keys.
#pragma once

#include <openssl/evp.h>

#include "lib/crypto/asymmetric.h"

namespace cai::crypto {

// Safety: handles are made by this backend alone.
inline EVP_PKEY* PkeyOf(const AsymmetricKey& key) {
  return reinterpret_cast<EVP_PKEY*>(key.handle());
}

// OpenSSL's name of a curve: "P-256", "X25519", …
const char* NameOf(KeyKind kind);

}  // namespace cai::crypto
