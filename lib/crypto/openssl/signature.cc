#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <vector>

#include "lib/crypto/openssl/asymmetric.h"
#include "lib/crypto/openssl/digest.h"
#include "lib/crypto/openssl/memory.h"

namespace cai::crypto {
namespace {

using Family = SignatureScheme::Family;
using Pair = Owned<ECDSA_SIG, ECDSA_SIG_free>;

constexpr std::size_t kMaxDer = 2 * kMaxFieldSize + 16;

bool Fits(const AsymmetricKey& key, SignatureScheme scheme) {
  switch (scheme.family) {
    case Family::kEcdsa:
      return IsWeierstrass(key.kind());
    case Family::kEdDsa:
      return key.kind() == KeyKind::kEd25519 || key.kind() == KeyKind::kEd448;
    default:
      return key.kind() == KeyKind::kRsa;
  }
}

bool SetPss(EVP_PKEY_CTX* context, SignatureScheme scheme) {
  return scheme.family != Family::kRsaPss ||
         (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) ==
              1 &&
          EVP_PKEY_CTX_set_rsa_mgf1_md(context, MethodOf(scheme.hash)) == 1);
}

const EVP_MD* DigestOf(SignatureScheme scheme) {
  return scheme.family == Family::kEdDsa ? nullptr : MethodOf(scheme.hash);
}

// EdDSA reads its message twice, so OpenSSL takes it in one piece; the others
// go the same way.
std::vector<std::byte> Join(Parts parts) {
  std::vector<std::byte> joined;
  for (const Bytes part : parts)
    joined.insert(joined.end(), part.begin(), part.end());
  return joined;
}

// The DER of OpenSSL to r || s (RFC 9053, 2.1).
Result<Bytes> FromDer(Bytes der, std::size_t size, MutableBytes out) {
  if (out.size() < 2 * size) return Error::kCryptoNoRoom;
  const std::uint8_t* at = AsU8(der);
  const Pair pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  const int width = static_cast<int>(size);
  if (pair == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), AsU8(out), width) != width ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), AsU8(out.subspan(size)),
                   width) != width)
    return Error::kCryptoFailed;
  return Bytes(out.first(2 * size));
}

Result<Bytes> ToDer(Bytes signature, std::size_t size,
                    std::span<std::byte, kMaxDer> out) {
  if (signature.size() != 2 * size) return Error::kCryptoBadSignature;
  const Pair pair(ECDSA_SIG_new());
  BIGNUM* const r = BN_bin2bn(AsU8(signature), static_cast<int>(size), nullptr);
  BIGNUM* const s =
      BN_bin2bn(AsU8(signature.subspan(size)), static_cast<int>(size), nullptr);
  if (pair == nullptr || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return Error::kCryptoFailed;
  }
  std::uint8_t* at = AsU8(out);
  const int written = i2d_ECDSA_SIG(pair.get(), &at);
  if (written <= 0) return Error::kCryptoBadSignature;
  return Bytes(out.first(static_cast<std::size_t>(written)));
}

}  // namespace

Result<Bytes> Sign(const AsymmetricKey& key, SignatureScheme scheme,
                   Parts message, MutableBytes out) {
  if (!key.is_private() || !Fits(key, scheme)) return Error::kCryptoBadKey;
  const OwnedDigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), &options, DigestOf(scheme), nullptr,
                         PkeyOf(key)) != 1 ||
      !SetPss(options, scheme))
    return Error::kCryptoFailed;
  const std::vector<std::byte> joined = Join(message);
  ByteArray<kMaxSignatureSize> made;
  std::size_t size = made.size();
  if (EVP_DigestSign(context.get(), AsU8(MutableBytes(made)), &size,
                     AsU8(Bytes(joined)), joined.size()) != 1)
    return Error::kCryptoFailed;
  const Bytes signature = Bytes(made).first(size);
  if (scheme.family == Family::kEcdsa)
    return FromDer(signature, FieldSize(key.kind()), out);
  if (out.size() < size) return Error::kCryptoNoRoom;
  return Bytes(CopyInto(out, signature));
}

Status Verify(const AsymmetricKey& key, SignatureScheme scheme, Parts message,
              Bytes signature) {
  if (!Fits(key, scheme)) return Error::kCryptoBadKey;
  ByteArray<kMaxDer> room;
  if (scheme.family == Family::kEcdsa) {
    CAI_TRY_ASSIGN(signature, ToDer(signature, FieldSize(key.kind()), room));
  }
  const OwnedDigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (context == nullptr ||
      EVP_DigestVerifyInit(context.get(), &options, DigestOf(scheme), nullptr,
                           PkeyOf(key)) != 1 ||
      !SetPss(options, scheme))
    return Error::kCryptoFailed;
  const std::vector<std::byte> joined = Join(message);
  if (EVP_DigestVerify(context.get(), AsU8(signature), signature.size(),
                       AsU8(Bytes(joined)), joined.size()) != 1)
    return Error::kCryptoBadSignature;
  return kDone;
}

}  // namespace cai::crypto
