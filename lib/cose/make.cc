#include "lib/cose/make.h"

#include "lib/base/secret.h"
#include "lib/cbor/deterministic.h"
#include "lib/cose/content.h"
#include "lib/crypto/cipher.h"

namespace cai::cose {
namespace {

constexpr std::size_t kMaxInOneByte = 23;

// The frame up to the content: tag, array, both headers.
void WriteFrame(MessageType type, std::uint64_t fields, Bytes protected_header,
                Bytes unprotected, bool tagged, cbor::Writer& writer) {
  if (tagged) writer.Tag(static_cast<std::uint64_t>(type));
  writer.Array(fields);
  writer.Bstr(protected_header);
  writer.Raw(unprotected);
}

void WriteContent(const std::optional<Bytes>& content, cbor::Writer& writer) {
  if (content)
    writer.Bstr(*content);
  else
    writer.Null();
}

std::optional<Bytes> Attached(const Draft& draft) {
  if (draft.detached) return std::nullopt;
  return draft.payload;
}

Result<Bytes> Finish(const cbor::Writer& writer) {
  const Result<Bytes> done = writer.Finish();
  if (!done.ok()) return Error::kCoseNoRoom;
  return done;
}

// What the peer will find, it finds here first.
Result<Headers> Check(Bytes protected_header, Bytes unprotected,
                      std::optional<Algorithm> algorithm) {
  CAI_TRY_ASSIGN(const Headers headers,
                 Headers::Parse(protected_header, unprotected));
  if (algorithm) CAI_TRY(headers.CheckAlgorithm(*algorithm, false));
  return headers;
}

Result<Bytes> SignOne(Algorithm algorithm, const Key& key,
                      const Structure& structure, MutableBytes out) {
  CAI_TRY_ASSIGN(const crypto::SignatureScheme scheme, SchemeOf(algorithm));
  CAI_TRY(CheckUse(key, algorithm, KeyOperation::kSign));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey imported, Import(key));
  return crypto::Sign(imported, scheme, structure.parts(), out);
}

// None for the types without; otherwise an array of one at least.
Status CheckRecipients(Bytes recipients) {
  if (recipients.empty()) return kDone;
  CAI_TRY(Layers::Open(recipients, Layers::Kind::kRecipients));
  return kDone;
}

Status WriteSigner(const Signer& signer, Bytes body_protected, Bytes payload,
                   cbor::Writer& writer) {
  CAI_TRY_ASSIGN(
      const Headers headers,
      Check(signer.protected_header, signer.unprotected, signer.algorithm));
  const SigStructure structure(body_protected, headers.protected_header(),
                               signer.external_aad, payload);
  ByteArray<crypto::kMaxSignatureSize> room;
  CAI_TRY_ASSIGN(const Bytes signature,
                 SignOne(signer.algorithm, *signer.key, structure, room));
  writer.Array(3);
  writer.Bstr(headers.protected_header());
  writer.Raw(signer.unprotected);
  writer.Bstr(signature);
  return kDone;
}

MutableBytes SealedRoom(const Draft& draft, MutableBytes out,
                        MutableBytes detached, std::size_t at,
                        std::size_t size) {
  if (draft.detached)
    return detached.size() == size ? detached : MutableBytes();
  return at <= out.size() && out.size() - at >= size ? out.subspan(at, size)
                                                     : MutableBytes();
}

}  // namespace

void HeaderWriter::Key(Label label) {
  ++count_;
  if (label.text.empty())
    writer_.Int(label.number);
  else
    writer_.Text(label.text);
}

HeaderWriter& HeaderWriter::Int(Label label, std::int64_t value) {
  Key(label);
  writer_.Int(value);
  return *this;
}

HeaderWriter& HeaderWriter::Bstr(Label label, Bytes value) {
  Key(label);
  writer_.Bstr(value);
  return *this;
}

HeaderWriter& HeaderWriter::Text(Label label, std::string_view value) {
  Key(label);
  writer_.Text(value);
  return *this;
}

HeaderWriter& HeaderWriter::Item(Label label, Bytes encoded) {
  Key(label);
  writer_.Raw(encoded);
  return *this;
}

Result<Bytes> HeaderWriter::Finish() {
  CAI_TRY_ASSIGN(const Bytes entries, writer_.Finish());
  if (out_.empty() || count_ > kMaxInOneByte) return Error::kCborNoRoom;
  cbor::Writer(out_.first(1)).Map(count_);
  const Bytes map = out_.first(1 + entries.size());
  CAI_TRY(cbor::CheckDeterministic(map));
  return map;
}

