// The registered numbers of HPKE (RFC 9180, 7) and the sizes that go with them.
#pragma once

#include "lib/crypto/algorithm.h"

namespace cai::hpke {

enum class Kem : std::uint16_t {
  kP256 = 0x0010,    // DHKEM(P-256, HKDF-SHA256)
  kP384 = 0x0011,    // DHKEM(P-384, HKDF-SHA384)
  kP521 = 0x0012,    // DHKEM(P-521, HKDF-SHA512)
  kX25519 = 0x0020,  // DHKEM(X25519, HKDF-SHA256)
  kX448 = 0x0021,    // DHKEM(X448, HKDF-SHA512)
};
enum class Kdf : std::uint16_t { kSha256 = 1, kSha384 = 2, kSha512 = 3 };
enum class Aead : std::uint16_t {
  kAes128Gcm = 1,
  kAes256Gcm = 2,
  kChaCha20Poly1305 = 3,
  kExportOnly = 0xffff,
};

struct Suite {
  Kem kem;
  Kdf kdf;
  Aead aead;
  friend bool operator==(const Suite&, const Suite&) = default;
};

constexpr crypto::KeyKind KeyOf(Kem kem) {
  switch (kem) {
    case Kem::kP256:
      return crypto::KeyKind::kP256;
    case Kem::kP384:
      return crypto::KeyKind::kP384;
    case Kem::kP521:
      return crypto::KeyKind::kP521;
    case Kem::kX25519:
      return crypto::KeyKind::kX25519;
    default:
      return crypto::KeyKind::kX448;
  }
}

constexpr crypto::HashAlgorithm HashOf(Kem kem) {
  switch (kem) {
    case Kem::kP256:
    case Kem::kX25519:
      return crypto::HashAlgorithm::kSha256;
    case Kem::kP384:
      return crypto::HashAlgorithm::kSha384;
    default:
      return crypto::HashAlgorithm::kSha512;
  }
}

constexpr crypto::HashAlgorithm HashOf(Kdf kdf) {
  switch (kdf) {
    case Kdf::kSha256:
      return crypto::HashAlgorithm::kSha256;
    case Kdf::kSha384:
      return crypto::HashAlgorithm::kSha384;
    default:
      return crypto::HashAlgorithm::kSha512;
  }
}

// Not for kExportOnly.
constexpr crypto::Cipher CipherOf(Aead aead) {
  using Family = crypto::Cipher::Family;
  if (aead == Aead::kChaCha20Poly1305)
    return {Family::kChaCha20Poly1305, 32, 12, 16};
  const std::uint8_t key_size = aead == Aead::kAes128Gcm ? 16 : 32;
  return {Family::kAesGcm, key_size, 12, 16};
}

// Nenc = Npk: an uncompressed point (SEC 1, 2.3.3) or the string of RFC 7748.
constexpr std::size_t PublicSize(Kem kem) {
  const std::size_t field = crypto::FieldSize(KeyOf(kem));
  return crypto::IsWeierstrass(KeyOf(kem)) ? 1 + 2 * field : field;
}
constexpr std::size_t kMaxPublic = 1 + 2 * crypto::kMaxFieldSize;
constexpr std::size_t kHpkeTagSize = 16;

}  // namespace cai::hpke
