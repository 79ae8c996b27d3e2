#include "lib/cose/derive.h"

#include "lib/crypto/mac.h"

namespace cai::cose {
namespace {

using Kind = RecipientParameters::Kind;

// A key for `wanted` from the secret, with the context of RFC 9053, 5.2.
Result<ContentKey> Expand(const RecipientParameters& parameters,
                          Algorithm wanted, const Headers& headers,
                          const KdfInputs& inputs, Bytes secret) {
  CAI_TRY_ASSIGN(const std::size_t size, KeySizeOf(wanted));
  ByteArray<kMaxKdfContext> room;
  CAI_TRY_ASSIGN(const Bytes context,
                 EncodeKdfContext(wanted, size, headers, inputs, room));
  CAI_TRY_ASSIGN(const std::optional<Bytes> salt, headers.Bstr(Header::kSalt));
  ContentKey key;
  CAI_TRY_ASSIGN(const MutableBytes out, key.Resize(size));
  if (parameters.kind == Kind::kHkdfAes)
    CAI_TRY(crypto::HkdfAes(secret, {&context, 1}, out));
  else
    CAI_TRY(crypto::Hkdf(parameters.hash, salt.value_or(Bytes()), secret,
                         {&context, 1}, out));
  return key;
}

// RFC 9053, 6.3.1: two static keys always share the same secret, so something
// must make this message's content key differ. A key that is only wrapped with
// what they share differs by itself.
Status CheckFresh(const Headers& headers, const KdfInputs& inputs) {
  if (headers.Find(Header::kSalt) == nullptr &&
      headers.Find(Header::kPartyUNonce) == nullptr && !inputs.u.nonce)
    return Error::kCoseBadKdf;
  return kDone;
}

}  // namespace

Result<MutableBytes> ContentKey::Resize(std::size_t size) {
  if (size > kMax) return Error::kCoseNoRoom;
  size_ = size;
  return secret_.mutable_bytes().first(size);
}

Result<ContentKey> DeriveShared(const RecipientParameters& parameters,
                                Algorithm wanted, const Headers& headers,
                                const KdfInputs& inputs, Bytes secret) {
  if (parameters.kind != Kind::kDirect)
    return Expand(parameters, wanted, headers, inputs, secret);
  ContentKey key;
  CAI_TRY_ASSIGN(const MutableBytes out, key.Resize(secret.size()));
  CopyInto(out, secret);
  return key;
}

Result<ContentKey> DeriveAgreed(const RecipientParameters& parameters,
                                Algorithm wanted, const Headers& headers,
                                const KdfInputs& inputs,
                                const crypto::AsymmetricKey& own,
                                const crypto::AsymmetricKey& peer) {
  if (parameters.static_sender && parameters.kind == Kind::kAgree)
    CAI_TRY(CheckFresh(headers, inputs));
  Secret<crypto::kMaxFieldSize> room;
  CAI_TRY_ASSIGN(const Bytes secret,
                 crypto::Agree(own, peer, room.mutable_bytes()));
  return Expand(parameters, wanted, headers, inputs, secret);
}

}  // namespace cai::cose