Result<Bytes> MakeSign1(const Draft& draft, Algorithm algorithm, const Key& key,
                        MutableBytes out) {
  CAI_TRY_ASSIGN(const Headers headers,
                 Check(draft.protected_header, draft.unprotected, algorithm));
  const SigStructure structure(headers.protected_header(), {},
                               draft.external_aad, draft.payload);
  ByteArray<crypto::kMaxSignatureSize> room;
  CAI_TRY_ASSIGN(const Bytes signature,
                 SignOne(algorithm, key, structure, room));
  cbor::Writer writer(out);
  WriteFrame(MessageType::kSign1, 4, headers.protected_header(),
             draft.unprotected, draft.tagged, writer);
  WriteContent(Attached(draft), writer);
  writer.Bstr(signature);
  return Finish(writer);
}

Result<Bytes> MakeSign(const Draft& draft, std::span<const Signer> signers,
                       MutableBytes out) {
  if (signers.empty() || signers.size() > Layers::kMaxLayers)
    return Error::kCoseNoSigner;
  CAI_TRY_ASSIGN(const Headers headers,
                 Check(draft.protected_header, draft.unprotected, {}));
  cbor::Writer writer(out);
  WriteFrame(MessageType::kSign, 4, headers.protected_header(),
             draft.unprotected, draft.tagged, writer);
  WriteContent(Attached(draft), writer);
  writer.Array(signers.size());
  for (const Signer& signer : signers)
    CAI_TRY(
        WriteSigner(signer, headers.protected_header(), draft.payload, writer));
  return Finish(writer);
}

Result<Bytes> MakeMac(const Draft& draft, Algorithm algorithm, const Key& key,
                      Bytes recipients, MutableBytes out) {
  const MessageType type =
      recipients.empty() ? MessageType::kMac0 : MessageType::kMac;
  CAI_TRY_ASSIGN(const Headers headers,
                 Check(draft.protected_header, draft.unprotected, algorithm));
  CAI_TRY(CheckRecipients(recipients));
  CAI_TRY(CheckUse(key, algorithm, KeyOperation::kMacCreate));
  const MacStructure structure(type, headers.protected_header(),
                               draft.external_aad, draft.payload);
  ByteArray<crypto::kMaxHashSize> room;
  CAI_TRY_ASSIGN(const Bytes tag, MacTag(algorithm, key, structure, room));
  cbor::Writer writer(out);
  WriteFrame(type, recipients.empty() ? 4 : 5, headers.protected_header(),
             draft.unprotected, draft.tagged, writer);
  WriteContent(Attached(draft), writer);
  writer.Bstr(tag);
  writer.Raw(recipients);
  return Finish(writer);
}

Result<Bytes> MakeEncrypt(const Draft& draft, Algorithm algorithm,
                          const Key& key, Bytes recipients, MutableBytes out,
                          MutableBytes detached) {
  const MessageType type =
      recipients.empty() ? MessageType::kEncrypt0 : MessageType::kEncrypt;
  CAI_TRY_ASSIGN(const Headers headers,
                 Check(draft.protected_header, draft.unprotected, algorithm));
  CAI_TRY(CheckRecipients(recipients));
  CAI_TRY(CheckUse(key, algorithm, KeyOperation::kEncrypt));
  CAI_TRY_ASSIGN(const crypto::Cipher cipher, CipherOf(algorithm));
  CAI_TRY_ASSIGN(const Bytes k, SymmetricOf(key));
  ByteArray<crypto::kMaxNonceSize> room;
  const MutableBytes nonce = MutableBytes(room).first(cipher.nonce_size);
  CAI_TRY(NonceOf(headers, key, nonce));

  cbor::Writer writer(out);
  WriteFrame(type, recipients.empty() ? 3 : 4, headers.protected_header(),
             draft.unprotected, draft.tagged, writer);
  const std::size_t size = draft.payload.size() + cipher.tag_size;
  if (draft.detached)
    writer.Null();
  else
    writer.BstrHead(size);
  const MutableBytes sealed =
      SealedRoom(draft, out, detached, writer.size(), size);
  if (sealed.size() != size) return Error::kCoseNoRoom;
  const EncStructure aad(type, headers.protected_header(), draft.external_aad);
  CAI_TRY(crypto::Seal(cipher, k, nonce, aad.parts(), draft.payload, sealed));
  if (!draft.detached) writer.Raw(sealed);  // over itself
  writer.Raw(recipients);
  return Finish(writer);
}

Result<Bytes> WithUnprotected(const Message& message, Bytes unprotected,
                              bool tagged, MutableBytes out) {
  CAI_TRY(Headers::Parse(message.headers.protected_header(), unprotected));
  const bool authenticated =
      message.type == MessageType::kSign1 || IsMaced(message.type);
  const bool layered = !message.layers.empty();
  cbor::Writer writer(out);
  WriteFrame(message.type, 3 + authenticated + layered,
             message.headers.protected_header(), unprotected, tagged, writer);
  WriteContent(message.content, writer);
  if (authenticated) writer.Bstr(message.authenticator);
  writer.Raw(message.layers);
  return Finish(writer);
}

}  // namespace cai::cose
