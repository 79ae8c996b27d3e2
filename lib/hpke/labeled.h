// The labelled HKDF of HPKE (RFC 9180, 4).
#pragma once

#include "lib/crypto/mac.h"
#include "lib/hpke/suite.h"

namespace cai::hpke {

// HKDF for one purpose: a hash and a suite_id ("KEM" || kem_id, or "HPKE" ||
// kem_id || kdf_id || aead_id).
class LabeledHkdf {
 public:
  static LabeledHkdf Of(Kem kem);
  static LabeledHkdf Of(Suite suite);

  std::size_t hash_size() const { return crypto::HashSize(hash_); }

  // `prk` has hash_size() bytes.
  Status Extract(Bytes salt, std::string_view label, Bytes ikm,
                 MutableBytes prk) const;
  // L is out.size(), below 2^16.
  Status Expand(Bytes prk, std::string_view label, Bytes info,
                MutableBytes out) const;

 private:
  LabeledHkdf(crypto::HashAlgorithm hash, std::string_view name,
              std::initializer_list<std::uint16_t> ids);

  crypto::HashAlgorithm hash_;
  ByteArray<10> suite_id_{};
  std::size_t suite_id_size_;
};

}  // namespace cai::hpke
