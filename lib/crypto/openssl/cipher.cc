#include "lib/crypto/cipher.h"

#include <limits>
#include <vector>

#include "lib/base/secret.h"
#include "lib/crypto/openssl/memory.h"

namespace cai::crypto {
namespace {

using Family = Cipher::Family;
using Context = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER* MethodOf(const Cipher& cipher) {
  switch (cipher.family) {
    case Family::kAesGcm:
      return cipher.key_size == 16   ? EVP_aes_128_gcm()
             : cipher.key_size == 24 ? EVP_aes_192_gcm()
                                     : EVP_aes_256_gcm();
    case Family::kAesCcm:
      return cipher.key_size == 16 ? EVP_aes_128_ccm() : EVP_aes_256_ccm();
    default:
      return EVP_chacha20_poly1305();
  }
}

// CCM's first block holds the length of both texts, so it takes each in one
// piece (SP 800-38C); the others stream, but joining is as good here.
std::vector<std::byte> Join(Parts parts) {
  std::vector<std::byte> joined;
  for (const Bytes part : parts)
    joined.insert(joined.end(), part.begin(), part.end());
  return joined;
}

// CCM: a nonce of 15 - L bytes leaves L for the length (RFC 3610, 2.1).
bool FitsLength(const Cipher& cipher, std::size_t size) {
  if (size > std::size_t{std::numeric_limits<int>::max()}) return false;
  const int length_bytes = 15 - cipher.nonce_size;
  return cipher.family != Family::kAesCcm || length_bytes >= 4 ||
         size >> (8 * length_bytes) == 0;
}

Status Check(const Cipher& cipher, Bytes key, Bytes nonce, std::size_t text) {
  if (key.size() != cipher.key_size || nonce.size() != cipher.nonce_size)
    return Error::kCryptoBadKey;
  if (!FitsLength(cipher, text)) return Error::kCryptoNoRoom;
  return kDone;
}

// `tag` is the expected one when opening; CCM takes just its size to seal.
bool Start(EVP_CIPHER_CTX* context, const Cipher& cipher, Bytes key,
           Bytes nonce, std::byte* tag, std::size_t text, bool seal) {
  const int encrypt = seal ? 1 : 0;
  const bool with_tag = !seal || cipher.family == Family::kAesCcm;
  int unused = 0;
  return EVP_CipherInit_ex2(context, MethodOf(cipher), nullptr, nullptr,
                            encrypt, nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
                             cipher.nonce_size, nullptr) == 1 &&
         (!with_tag ||
          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher.tag_size,
                              seal ? nullptr : tag) == 1) &&
         EVP_CipherInit_ex2(context, nullptr, AsU8(key), AsU8(nonce), encrypt,
                            nullptr) == 1 &&
         (cipher.family != Family::kAesCcm ||
          EVP_CipherUpdate(context, nullptr, &unused, nullptr,
                           static_cast<int>(text)) == 1);
}

bool AddAad(EVP_CIPHER_CTX* context, Bytes aad) {
  int unused = 0;
  return aad.empty() ||
         EVP_CipherUpdate(context, nullptr, &unused, AsU8(aad), Size(aad)) == 1;
}

// CCM must be called even for an empty text: that is where it checks the tag.
bool Crypt(EVP_CIPHER_CTX* context, std::byte* out, Bytes in) {
  unsigned char nothing[1] = {};
  int written = 0;
  std::uint8_t* const to =
      in.empty() ? nothing : reinterpret_cast<std::uint8_t*>(out);
  const std::uint8_t* const from = in.empty() ? nothing : AsU8(in);
  return EVP_CipherUpdate(context, to, &written, from, Size(in)) == 1;
}

bool End(EVP_CIPHER_CTX* context) {
  unsigned char last[EVP_MAX_BLOCK_LENGTH];
  int written = 0;
  return EVP_CipherFinal_ex(context, last, &written) == 1;
}

}  // namespace

Result<Bytes> Seal(const Cipher& cipher, Bytes key, Bytes nonce, Parts aad,
                   Bytes plaintext, MutableBytes out) {
  CAI_TRY(Check(cipher, key, nonce, plaintext.size()));
  if (out.size() < cipher.tag_size ||
      out.size() - cipher.tag_size < plaintext.size())
    return Error::kCryptoNoRoom;
  const Context context(EVP_CIPHER_CTX_new());
  std::byte* const tag = out.data() + plaintext.size();
  const bool ok = context != nullptr &&
                  Start(context.get(), cipher, key, nonce, nullptr,
                        plaintext.size(), true) &&
                  AddAad(context.get(), Join(aad)) &&
                  Crypt(context.get(), out.data(), plaintext) &&
                  End(context.get()) &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                                      cipher.tag_size, tag) == 1;
  if (!ok) return Error::kCryptoFailed;
  return Bytes(out.first(plaintext.size() + cipher.tag_size));
}

Result<Bytes> Open(const Cipher& cipher, Bytes key, Bytes nonce, Parts aad,
                   Bytes ciphertext, MutableBytes out) {
  if (ciphertext.size() < cipher.tag_size) return Error::kCryptoBadTag;
  const Bytes text = ciphertext.first(ciphertext.size() - cipher.tag_size);
  CAI_TRY(Check(cipher, key, nonce, text.size()));
  if (out.size() < text.size()) return Error::kCryptoNoRoom;
  ByteArray<16> tag;
  CopyInto(tag, ciphertext.last(cipher.tag_size));

  const Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr ||
      !Start(context.get(), cipher, key, nonce, tag.data(), text.size(), false))
    return Error::kCryptoFailed;
  // CCM has no Final: it refuses in the only update.
  const bool authentic =
      AddAad(context.get(), Join(aad)) &&
      Crypt(context.get(), out.data(), text) &&
      (cipher.family == Family::kAesCcm || End(context.get()));
  if (authentic) return Bytes(out.first(text.size()));
  Wipe(out.first(text.size()));
  return Error::kCryptoBadTag;
}

}  // namespace cai::crypto
