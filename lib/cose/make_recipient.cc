#include "lib/cose/content.h"
#include "lib/cose/derive.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/random.h"

namespace cai::cose {
namespace {

using Kind = RecipientParameters::Kind;

constexpr std::size_t kMaxHeader = 1024;
constexpr std::size_t kMaxCoseKey = 16 + 2 * crypto::kMaxFieldSize;

Status FillRandom(ContentKey& key, std::size_t size) {
  CAI_TRY_ASSIGN(const MutableBytes out, key.Resize(size));
  return crypto::Random(out);
}

// An ephemeral key is the sender's own; a static one is the caller's.
struct Sender {
  crypto::AsymmetricKey key;
  ByteArray<kMaxCoseKey> room;
  Bytes encoded;  // public, as COSE_Key
};

Status EncodePublic(Sender& sender) {
  ByteArray<crypto::kPublicRoom> room;
  CAI_TRY_ASSIGN(const crypto::KeyNumbers numbers,
                 crypto::ExportPublic(sender.key, room));
  const Key key{.type = crypto::IsWeierstrass(numbers.kind) ? Key::Type::kEc2
                                                            : Key::Type::kOkp,
                .numbers = numbers};
  cbor::Writer writer(sender.room);
  CAI_TRY(WriteKey(key, false, writer));
  CAI_TRY_ASSIGN(sender.encoded, writer.Finish());
  return kDone;
}

void WriteIfPresent(HeaderWriter& writer, Header label,
                    const std::optional<Bytes>& value) {
  if (value) writer.Bstr(label, *value);
}

Result<Bytes> WriteProtected(const RecipientDraft& draft, Kind kind,
                             MutableBytes out) {
  if (HasNoProtected(kind)) return Bytes();
  return HeaderWriter(out).Algorithm(draft.algorithm).Finish();
}

// `ephemeral` is empty unless the sender's key is that; a static one goes by
// its id.
Result<Bytes> WriteUnprotected(const RecipientDraft& draft, Kind kind,
                               Bytes ephemeral, MutableBytes out) {
  HeaderWriter writer(out);
  if (HasNoProtected(kind)) writer.Algorithm(draft.algorithm);
  WriteIfPresent(writer, Header::kKeyId, draft.id);
  if (!ephemeral.empty()) writer.Item(Header::kEphemeralKey, ephemeral);
  if (draft.sender != nullptr)
    WriteIfPresent(writer, Header::kStaticKeyId, draft.sender->id);
  WriteIfPresent(writer, Header::kSalt, draft.salt);
  if (draft.send_parties) {
    WriteIfPresent(writer, Header::kPartyUIdentity, draft.kdf.u.identity);
    WriteIfPresent(writer, Header::kPartyUNonce, draft.kdf.u.nonce);
    WriteIfPresent(writer, Header::kPartyUOther, draft.kdf.u.other);
    WriteIfPresent(writer, Header::kPartyVIdentity, draft.kdf.v.identity);
    WriteIfPresent(writer, Header::kPartyVNonce, draft.kdf.v.nonce);
    WriteIfPresent(writer, Header::kPartyVOther, draft.kdf.v.other);
  }
  return writer.Finish();
}

Result<Sender> MakeSender(const RecipientDraft& draft, bool is_static,
                          crypto::KeyKind kind) {
  if (is_static && draft.sender == nullptr) return Error::kCoseNoSender;
  CAI_TRY_ASSIGN(crypto::AsymmetricKey key,
                 is_static ? Import(*draft.sender) : crypto::GenerateKey(kind));
  Sender sender{.key = std::move(key), .room = {}, .encoded = {}};
  return sender;
}

struct Buckets {
  ByteArray<8> protected_room;
  ByteArray<kMaxHeader> unprotected_room;
  Bytes protected_header, unprotected;
};

Status WriteBuckets(const RecipientDraft& draft, Kind kind, Bytes ephemeral,
                    Buckets& out) {
  CAI_TRY_ASSIGN(out.protected_header,
                 WriteProtected(draft, kind, out.protected_room));
  CAI_TRY_ASSIGN(out.unprotected, WriteUnprotected(draft, kind, ephemeral,
                                                   out.unprotected_room));
  return kDone;
}

void WriteStart(const Buckets& buckets, bool nested, cbor::Writer& writer) {
  writer.Array(nested ? 4 : 3);
  writer.Bstr(buckets.protected_header);
  writer.Raw(buckets.unprotected);
}

Status WriteWrapped(Bytes kek, Bytes key, cbor::Writer& writer) {
  ByteArray<ContentKey::kMax + 8> room;
  CAI_TRY_ASSIGN(const Bytes wrapped, crypto::AesKeyWrap(kek, key, room));
  writer.Bstr(wrapped);
  return kDone;
}

Status WriteOaep(const RecipientDraft& draft,
                 const RecipientParameters& parameters, const ContentKey& key,
                 cbor::Writer& writer) {
  CAI_TRY(CheckUse(*draft.key, draft.algorithm, KeyOperation::kWrapKey));
  Buckets buckets;
  CAI_TRY(WriteBuckets(draft, parameters.kind, {}, buckets));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey peer, Import(*draft.key));
  ByteArray<crypto::kMaxRsaSize> room;
  CAI_TRY_ASSIGN(const Bytes sealed,
                 crypto::OaepEncrypt(peer, parameters.hash, key.bytes(), room));
  WriteStart(buckets, false, writer);
  writer.Bstr(sealed);
  return kDone;
}

Status WriteAgreed(const RecipientDraft& draft,
                   const RecipientParameters& parameters, Algorithm wanted,
                   ContentKey& key, cbor::Writer& writer) {
  const bool wraps = parameters.kind == Kind::kAgreeWrap;
  CAI_TRY_ASSIGN(Sender sender, MakeSender(draft, parameters.static_sender,
                                           draft.key->numbers.kind));
  if (!parameters.static_sender) CAI_TRY(EncodePublic(sender));
  Buckets buckets;
  CAI_TRY(WriteBuckets(draft, parameters.kind, sender.encoded, buckets));
  CAI_TRY_ASSIGN(const Headers headers,
                 Headers::Parse(buckets.protected_header, buckets.unprotected));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey peer, Import(*draft.key));
  CAI_TRY_ASSIGN(ContentKey derived,
                 DeriveAgreed(parameters, wraps ? parameters.wrap : wanted,
                              headers, draft.kdf, sender.key, peer));
  WriteStart(buckets, false, writer);
  if (wraps) return WriteWrapped(derived.bytes(), key.bytes(), writer);
  key = std::move(derived);
  writer.Bstr({});
  return kDone;
}

