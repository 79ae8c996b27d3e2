// AES key wrap, RFC 3394.
#include <openssl/evp.h>

#include "lib/base/secret.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/openssl/memory.h"

namespace cai::crypto {
namespace {

using Context = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

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
  const Context context(EVP_CIPHER_CTX_new());
  if (!context) return Error::kCryptoFailed;
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
