// Key agreement and key transport.
#include <openssl/rsa.h>

#include "lib/base/secret.h"
#include "lib/crypto/openssl/asymmetric.h"
#include "lib/crypto/openssl/digest.h"
#include "lib/crypto/openssl/memory.h"

namespace cai::crypto {
namespace {

bool CanAgree(KeyKind kind) {
  return IsWeierstrass(kind) || kind == KeyKind::kX25519 ||
         kind == KeyKind::kX448;
}

OwnedPkeyContext ContextOf(const AsymmetricKey& key) {
  return OwnedPkeyContext(
      EVP_PKEY_CTX_new_from_pkey(nullptr, PkeyOf(key), nullptr));
}

bool SetOaep(EVP_PKEY_CTX* context, HashAlgorithm hash) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, MethodOf(hash)) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, MethodOf(hash)) == 1;
}

}  // namespace

Result<Bytes> Agree(const AsymmetricKey& own, const AsymmetricKey& peer,
                    MutableBytes out) {
  if (!own.is_private() || own.kind() != peer.kind() || !CanAgree(own.kind()))
    return Error::kCryptoBadKey;
  std::size_t size = FieldSize(own.kind());
  if (out.size() < size) return Error::kCryptoNoRoom;
  const OwnedPkeyContext context = ContextOf(own);
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1)
    return Error::kCryptoFailed;
  // OpenSSL checks the peer's point here and a secret of zeros below.
  if (EVP_PKEY_derive_set_peer_ex(context.get(), PkeyOf(peer), 1) != 1 ||
      EVP_PKEY_derive(context.get(), AsU8(out), &size) != 1)
    return Error::kCryptoBadPoint;
  return Bytes(out.first(size));
}

Result<Bytes> OaepEncrypt(const AsymmetricKey& key, HashAlgorithm hash,
                          Bytes plain, MutableBytes out) {
  if (key.kind() != KeyKind::kRsa) return Error::kCryptoBadKey;
  if (out.size() < static_cast<std::size_t>(EVP_PKEY_get_size(PkeyOf(key))))
    return Error::kCryptoNoRoom;
  const OwnedPkeyContext context = ContextOf(key);
  std::size_t size = out.size();
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) != 1 ||
      !SetOaep(context.get(), hash) ||
      EVP_PKEY_encrypt(context.get(), AsU8(out), &size, AsU8(plain),
                       plain.size()) != 1)
    return Error::kCryptoFailed;
  return Bytes(out.first(size));
}

Result<Bytes> OaepDecrypt(const AsymmetricKey& key, HashAlgorithm hash,
                          Bytes cipher, MutableBytes out) {
  if (key.kind() != KeyKind::kRsa || !key.is_private())
    return Error::kCryptoBadKey;
  const OwnedPkeyContext context = ContextOf(key);
  Secret<kMaxRsaSize> plain;
  std::size_t size = plain.size();
  if (context == nullptr || EVP_PKEY_decrypt_init(context.get()) != 1 ||
      !SetOaep(context.get(), hash) ||
      EVP_PKEY_decrypt(context.get(), AsU8(plain.mutable_bytes()), &size,
                       AsU8(cipher), cipher.size()) != 1)
    return Error::kCryptoBadTag;
  if (size > out.size()) return Error::kCryptoNoRoom;
  return Bytes(CopyInto(out, plain.bytes().first(size)));
}

}  // namespace cai::crypto