Status WriteShared(const RecipientDraft& draft,
                   const RecipientParameters& parameters, Algorithm wanted,
                   ContentKey& key, cbor::Writer& writer) {
  Buckets buckets;
  CAI_TRY(WriteBuckets(draft, parameters.kind, {}, buckets));
  CAI_TRY_ASSIGN(const Headers headers,
                 Headers::Parse(buckets.protected_header, buckets.unprotected));
  CAI_TRY_ASSIGN(const Bytes secret, SymmetricOf(*draft.key));
  CAI_TRY_ASSIGN(key,
                 DeriveShared(parameters, wanted, headers, draft.kdf, secret));
  WriteStart(buckets, false, writer);
  writer.Bstr({});
  return kDone;
}

Status WriteAll(std::span<const RecipientDraft> drafts, Algorithm wanted,
                ContentKey& key, cbor::Writer& writer, std::size_t depth);

// With inner recipients the KEK is random and goes to them.
Status WriteKeyWrap(const RecipientDraft& draft, const ContentKey& key,
                    cbor::Writer& writer, std::size_t depth) {
  Buckets buckets;
  CAI_TRY(WriteBuckets(draft, Kind::kKeyWrap, {}, buckets));
  const bool nested = !draft.inner.empty();
  if (!nested) {
    CAI_TRY(CheckUse(*draft.key, draft.algorithm, KeyOperation::kWrapKey));
    CAI_TRY_ASSIGN(const Bytes kek, SymmetricOf(*draft.key));
    WriteStart(buckets, false, writer);
    return WriteWrapped(kek, key.bytes(), writer);
  }
  // The KEK is known once its recipients are written, which come after it.
  ByteArray<kMaxHeader> room;
  cbor::Writer inner(room);
  ContentKey kek;
  CAI_TRY(WriteAll(draft.inner, draft.algorithm, kek, inner, depth + 1));
  CAI_TRY_ASSIGN(const Bytes recipients, inner.Finish());
  WriteStart(buckets, true, writer);
  CAI_TRY(WriteWrapped(kek.bytes(), key.bytes(), writer));
  writer.Raw(recipients);
  return kDone;
}

Status WriteOne(const RecipientDraft& draft,
                const RecipientParameters& parameters, Algorithm wanted,
                ContentKey& key, cbor::Writer& writer, std::size_t depth) {
  switch (parameters.kind) {
    case Kind::kKeyWrap:
      return WriteKeyWrap(draft, key, writer, depth);
    case Kind::kOaep:
      return WriteOaep(draft, parameters, key, writer);
    case Kind::kAgree:
    case Kind::kAgreeWrap:
      return WriteAgreed(draft, parameters, wanted, key, writer);
    default:
      return WriteShared(draft, parameters, wanted, key, writer);
  }
}

// Recursion: at most Route::kMaxLevels deep.
Status WriteAll(std::span<const RecipientDraft> drafts, Algorithm wanted,
                ContentKey& key, cbor::Writer& writer, std::size_t depth) {
  if (drafts.empty()) return Error::kCoseNoRecipient;
  if (depth == Route::kMaxLevels || drafts.size() > Layers::kMaxLayers)
    return Error::kCoseTooMany;
  writer.Array(drafts.size());
  for (const RecipientDraft& draft : drafts) {
    CAI_TRY_ASSIGN(const RecipientParameters parameters,
                   RecipientOf(draft.algorithm));
    if (IsDirect(parameters.kind)) {
      if (drafts.size() != 1 || !key.empty()) return Error::kCoseKeyUse;
    } else if (key.empty()) {
      CAI_TRY_ASSIGN(const std::size_t size, KeySizeOf(wanted));
      CAI_TRY(FillRandom(key, size));
    }
    CAI_TRY(WriteOne(draft, parameters, wanted, key, writer, depth));
  }
  return kDone;
}

}  // namespace

Result<Bytes> MakeRecipients(std::span<const RecipientDraft> recipients,
                             Algorithm content, ContentKey& key,
                             MutableBytes out) {
  cbor::Writer writer(out);
  CAI_TRY(WriteAll(recipients, content, key, writer, 0));
  const Result<Bytes> done = writer.Finish();
  if (!done.ok()) return Error::kCoseNoRoom;
  return done;
}

}  // namespace cai::cose
