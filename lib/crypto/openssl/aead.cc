#include "lib/crypto/aead.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "lib/base/secret.h"

namespace cai::crypto {
namespace {

// Fetched once: an implicit fetch costs more than sealing a reading.
const EVP_CIPHER* CipherOf(AeadAlgorithm algorithm) {
  static EVP_CIPHER* const gcm =
      EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static EVP_CIPHER* const chacha =
      EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  return algorithm == AeadAlgorithm::kAes128Gcm ? gcm : chacha;
}

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

// One a thread; reset() after use cleanses the key schedule.
class Context {
 public:
  Context() {
    thread_local std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(
        EVP_CIPHER_CTX_new());
    context_ = context.get();
  }
  ~Context() {
    if (context_ != nullptr) EVP_CIPHER_CTX_reset(context_);
  }
  EVP_CIPHER_CTX* get() const { return context_; }

 private:
  EVP_CIPHER_CTX* context_;
};

bool FitsInt(std::size_t size) {
  return size <= std::size_t{std::numeric_limits<int>::max()};
}

Status Check(AeadAlgorithm algorithm, Bytes key, Bytes aad, Bytes text) {
  if (key.size() != KeySize(algorithm)) return Error::kCryptoBadKey;
  if (!FitsInt(aad.size()) || !FitsInt(text.size()))
    return Error::kCryptoNoRoom;
  return kDone;
}

bool Update(EVP_CIPHER_CTX* context, std::byte* out, Bytes in) {
  int written = 0;
  return in.empty() ||
         EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out),
                          &written, AsU8(in), static_cast<int>(in.size())) == 1;
}

}  // namespace

Result<Bytes> AeadSeal(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes plaintext, MutableBytes out) {
  CAI_TRY(Check(algorithm, key, aad, plaintext));
  if (out.size() < kTagSize || out.size() - kTagSize < plaintext.size())
    return Error::kCryptoNoRoom;

  const Context context;
  std::byte* const tag = out.data() + plaintext.size();
  unsigned char last[EVP_MAX_BLOCK_LENGTH];  // a stream: Final writes nothing
  int written = 0;
  const bool ok = EVP_CipherInit_ex2(context.get(), CipherOf(algorithm),
                                     AsU8(key), AsU8(nonce), 1, nullptr) == 1 &&
                  Update(context.get(), nullptr, aad) &&
                  Update(context.get(), out.data(), plaintext) &&
                  EVP_CipherFinal_ex(context.get(), last, &written) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                                      kTagSize, tag) == 1;
  if (!ok) return Error::kCryptoFailed;
  return Bytes(out.first(plaintext.size() + kTagSize));
}

Result<Bytes> AeadOpen(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes ciphertext, MutableBytes out) {
  CAI_TRY(Check(algorithm, key, aad, ciphertext));
  if (ciphertext.size() < kTagSize) return Error::kCryptoBadTag;
  const Bytes text = ciphertext.first(ciphertext.size() - kTagSize);
  if (out.size() < text.size()) return Error::kCryptoNoRoom;
  ByteArray<kTagSize> tag;
  CopyInto(tag, ciphertext.last(kTagSize));

  const Context context;
  unsigned char last[EVP_MAX_BLOCK_LENGTH];
  int written = 0;
  const bool started =
      EVP_CipherInit_ex2(context.get(), CipherOf(algorithm), AsU8(key),
                         AsU8(nonce), 0, nullptr) == 1 &&
      Update(context.get(), nullptr, aad) &&
      Update(context.get(), out.data(), text) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize,
                          tag.data()) == 1;
  const bool authentic =
      started && EVP_CipherFinal_ex(context.get(), last, &written) == 1;
  if (authentic) return Bytes(out.first(text.size()));
  Wipe(out.first(text.size()));
  return started ? Error::kCryptoBadTag : Error::kCryptoFailed;
}

namespace {

const EVP_CIPHER* WrapOf(std::size_t kek_size) {
  switch (kek_size) {
    case 16:
      return EVP_aes_128_wrap();
    case 24:
      return EVP_aes_192_wrap();
    case 32:
      return EVP_aes_256_wrap();
    default:
      return nullptr;
  }
}

Status Wrap(Bytes kek, Bytes in, MutableBytes out, std::size_t size,
            int encrypt) {
  const EVP_CIPHER* const method = WrapOf(kek.size());
  if (method == nullptr) return Error::kCryptoBadKey;
  if (out.size() < size) return Error::kCryptoNoRoom;
  const Context context;
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  int written = 0;
  if (EVP_CipherInit_ex2(context.get(), method, AsU8(kek), nullptr, encrypt,
                         nullptr) != 1)
    return Error::kCryptoFailed;
  if (EVP_CipherUpdate(context.get(), AsU8(out), &written, AsU8(in),
                       static_cast<int>(in.size())) != 1 ||
      written != static_cast<int>(size)) {
    Wipe(out.first(size));
    return Error::kCryptoBadTag;
  }
  return kDone;
}

constexpr std::size_t kMaxWrapped = 512;

}  // namespace

Result<Bytes> AesKeyWrap(Bytes kek, Bytes plain, MutableBytes out) {
  if (plain.size() < 16 || plain.size() % 8 != 0 || plain.size() > kMaxWrapped)
    return Error::kCryptoUnsupported;
  const std::size_t size = plain.size() + 8;
  CAI_TRY(Wrap(kek, plain, out, size, 1));
  return Bytes(out.first(size));
}

// OpenSSL writes the whole input's size while it works.
Result<Bytes> AesKeyUnwrap(Bytes kek, Bytes wrapped, MutableBytes out) {
  if (wrapped.size() < 24 || wrapped.size() % 8 != 0 ||
      wrapped.size() > kMaxWrapped + 8)
    return Error::kCryptoBadTag;
  const std::size_t size = wrapped.size() - 8;
  if (out.size() < size) return Error::kCryptoNoRoom;
  Secret<kMaxWrapped + 8> work;
  CAI_TRY(Wrap(kek, wrapped, work.mutable_bytes(), size, 0));
  return Bytes(CopyInto(out, work.bytes().first(size)));
}

}  // namespace cai::crypto
