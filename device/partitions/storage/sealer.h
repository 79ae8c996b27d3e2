// What the storage key does: objects are sealed under one key of it, the log's
// headers are authenticated under another.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"

namespace cai::storage {

constexpr std::size_t kMacSize = 16;

class Sealer {
 public:
  Sealer() = default;
  // `boot_count` 0 means that boot could not advance it: nothing is sealed.
  void Start(const Secret<32>& storage_key, std::uint32_t boot_count);

  using Nonce = ByteArray<crypto::kNonceSize>;
  // A nonce is the boot counter and a count of this boot's seals, 8 and 4
  // bytes: a restored flash cannot make one repeat (protocol.md, C5).
  Result<Nonce> NextNonce();  // kStoreNoNonce

  // ChaCha20-Poly1305; results lie in `out`. kCryptoBadTag.
  Result<Bytes> Seal(const Nonce& nonce, Bytes aad, Bytes plain,
                     MutableBytes out) const;
  Result<Bytes> Open(const Nonce& nonce, Bytes aad, Bytes sealed,
                     MutableBytes out) const;

  // Of the log up to the record that has this digest (record.h).
  ByteArray<kMacSize> Mac(const crypto::Digest& digest) const;

 private:
  Secret<32> object_key_;
  Secret<32> log_key_;
  std::uint64_t boot_count_ = 0;
  std::uint32_t seals_ = 0;
};

}  // namespace cai::storage
