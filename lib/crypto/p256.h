// P-256: signatures (ECDSA with SHA-256, RFC 6979 nonces) and ECDH.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace cai::crypto {

// x || y, big endian: the uncompressed point without its 0x04.
struct P256Public {
  static constexpr std::size_t kSize = 64;
  ByteArray<kSize> xy{};
  Bytes x() const { return Bytes(xy).first(32); }
  Bytes y() const { return Bytes(xy).last(32); }
  friend bool operator==(const P256Public&, const P256Public&) = default;
};

using Signature = ByteArray<64>;  // r || s, each 32 B big endian

// A private key where it lives. The host and the vectors hold the scalar's
// handle; a partition holds a PSA key identifier of the crypto partition. The
// value is the backend's own.
struct P256Private {
  std::uintptr_t handle = 0;
};

// kCryptoBadPoint if not on the curve or infinity. Called by all that take a
// public key from outside.
Status CheckPoint(const P256Public& key);

Status Verify(const P256Public& key, std::span<const std::byte, 32> hash,
              std::span<const std::byte, 64> signature);

Result<Signature> SignHash(P256Private key,
                           std::span<const std::byte, 32> hash);
Result<P256Public> PublicKey(P256Private key);

// The x coordinate of the shared point.
Result<Secret<32>> Ecdh(P256Private key, const P256Public& peer);

// Borrows a scalar 1..n-1 as a key until Release(). On the device the scalar
// travels to the crypto partition and lives there as a volatile key.
Result<P256Private> ImportScalar(std::span<const std::byte, 32> scalar);
void Release(P256Private key);

// Releases what ImportScalar gave.
class ScopedKey {
 public:
  explicit ScopedKey(P256Private key) : key_(key) {}
  ScopedKey(const ScopedKey&) = delete;
  ScopedKey& operator=(const ScopedKey&) = delete;
  ~ScopedKey() { Release(key_); }
  P256Private get() const { return key_; }

 private:
  P256Private key_;
};

// True if `candidate` < n - 1, so that candidate + 1 is a private scalar (FIPS
// 186-5, A.2.2; lib/keys draws candidates). Constant time. Part of
// cai_crypto_primitives on the device.
bool ScalarInRange(std::span<const std::byte, 32> candidate);

}  // namespace cai::crypto
