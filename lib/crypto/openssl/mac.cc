#include "lib/crypto/mac.h"

#include <openssl/core_names.h>

#include "lib/base/secret.h"
#include "lib/crypto/openssl/digest.h"
#include "lib/crypto/openssl/memory.h"

namespace cai::crypto {
namespace {

using OwnedMacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using OwnedCipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::size_t kAesBlock = 16;

EVP_MAC* HmacMethod() {
  static EVP_MAC* const method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return method;
}

// One block at a time through AES, each added to the last result.
class CbcMac {
 public:
  explicit CbcMac(Bytes key) : context_(EVP_CIPHER_CTX_new()) {
    const EVP_CIPHER* const aes =
        key.size() == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb();
    ok_ = context_ != nullptr &&
          EVP_EncryptInit_ex2(context_.get(), aes, AsU8(key), nullptr,
                              nullptr) == 1 &&
          EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
  }

  void Update(Bytes part) {
    for (const std::byte b : part) {
      block_.mutable_bytes()[at_++] ^= b;
      if (at_ == kAesBlock) Encrypt();
    }
  }

  // The zeros that fill the last block change nothing when added.
  bool Finish(MutableBytes out) {
    if (at_ != 0) Encrypt();
    CopyInto(out, block_.bytes());
    return ok_;
  }

 private:
  void Encrypt() {
    int written = 0;
    std::uint8_t* const block = AsU8(block_.mutable_bytes());
    ok_ = ok_ && EVP_EncryptUpdate(context_.get(), block, &written, block,
                                   kAesBlock) == 1;
    at_ = 0;
  }

  OwnedCipherContext context_;
  Secret<kAesBlock> block_;
  std::size_t at_ = 0;
  bool ok_ = false;
};

}  // namespace

const EVP_MD* MethodOf(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha1:
      return EVP_sha1();
    case HashAlgorithm::kSha256:
      return EVP_sha256();
    case HashAlgorithm::kSha384:
      return EVP_sha384();
    default:
      return EVP_sha512();
  }
}

Status HashOf(HashAlgorithm hash, Parts parts, MutableBytes out) {
  if (out.size() != HashSize(hash)) return Error::kCryptoNoRoom;
  const OwnedDigestContext context(EVP_MD_CTX_new());
  bool ok = context != nullptr &&
            EVP_DigestInit_ex2(context.get(), MethodOf(hash), nullptr) == 1;
  for (const Bytes part : parts)
    ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  if (!ok || EVP_DigestFinal_ex(context.get(), AsU8(out), nullptr) != 1)
    return Error::kCryptoFailed;
  return kDone;
}

Status HmacOf(HashAlgorithm hash, Bytes key, Parts parts, MutableBytes out) {
  if (out.size() != HashSize(hash)) return Error::kCryptoNoRoom;
  // OSSL_PARAM wants a mutable name, which it only reads.
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(
          OSSL_MAC_PARAM_DIGEST,
          const_cast<char*>(EVP_MD_get0_name(MethodOf(hash))), 0),
      OSSL_PARAM_construct_end()};
  // A null key means "as before": an empty one needs an address.
  static constexpr unsigned char kEmpty[1] = {};
  const OwnedMacContext context(EVP_MAC_CTX_new(HmacMethod()));
  bool ok = context != nullptr &&
            EVP_MAC_init(context.get(), key.empty() ? kEmpty : AsU8(key),
                         key.size(), parameters) == 1;
  for (const Bytes part : parts)
    ok = ok && EVP_MAC_update(context.get(), AsU8(part), part.size()) == 1;
  std::size_t written = 0;
  if (!ok ||
      EVP_MAC_final(context.get(), AsU8(out), &written, out.size()) != 1 ||
      written != out.size())
    return Error::kCryptoFailed;
  return kDone;
}

Status AesCbcMac(Bytes key, Parts parts, MutableBytes out) {
  if (key.size() != 16 && key.size() != 32) return Error::kCryptoBadKey;
  if (out.size() > kAesBlock) return Error::kCryptoNoRoom;
  CbcMac mac(key);
  for (const Bytes part : parts) mac.Update(part);
  if (!mac.Finish(out)) return Error::kCryptoFailed;
  return kDone;
}

}  // namespace cai::crypto
