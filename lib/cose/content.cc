#include "lib/cose/content.h"

#include "lib/crypto/mac.h"

namespace cai::cose {

Result<crypto::AsymmetricKey> Import(const Key& key) {
  if (key.type == Key::Type::kSymmetric) return Error::kCoseKeyUse;
  return crypto::ImportKey(key.numbers);
}

Result<Bytes> SymmetricOf(const Key& key) {
  if (key.type != Key::Type::kSymmetric || key.k.empty())
    return Error::kCoseKeyUse;
  return key.k;
}

// An HMAC key may have another size than its hash, where a recipient carried it
// (RFC 9053, 3.1); an AES key may not.
Result<Bytes> MacTag(Algorithm algorithm, const Key& key,
                     const Structure& structure, MutableBytes out) {
  CAI_TRY_ASSIGN(const MacParameters mac, MacOf(algorithm));
  CAI_TRY_ASSIGN(const Bytes k, SymmetricOf(key));
  const MutableBytes tag = out.first(mac.tag_size);
  if (mac.aes_cbc) {
    if (k.size() != mac.key_size) return Error::kCoseKeyUse;
    CAI_TRY(crypto::AesCbcMac(k, structure.parts(), tag));
    return Bytes(tag);
  }
  CAI_TRY(crypto::HmacOf(mac.hash, k, structure.parts(),
                         out.first(crypto::HashSize(mac.hash))));
  return Bytes(tag);
}

Status NonceOf(const Headers& headers, const Key& key, MutableBytes nonce) {
  CAI_TRY_ASSIGN(const std::optional<Bytes> iv, headers.Bstr(Header::kIv));
  CAI_TRY_ASSIGN(const std::optional<Bytes> partial,
                 headers.Bstr(Header::kPartialIv));
  if (iv.has_value() == partial.has_value()) return Error::kCoseBadIv;
  if (iv) {
    if (iv->size() != nonce.size()) return Error::kCoseBadIv;
    CopyInto(nonce, *iv);
    return kDone;
  }
  if (!key.base_iv || key.base_iv->size() != nonce.size() || partial->empty() ||
      partial->size() > nonce.size())
    return Error::kCoseBadIv;
  CopyInto(nonce, *key.base_iv);
  const MutableBytes end = nonce.last(partial->size());
  for (std::size_t i = 0; i < end.size(); ++i) end[i] ^= (*partial)[i];
  return kDone;
}

}  // namespace cai::cose
