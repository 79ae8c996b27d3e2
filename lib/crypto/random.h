// Randomness: the DRBG of this side (host: OpenSSL; partition: its own DRBG
// instance in the crypto partition).
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::crypto {

Status Random(MutableBytes out);

}  // namespace cai::crypto
