#include "lib/crypto/random.h"

#include <openssl/rand.h>

#include <limits>

namespace cai::crypto {

Status Random(MutableBytes out) {
  if (out.size() > std::size_t{std::numeric_limits<int>::max()})
    return Error::kCryptoNoRoom;
  if (RAND_priv_bytes(AsU8(out), static_cast<int>(out.size())) != 1)
    return Error::kCryptoFailed;
  return kDone;
}

}  // namespace cai::crypto
