// The hash methods of OpenSSL by our names.
#pragma once

#include <openssl/evp.h>

#include "lib/crypto/algorithm.h"

namespace cai::crypto {

const EVP_MD* MethodOf(HashAlgorithm hash);

}  // namespace cai::crypto
