// The end of the line for code.cc: P-256 would be the crypto partition's.
#include "lib/crypto/p256.h"

namespace cai::crypto {

Result<Signature> SignHash(P256Private, std::span<const std::byte, 32>) {
  return Signature{};
}
Status Verify(const P256Public&, std::span<const std::byte, 32>,
              std::span<const std::byte, 64>) {
  return kDone;
}

}  // namespace cai::crypto
