// AES key wrap, RFC 3394, on the AES block of Mbed TLS (whose own is tied to
// its allocating cipher layer).
#include "lib/base/secret.h"
#include "lib/crypto/aead.h"
#include "mbedtls/aes.h"

namespace cai::crypto {
namespace {

constexpr std::byte kInitial{0xa6};  // 2.2.3.1: the default initial value
constexpr std::size_t kMaxWrapped = 512;
constexpr unsigned kRounds = 6;

class Aes {
 public:
  Aes() { mbedtls_aes_init(&context_); }
  ~Aes() { mbedtls_aes_free(&context_); }
  Aes(const Aes&) = delete;
  Aes& operator=(const Aes&) = delete;

  bool SetEncrypt(Bytes key) {
    return mbedtls_aes_setkey_enc(&context_, AsU8(key), 128) == 0;
  }
  bool SetDecrypt(Bytes key) {
    return mbedtls_aes_setkey_dec(&context_, AsU8(key), 128) == 0;
  }
  bool Block(int mode, std::span<std::byte, 16> block) {
    return mbedtls_aes_crypt_ecb(&context_, mode, AsU8(Bytes(block)),
                                 AsU8(MutableBytes(block))) == 0;
  }

 private:
  mbedtls_aes_context context_;
};

// A xor t, t = n * j + i, big endian in the first half of the block. With at
// most 64 halves, t <= 6 * 64 fits two bytes.
void MixStep(std::span<std::byte, 16> block, std::size_t step) {
  block[6] ^= std::byte(step >> 8);
  block[7] ^= std::byte(step);
}

// Longer KEKs are valid, but no message of a device has one.
Status CheckKek(Bytes kek) {
  if (kek.size() == 16) return kDone;
  return kek.size() == 24 || kek.size() == 32 ? Error::kCryptoUnsupported
                                              : Error::kCryptoBadKey;
}

}  // namespace

// 2.2.1, in place on out = A || R[1..n].
Result<Bytes> AesKeyWrap(Bytes kek, Bytes plain, MutableBytes out) {
  CAI_TRY(CheckKek(kek));
  if (plain.size() < 16 || plain.size() % 8 != 0 || plain.size() > kMaxWrapped)
    return Error::kCryptoUnsupported;
  if (out.size() < plain.size() + 8) return Error::kCryptoNoRoom;
  Aes aes;
  if (!aes.SetEncrypt(kek)) return Error::kCryptoFailed;

  const std::size_t halves = plain.size() / 8;
  std::copy_backward(
      plain.begin(), plain.end(),
      out.begin() + static_cast<std::ptrdiff_t>(plain.size() + 8));
  Secret<16> block;
  const auto b = block.mutable_bytes();
  std::ranges::fill(b.first<8>(), kInitial);
  for (std::size_t step = 1; step <= kRounds * halves; ++step) {
    const MutableBytes half = out.subspan(8 + (step - 1) % halves * 8, 8);
    CopyInto(b.last<8>(), half);
    if (!aes.Block(MBEDTLS_AES_ENCRYPT, b)) return Error::kCryptoFailed;
    MixStep(b, step);
    CopyInto(half, b.last<8>());
  }
  CopyInto(out, b.first<8>());
  return Bytes(out.first(plain.size() + 8));
}

// 2.2.2.
Result<Bytes> AesKeyUnwrap(Bytes kek, Bytes wrapped, MutableBytes out) {
  CAI_TRY(CheckKek(kek));
  if (wrapped.size() < 24 || wrapped.size() % 8 != 0 ||
      wrapped.size() > kMaxWrapped + 8)
    return Error::kCryptoBadTag;
  const std::size_t size = wrapped.size() - 8;
  if (out.size() < size) return Error::kCryptoNoRoom;
  Aes aes;
  if (!aes.SetDecrypt(kek)) return Error::kCryptoFailed;

  const std::size_t halves = size / 8;
  Secret<16> block;
  const auto b = block.mutable_bytes();
  CopyInto(b.first<8>(), wrapped.first(8));
  CopyInto(out, wrapped.subspan(8));
  for (std::size_t step = kRounds * halves; step > 0; --step) {
    const MutableBytes half = out.subspan((step - 1) % halves * 8, 8);
    CopyInto(b.last<8>(), half);
    MixStep(b, step);
    if (!aes.Block(MBEDTLS_AES_DECRYPT, b)) return Error::kCryptoFailed;
    CopyInto(half, b.last<8>());
  }
  ByteArray<8> initial;
  initial.fill(kInitial);
  if (ConstantTimeEqual(b.first<8>(), initial)) return Bytes(out.first(size));
  Wipe(out.first(size));
  return Error::kCryptoBadTag;
}

}  // namespace cai::crypto
