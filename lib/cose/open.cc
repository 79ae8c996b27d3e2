#include "lib/cose/open.h"

#include "lib/base/secret.h"
#include "lib/cose/content.h"
#include "lib/crypto/cipher.h"

namespace cai::cose {
namespace {

// The headers of the layer whose algorithm is `expected`'s.
Status CheckHeaders(const Headers& headers, const Key& key,
                    const Expected& expected) {
  CAI_TRY(headers.CheckAlgorithm(expected.algorithm,
                                 expected.unprotected_algorithm));
  CAI_TRY(headers.CheckCritical(expected.understood));
  return CheckKeyId(headers, key);
}

Error AsCose(Error error) {
  return error == Error::kCryptoBadSignature  ? Error::kCoseBadSignature
         : error == Error::kCryptoBadTag      ? Error::kCoseBadTag
         : error == Error::kCryptoUnsupported ? Error::kCoseUnsupported
                                              : error;
}

Status VerifyOne(const crypto::AsymmetricKey& key,
                 crypto::SignatureScheme scheme, const Structure& structure,
                 Bytes signature) {
  const Status status =
      crypto::Verify(key, scheme, structure.parts(), signature);
  if (!status.ok()) return AsCose(status.error());
  return kDone;
}

// A signature that is not for us is no reason to refuse, nor one to accept.
Status VerifyAny(const Message& message, const Key& key,
                 const crypto::AsymmetricKey& imported,
                 crypto::SignatureScheme scheme, Bytes payload,
                 const Expected& expected) {
  CAI_TRY_ASSIGN(Layers layers,
                 Layers::Open(message.layers, Layers::Kind::kSignatures));
  Error reason = Error::kCoseNoSigner;
  bool verified = false;
  while (layers.more()) {
    CAI_TRY_ASSIGN(const Layer layer, layers.Next());
    if (verified || !CheckHeaders(layer.headers, key, expected).ok()) continue;
    const SigStructure structure(message.headers.protected_header(),
                                 layer.headers.protected_header(),
                                 expected.external_aad, payload);
    const Status status =
        VerifyOne(imported, scheme, structure, *layer.content);
    verified = status.ok();
    if (!verified) reason = status.error();
  }
  if (!verified) return reason;
  return kDone;
}

}  // namespace

SigStructure::SigStructure(Bytes body_protected, std::optional<Bytes> signer,
                           Bytes external_aad, Bytes payload)
    : Structure(signer ? "Signature" : "Signature1", signer ? 5 : 4) {
  Bstr(body_protected);
  if (signer) Bstr(*signer);
  Bstr(external_aad);
  Bstr(payload);
}

MacStructure::MacStructure(MessageType type, Bytes protected_header,
                           Bytes external_aad, Bytes payload)
    : Structure(type == MessageType::kMac ? "MAC" : "MAC0", 4) {
  Bstr(protected_header);
  Bstr(external_aad);
  Bstr(payload);
}

EncStructure::EncStructure(MessageType type, Bytes protected_header,
                           Bytes external_aad)
    : Structure(type == MessageType::kEncrypt ? "Encrypt" : "Encrypt0", 3) {
  Bstr(protected_header);
  Bstr(external_aad);
}

Result<Bytes> ContentOf(const std::optional<Bytes>& content,
                        const std::optional<Bytes>& detached) {
  if (content.has_value() == detached.has_value()) return Error::kCoseDetached;
  return content ? *content : *detached;
}

Status CheckKeyId(const Headers& headers, const Key& key) {
  if (!key.id) return kDone;
  CAI_TRY_ASSIGN(const std::optional<Bytes> id, headers.Bstr(Header::kKeyId));
  if (id && !Equal(*id, *key.id)) return Error::kCoseWrongKeyId;
  return kDone;
}

Result<Bytes> VerifySigned(const Message& message, const Key& key,
                           const Expected& expected) {
  if (!IsSigned(message.type)) return Error::kCoseWrongType;
  CAI_TRY_ASSIGN(const crypto::SignatureScheme scheme,
                 SchemeOf(expected.algorithm));
  CAI_TRY(CheckUse(key, expected.algorithm, KeyOperation::kVerify));
  CAI_TRY_ASSIGN(const Bytes payload,
                 ContentOf(message.content, expected.detached));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey imported, Import(key));
  if (message.type == MessageType::kSign) {
    CAI_TRY(message.headers.CheckCritical(expected.understood));
    CAI_TRY(VerifyAny(message, key, imported, scheme, payload, expected));
    return payload;
  }
  CAI_TRY(CheckHeaders(message.headers, key, expected));
  const SigStructure structure(message.headers.protected_header(), {},
                               expected.external_aad, payload);
  CAI_TRY(VerifyOne(imported, scheme, structure, message.authenticator));
  return payload;
}

Result<Bytes> VerifyMaced(const Message& message, const Key& key,
                          const Expected& expected) {
  if (!IsMaced(message.type)) return Error::kCoseWrongType;
  CAI_TRY(CheckHeaders(message.headers, key, expected));
  CAI_TRY(CheckUse(key, expected.algorithm, KeyOperation::kMacVerify));
  CAI_TRY_ASSIGN(const Bytes payload,
                 ContentOf(message.content, expected.detached));
  const MacStructure structure(message.type, message.headers.protected_header(),
                               expected.external_aad, payload);
  Secret<crypto::kMaxHashSize> room;
  CAI_TRY_ASSIGN(const Bytes tag, MacTag(expected.algorithm, key, structure,
                                         room.mutable_bytes()));
  if (!ConstantTimeEqual(tag, message.authenticator)) return Error::kCoseBadTag;
  return payload;
}

Result<Bytes> OpenEncrypted(const Message& message, const Key& key,
                            const Expected& expected, MutableBytes plaintext) {
  if (!IsEncrypted(message.type)) return Error::kCoseWrongType;
  CAI_TRY(CheckHeaders(message.headers, key, expected));
  CAI_TRY(CheckUse(key, expected.algorithm, KeyOperation::kDecrypt));
  CAI_TRY_ASSIGN(const crypto::Cipher cipher, CipherOf(expected.algorithm));
  CAI_TRY_ASSIGN(const Bytes ciphertext,
                 ContentOf(message.content, expected.detached));
  ByteArray<crypto::kMaxNonceSize> room;
  const MutableBytes nonce = MutableBytes(room).first(cipher.nonce_size);
  CAI_TRY(NonceOf(message.headers, key, nonce));
  const EncStructure aad(message.type, message.headers.protected_header(),
                         expected.external_aad);
  CAI_TRY_ASSIGN(const Bytes k, SymmetricOf(key));
  const Result<Bytes> opened =
      crypto::Open(cipher, k, nonce, aad.parts(), ciphertext, plaintext);
  if (!opened.ok()) return AsCose(opened.error());
  return opened;
}

}  // namespace cai::cose
