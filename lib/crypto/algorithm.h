// The algorithms of the full library (mac.h, cipher.h, asymmetric.h), named by
// what they compute, not by any registry. A backend that has one not built in
// answers kCryptoUnsupported.
//
// Two tiers share this folder. hash.h, aead.h, p256.h and random.h are what a
// device links for its own messages. The full tier adds what a verifier of
// other people's messages needs, in files and targets of its own: a program
// that does not call it does not link it.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"

namespace cai::crypto {

// Bytes that count as one input, in order. Backends join them only if their
// library cannot take them one by one.
using Parts = std::span<const Bytes>;

// SHA-1 serves RSA-OAEP alone (RFC 8230, 5.1).
enum class HashAlgorithm : std::uint8_t { kSha1, kSha256, kSha384, kSha512 };
constexpr std::size_t kMaxHashSize = 64;
constexpr std::size_t HashSize(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha1:
      return 20;
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    default:
      return 64;
  }
}

// An AEAD and its sizes in bytes: AES-GCM (key of 16, 24 or 32, nonce 12, tag
// 16), AES-CCM (RFC 9053, 4.2: key 16 or 32, nonce 13 or 7, tag 8 or 16), and
// ChaCha20-Poly1305 (32, 12, 16).
struct Cipher {
  enum class Family : std::uint8_t { kAesGcm, kAesCcm, kChaCha20Poly1305 };
  Family family;
  std::uint8_t key_size;
  std::uint8_t nonce_size;
  std::uint8_t tag_size;
  friend bool operator==(const Cipher&, const Cipher&) = default;
};
constexpr std::size_t kMaxNonceSize = 13;

// What an asymmetric key is for is decided by its kind: the Edwards curves
// sign, the Montgomery curves agree, P curves do both, RSA signs or encrypts.
enum class KeyKind : std::uint8_t {
  kP256,
  kP384,
  kP521,
  kX25519,
  kX448,
  kEd25519,
  kEd448,
  kRsa,
};

// Bytes of a coordinate, a scalar and a shared secret; 0 for RSA.
constexpr std::size_t FieldSize(KeyKind kind) {
  switch (kind) {
    case KeyKind::kP384:
      return 48;
    case KeyKind::kP521:
      return 66;
    case KeyKind::kX448:
      return 56;
    case KeyKind::kEd448:
      return 57;
    case KeyKind::kRsa:
      return 0;
    default:
      return 32;
  }
}
constexpr std::size_t kMaxFieldSize = 66;
constexpr bool IsWeierstrass(KeyKind kind) { return kind <= KeyKind::kP521; }

// kRsaPss: MGF1 and salt of the same hash (RFC 8230, 2). kEdDsa hashes inside,
// `hash` is ignored (RFC 8032, pure).
struct SignatureScheme {
  enum class Family : std::uint8_t { kEcdsa, kEdDsa, kRsaPss };
  Family family;
  HashAlgorithm hash = HashAlgorithm::kSha512;
};
constexpr std::size_t kMaxRsaSize = 512;  // a modulus of 4096 bits
constexpr std::size_t kMaxSignatureSize = kMaxRsaSize;

}  // namespace cai::crypto
