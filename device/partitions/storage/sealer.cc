#include "device/partitions/storage/sealer.h"

#include "lib/keys/keys.h"

namespace cai::storage {
namespace {

constexpr auto kAlgorithm = crypto::AeadAlgorithm::kChaCha20Poly1305;

}  // namespace

void Sealer::Start(const Secret<32>& storage_key, std::uint32_t boot_count) {
  keys::Expand(storage_key.bytes(), "storage-object", 0,
               object_key_.mutable_bytes());
  keys::Expand(storage_key.bytes(), "storage-log", 0, log_key_.mutable_bytes());
  boot_count_ = boot_count;
  seals_ = 0;
}

Result<Sealer::Nonce> Sealer::NextNonce() {
  if (boot_count_ == 0 || seals_ == UINT32_MAX) return Error::kStoreNoNonce;
  Nonce nonce;
  std::ranges::copy(BigEndian(boot_count_), nonce.begin());
  std::ranges::copy(BigEndian(++seals_), nonce.begin() + 8);
  return nonce;
}

Result<Bytes> Sealer::Seal(const Nonce& nonce, Bytes aad, Bytes plain,
                           MutableBytes out) const {
  return crypto::AeadSeal(kAlgorithm, object_key_.bytes(), nonce, aad, plain,
                          out);
}

Result<Bytes> Sealer::Open(const Nonce& nonce, Bytes aad, Bytes sealed,
                           MutableBytes out) const {
  return crypto::AeadOpen(kAlgorithm, object_key_.bytes(), nonce, aad, sealed,
                          out);
}

ByteArray<kMacSize> Sealer::Mac(const crypto::Digest& digest) const {
  crypto::Digest whole;
  crypto::Hmac(log_key_.bytes(), {digest}, whole);
  ByteArray<kMacSize> mac;
  CopyInto(mac, whole);
  return mac;
}

}  // namespace cai::storage
