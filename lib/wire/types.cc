#include "lib/wire/types.h"

#include "lib/crypto/hash.h"

namespace cai::wire {

Result<Suite> SuiteOf(std::uint64_t number) {
  if (number == static_cast<std::uint64_t>(Suite::kAes128Gcm))
    return Suite::kAes128Gcm;
  if (number == static_cast<std::uint64_t>(Suite::kChaCha20Poly1305))
    return Suite::kChaCha20Poly1305;
  return Error::kWireNoSuite;
}

KeyId KeyIdOf(const crypto::P256Public& key) {
  const crypto::Digest hash = crypto::Sha256::Of(key.xy);
  KeyId id;
  CopyInto(id, hash);
  return id;
}

}  // namespace cai::wire
