#include "lib/cose/hpke.h"

#include "lib/cose/open.h"

namespace cai::cose {
namespace {

using hpke::Aead;
using hpke::Kdf;
using hpke::Kem;

constexpr hpke::Suite kSuites[] = {
    {Kem::kP256, Kdf::kSha256, Aead::kAes128Gcm},
    {Kem::kP384, Kdf::kSha384, Aead::kAes256Gcm},
    {Kem::kP521, Kdf::kSha512, Aead::kAes256Gcm},
    {Kem::kX25519, Kdf::kSha256, Aead::kAes128Gcm},
    {Kem::kX25519, Kdf::kSha256, Aead::kChaCha20Poly1305},
    {Kem::kX448, Kdf::kSha512, Aead::kAes256Gcm},
    {Kem::kX448, Kdf::kSha512, Aead::kChaCha20Poly1305},
    {Kem::kP256, Kdf::kSha256, Aead::kAes256Gcm},
};

constexpr std::size_t kMaxProtected = 256;
constexpr std::size_t kMaxRecipientStructure =
    64 + kMaxProtected + kMaxHpkeInfo;

// ["HPKE Recipient", next_layer_alg, recipient_protected_header,
// recipient_extra_info]: what stands for COSE_KDF_Context here.
Result<Bytes> RecipientStructure(Algorithm content, Bytes protected_header,
                                 Bytes extra_info, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(4);
  writer.Text("HPKE Recipient");
  writer.Int(static_cast<std::int64_t>(content));
  writer.Bstr(protected_header);
  writer.Bstr(extra_info);
  if (writer.size() > out.size()) return Error::kCoseNoRoom;
  return writer.Finish();
}

// The mode that the headers show is the one that the caller asks for.
Status CheckPsk(const Headers& headers, const HpkeInputs& inputs) {
  CAI_TRY_ASSIGN(const auto id, headers.Bstr(kPskId));
  if (id.has_value() != !inputs.psk.empty()) return Error::kHpkeNoPsk;
  if (!id) return kDone;
  if (!headers.Find(kPskId)->is_protected) return Error::kCoseUnexpectedHeader;
  return Equal(*id, inputs.psk_id) ? Status(kDone) : Error::kHpkeNoPsk;
}

// What every HPKE layer has to have, made or opened.
Status CheckLayer(const Headers& headers, HpkeAlgorithm algorithm,
                  const HpkeInputs& inputs) {
  constexpr Label kUnderstood[] = {kEncapsulatedKey, kPskId};
  CAI_TRY(headers.CheckAlgorithm(AlgorithmOf(algorithm), false));
  CAI_TRY(headers.CheckCritical(kUnderstood));
  return CheckPsk(headers, inputs);
}

hpke::Terms TermsOf(const HpkeInputs& inputs, Bytes info) {
  return {.info = info, .psk = inputs.psk, .psk_id = inputs.psk_id};
}

Result<hpke::Context> Receive(const Headers& headers, HpkeAlgorithm algorithm,
                              const Key& key, const HpkeInputs& inputs,
                              Bytes info) {
  CAI_TRY(CheckUse(key, AlgorithmOf(algorithm), KeyOperation::kDeriveBits));
  CAI_TRY_ASSIGN(const auto enc, headers.Bstr(kEncapsulatedKey));
  if (!enc) return Error::kCoseMalformed;
  CAI_TRY_ASSIGN(const auto own, crypto::ImportKey(key.numbers));
  return hpke::SetupReceiver(SuiteOf(algorithm), *enc, own,
                             TermsOf(inputs, info));
}

Result<hpke::Sender> Send(HpkeAlgorithm algorithm, const Key& peer,
                          const HpkeInputs& inputs, Bytes info) {
  CAI_TRY_ASSIGN(const auto key, crypto::ImportKey(peer.numbers));
  return hpke::SetupSender(SuiteOf(algorithm), key, TermsOf(inputs, info));
}

// The pairs of `open` and, at the place that deterministic order gives a
// label of -4, ek.
Status WriteOpenHeaders(Bytes open, Bytes enc, cbor::Writer& writer) {
  const auto headers = Headers::Parse({}, open);
  if (!headers.ok()) return headers.error();
  if (headers->Find(kEncapsulatedKey) != nullptr)
    return Error::kCoseDuplicateHeader;
  const auto write = [&](const Parameter& parameter) {
    if (parameter.label.text.empty())
      writer.Int(parameter.label.number);
    else
      writer.Text(parameter.label.text);
    writer.Raw(parameter.value);
  };
  const auto before = [](const Label& label) {
    return label.text.empty() && (label.number >= 0 || label.number > -4);
  };
  writer.Map(headers->all().size() + 1);
  for (const Parameter& parameter : headers->all())
    if (before(parameter.label)) write(parameter);
  writer.Int(kEncapsulatedKey.number);
  writer.Bstr(enc);
  for (const Parameter& parameter : headers->all())
    if (!before(parameter.label)) write(parameter);
  return kDone;
}

}  // namespace

hpke::Suite SuiteOf(HpkeAlgorithm algorithm) {
  const auto number = static_cast<std::int32_t>(algorithm);
  if (IsKeyEncryption(algorithm))
    return kSuites[number - static_cast<std::int32_t>(HpkeAlgorithm::kHpke0Ke)];
  constexpr std::int32_t kThird =
      static_cast<std::int32_t>(HpkeAlgorithm::kHpke3);
  // 35, 37, 39, then 41 to 45.
  return kSuites[number < kThird ? (number - 35) / 2 : number - kThird + 3];
}

// ---- Integrated encryption --------------------------------------------------

Result<Bytes> MakeHpke0(const Draft& draft, HpkeAlgorithm algorithm,
                        const Key& peer, const HpkeInputs& inputs,
                        MutableBytes out) {
  if (IsKeyEncryption(algorithm)) return Error::kCoseWrongAlgorithm;
  CAI_TRY_ASSIGN(const Headers headers,
                 Headers::Parse(draft.protected_header, draft.unprotected));
  CAI_TRY(CheckLayer(headers, algorithm, inputs));
  CAI_TRY_ASSIGN(hpke::Sender sender,
                 Send(algorithm, peer, inputs, inputs.info));
  cbor::Writer writer(out);
  if (draft.tagged) writer.Tag(kTagEncrypt0);
  writer.Array(3);
  writer.Bstr(headers.protected_header());
  CAI_TRY(WriteOpenHeaders(draft.unprotected, sender.enc(), writer));
  const std::size_t sealed_size = draft.payload.size() + hpke::kHpkeTagSize;
  writer.BstrHead(sealed_size);
  const std::size_t head = writer.size();
  if (head > out.size() || sealed_size > out.size() - head)
    return Error::kCoseNoRoom;
  const EncStructure aad(MessageType::kEncrypt0, headers.protected_header(),
                         inputs.external_aad);
  CAI_TRY(sender.context.Seal(aad.parts(), draft.payload, out.subspan(head)));
  return Bytes(out.first(head + sealed_size));
}

Result<Bytes> OpenHpke0(const Message& message, HpkeAlgorithm algorithm,
                        const Key& key, const HpkeInputs& inputs,
                        MutableBytes plaintext) {
  if (message.type != MessageType::kEncrypt0 || IsKeyEncryption(algorithm))
    return Error::kCoseWrongAlgorithm;
  CAI_TRY(CheckLayer(message.headers, algorithm, inputs));
  CAI_TRY(CheckKeyId(message.headers, key));
  if (!message.content) return Error::kCoseDetached;
  if (message.content->size() < hpke::kHpkeTagSize) return Error::kCoseBadTag;
  CAI_TRY_ASSIGN(hpke::Context context,
                 Receive(message.headers, algorithm, key, inputs, inputs.info));
  const EncStructure aad(MessageType::kEncrypt0,
                         message.headers.protected_header(),
                         inputs.external_aad);
  const auto plain = context.Open(aad.parts(), *message.content, plaintext);
  if (!plain.ok() && plain.error() == Error::kCryptoBadTag)
    return Error::kCoseBadTag;
  return plain;
}

// ---- Key encryption ---------------------------------------------------------

Result<Bytes> MakeHpkeRecipient(const HpkeRecipient& recipient,
                                Algorithm content, Bytes content_key,
                                const HpkeInputs& inputs, MutableBytes out) {
  if (!IsKeyEncryption(recipient.algorithm)) return Error::kCoseWrongAlgorithm;
  CAI_TRY_ASSIGN(
      const Headers headers,
      Headers::Parse(recipient.protected_header, recipient.unprotected));
  CAI_TRY(CheckLayer(headers, recipient.algorithm, inputs));
  ByteArray<kMaxRecipientStructure> room;
  CAI_TRY_ASSIGN(const Bytes info,
                 RecipientStructure(content, headers.protected_header(),
                                    inputs.info, room));
  CAI_TRY_ASSIGN(hpke::Sender sender,
                 Send(recipient.algorithm, *recipient.peer, inputs, info));
  cbor::Writer writer(out);
  writer.Array(3);
  writer.Bstr(headers.protected_header());
  CAI_TRY(WriteOpenHeaders(recipient.unprotected, sender.enc(), writer));
  const std::size_t sealed_size = content_key.size() + hpke::kHpkeTagSize;
  writer.BstrHead(sealed_size);
  const std::size_t head = writer.size();
  if (head > out.size() || sealed_size > out.size() - head)
    return Error::kCoseNoRoom;
  CAI_TRY(sender.context.Seal(inputs.aad, content_key, out.subspan(head)));
  return Bytes(out.first(head + sealed_size));
}

namespace {

Result<ContentKey> OpenRecipient(const Layer& layer, Algorithm content,
                                 HpkeAlgorithm algorithm, const Key& key,
                                 const HpkeInputs& inputs) {
  CAI_TRY(CheckLayer(layer.headers, algorithm, inputs));
  // The draft's recipients have none below them.
  if (!layer.content || !layer.layers.empty()) return Error::kCoseMalformed;
  CAI_TRY_ASSIGN(const std::size_t size, KeySizeOf(content));
  if (layer.content->size() != size + hpke::kHpkeTagSize)
    return Error::kCoseBadTag;
  ByteArray<kMaxRecipientStructure> room;
  CAI_TRY_ASSIGN(const Bytes info,
                 RecipientStructure(content, layer.headers.protected_header(),
                                    inputs.info, room));
  CAI_TRY_ASSIGN(hpke::Context context,
                 Receive(layer.headers, algorithm, key, inputs, info));
  ContentKey out;
  CAI_TRY_ASSIGN(const MutableBytes to, out.Resize(size));
  const auto opened = context.Open(inputs.aad, *layer.content, to);
  if (!opened.ok()) return Error::kCoseBadTag;
  return out;
}

}  // namespace

Result<ContentKey> FindHpkeContentKey(const Message& message, Algorithm content,
                                      HpkeAlgorithm algorithm, const Key& key,
                                      const HpkeInputs& inputs) {
  if (!IsKeyEncryption(algorithm) || !IsEncrypted(message.type))
    return Error::kCoseWrongAlgorithm;
  // The body must name what the recipients say the key is for.
  CAI_TRY(message.headers.CheckAlgorithm(content, false));
  CAI_TRY_ASSIGN(Layers layers,
                 Layers::Open(message.layers, Layers::Kind::kRecipients));
  CAI_TRY(CheckDirectAlone(layers));
  while (layers.more()) {
    CAI_TRY_ASSIGN(const Layer layer, layers.Next());
    if (!layer.headers.CheckAlgorithm(AlgorithmOf(algorithm), false).ok() ||
        !CheckKeyId(layer.headers, key).ok())
      continue;
    return OpenRecipient(layer, content, algorithm, key, inputs);
  }
  return Error::kCoseNoRecipient;
}

}  // namespace cai::cose
