// AEAD of sealed messages, and AES key wrap.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::crypto {

enum class AeadAlgorithm : std::uint8_t { kAes128Gcm, kChaCha20Poly1305 };
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t KeySize(AeadAlgorithm a) {
  return a == AeadAlgorithm::kAes128Gcm ? 16 : 32;
}

// Writes ciphertext || tag (plaintext.size() + 16 bytes) to `out`, which may
// begin where `plaintext` begins (in place), and returns that part.
Result<Bytes> AeadSeal(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes plaintext, MutableBytes out);

// kCryptoBadTag leaves `out` wiped.
Result<Bytes> AeadOpen(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes ciphertext, MutableBytes out);

// A key made ready: what depends on the key alone is done once, not for each
// message. Wiped when it goes. Not for two threads at once.
class AeadKey {
 public:
  constexpr AeadKey() = default;
  ~AeadKey();
  AeadKey(const AeadKey&) = delete;
  AeadKey& operator=(const AeadKey&) = delete;

  // Takes a copy of the key, in place of the one before. kCryptoBadKey unless
  // it has KeySize(algorithm) bytes; the object is then empty. Who opens under
  // many keys sets one object again and again: that costs the key schedule
  // alone.
  Status Set(AeadAlgorithm algorithm, Bytes key);
  void Clear();

  // As AeadSeal and AeadOpen. kCryptoBadKey if empty.
  Result<Bytes> Seal(std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                     Bytes plaintext, MutableBytes out);
  Result<Bytes> Open(std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                     Bytes ciphertext, MutableBytes out);

 private:
  // Large enough and aligned for either backend's state (checked there).
  // Zeros are an empty one, so that a partition's may be constant from the
  // start.
  alignas(8) ByteArray<704> state_{};
};

// RFC 3394 with the default IV; the KEK has 16 bytes (the host takes 24 and 32
// too, a device none but 16: kCryptoUnsupported), `plain` a multiple of 8.
// Wrapped size is plain + 8.
Result<Bytes> AesKeyWrap(Bytes kek, Bytes plain, MutableBytes out);
Result<Bytes> AesKeyUnwrap(Bytes kek, Bytes wrapped, MutableBytes out);

}  // namespace cai::crypto
