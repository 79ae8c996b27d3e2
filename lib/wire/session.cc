#include "lib/wire/session.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/cose/sign1.h"
#include "lib/keys/keys.h"
#include "lib/wire/fields.h"
#include "lib/wire/own_header.h"

namespace cai::wire {
namespace {

constexpr std::int64_t kIvKey = 5;
constexpr std::uint64_t kMaxCounter = (std::uint64_t{1} << 40) - 1;

// {1: 1}: the session message itself is always A128GCM.
constexpr ByteArray<3> kBodyProtected = {std::byte{0xa1}, std::byte{0x01},
                                         std::byte{0x01}};

// ["Encrypt", {1: 1}, h''].
Result<Bytes> BodyAad(std::span<std::byte, cose::kMaxEncStructure> out) {
  return cose::EncodeEncStructure(cose::EncContext::kEncrypt, kBodyProtected,
                                  out);
}

// Whose keys, for what: names taken from the registry and the signed header,
// never from the encrypted message itself.
struct Parties {
  Parties(const Ueid& ueid_of_sender, const Svc& svc, const KeyId& kid,
          const crypto::Digest& id_of_session)
      : ueid(ueid_of_sender), id(id_of_session) {
    CopyInto(receiver, svc);
    CopyInto(MutableBytes(receiver).subspan(svc.size()), kid);
  }
  cose::KdfParties get() const { return {ueid, receiver, id}; }

  Ueid ueid;
  ByteArray<16> receiver;  // svc || kid
  crypto::Digest id;
};

// All that one session's randomness gives, derived from one draw
// (protocol 1.3).
struct Material {
  Secret<32> ephemeral;
  cose::Cek cek;
  Secret<12> iv;
  Secret<32> secret;  // SS
};

Status Derive(const SessionEntropy& entropy, const crypto::Digest& id,
              Material& out) {
  Secret<crypto::kHashSize> prk;
  crypto::HkdfExtract(id, {entropy.draw.bytes(), entropy.hedge.bytes()},
                      prk.mutable_bytes());
  CAI_TRY(keys::Scalar(prk.bytes(), "eph", Bytes(id),
                       out.ephemeral.mutable_bytes()));
  keys::Expand(prk.bytes(), "cek", Bytes(id), out.cek.mutable_bytes());
  keys::Expand(prk.bytes(), "iv", Bytes(id), out.iv.mutable_bytes());
  keys::Expand(prk.bytes(), "ss", Bytes(id), out.secret.mutable_bytes());
  return kDone;
}

Result<cose::Recipient> MakeRecipient(const SessionOpening& opening,
                                      const crypto::Digest& id,
                                      const Material& material) {
  CAI_TRY_ASSIGN(const crypto::P256Private imported,
                 crypto::ImportScalar(material.ephemeral.bytes()));
  const crypto::ScopedKey ephemeral(imported);
  CAI_TRY_ASSIGN(const crypto::P256Public ephemeral_public,
                 crypto::PublicKey(ephemeral.get()));
  const KeyId kid = KeyIdOf(opening.service);
  const Parties parties(opening.ueid, opening.header.svc, kid, id);
  return cose::WrapFor(kid, opening.service, ephemeral.get(), ephemeral_public,
                       parties.get(), material.cek);
}

std::size_t BstrSize(std::size_t size) {
  cbor::Writer writer({});
  writer.BstrHead(size);
  return writer.size() + size;
}

std::size_t PlainSize(std::size_t token) {
  return 1 + BstrSize(32) + BstrSize(token);
}

std::size_t EncryptSize(std::size_t token) {
  return 1 + BstrSize(kBodyProtected.size()) + (1 + 1 + BstrSize(12)) +
         BstrSize(PlainSize(token) + crypto::kTagSize) + 1 +
         cose::Recipient::kEncoded;
}

// Writes the body's ciphertext where its plaintext was.
Status EncryptInPlace(const Material& material, MutableBytes text_and_tag) {
  ByteArray<cose::kMaxEncStructure> room;
  CAI_TRY_ASSIGN(const Bytes aad, BodyAad(room));
  const Bytes text = text_and_tag.first(text_and_tag.size() - crypto::kTagSize);
  CAI_TRY(crypto::AeadSeal(crypto::AeadAlgorithm::kAes128Gcm,
                           material.cek.bytes(), material.iv.bytes(), aad, text,
                           text_and_tag));
  return kDone;
}

// session-encrypt; the writer's memory is `out`, whose size was checked.
Status WriteEncrypt(const Material& material, Bytes token,
                    const cose::Recipient& recipient, cbor::Writer& writer,
                    MutableBytes out) {
  const std::size_t text_size = PlainSize(token.size()) + crypto::kTagSize;
  writer.Array(4);
  writer.Bstr(kBodyProtected);
  writer.Map(1);
  writer.Int(kIvKey);
  writer.Bstr(material.iv.bytes());
  writer.BstrHead(text_size);

  const std::size_t text_at = writer.size();
  writer.Array(2);
  writer.Bstr(material.secret.bytes());
  writer.Bstr(token);
  writer.Raw(ByteArray<crypto::kTagSize>{});
  CAI_TRY(EncryptInPlace(material, out.subspan(text_at, text_size)));

  writer.Array(1);
  cose::WriteRecipient(recipient, writer);
  return kDone;
}

Result<Bytes> Frame(const SessionOpening& opening, const Material& material,
                    Bytes header, const cose::Recipient& recipient,
                    MutableBytes out) {
  const std::size_t payload_size = EncryptSize(opening.token.size());
  cbor::Writer writer(out);
  writer.Tag(cose::kTagSign1);
  writer.Array(4);
  writer.Bstr(header);
  writer.Map(0);
  writer.BstrHead(payload_size);
  const std::size_t payload_at = writer.size();
  CAI_TRY(WriteEncrypt(material, opening.token, recipient, writer, out));

  const Bytes payload = out.subspan(payload_at, payload_size);
  CAI_TRY_ASSIGN(
      const crypto::Signature signature,
      crypto::SignHash(opening.signer, cose::ToBeSigned(header, payload)));
  writer.Bstr(signature);
  return writer.Finish();
}

// [v, suite, svc, gen, sc, first, token-id]
Status ReadParameters(cbor::Reader& reader, SessionHeader& header) {
  CAI_TRY(reader.ArrayOf(7));
  CAI_TRY_ASSIGN(const std::uint64_t version, reader.Uint());
  if (version != SessionHeader::kVersion) return Error::kWireVersion;
  CAI_TRY_ASSIGN(const std::uint64_t suite, reader.Uint());
  CAI_TRY_ASSIGN(header.suite, SuiteOf(suite));
  CAI_TRY(ReadArray(reader, header.svc));
  CAI_TRY(ReadUint(reader, header.generation));
  CAI_TRY(ReadUint(reader, header.counter));
  if (header.counter > kMaxCounter) return Error::kCborOutOfRange;
  CAI_TRY(ReadUint(reader, header.first));
  return ReadArray(reader, header.token_id);
}

Status ReadRecipients(cbor::Reader& reader, SessionMessage& message) {
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count == 0 || count > kMaxRecipients) return Error::kWireMalformed;
  message.recipient_count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < message.recipient_count; ++i) {
    CAI_TRY_ASSIGN(message.recipients[i], cose::ReadRecipient(reader));
  }
  return kDone;
}

Result<Bytes> ReadIv(cbor::Reader& reader) {
  CAI_TRY(ExpectMap(reader, 1));
  CAI_TRY(ExpectKey(reader, kIvKey));
  CAI_TRY_ASSIGN(const auto iv, reader.BstrOf<12>());
  return Bytes(iv);
}

Status ReadEncrypt(Bytes payload, SessionMessage& message) {
  cbor::Reader reader(payload);
  CAI_TRY(reader.ArrayOf(4));
  CAI_TRY_ASSIGN(const Bytes protected_header, reader.Bstr());
  if (!Equal(protected_header, kBodyProtected))
    return Error::kCoseWrongAlgorithm;
  CAI_TRY_ASSIGN(const Bytes iv, ReadIv(reader));
  CopyInto(message.iv, iv);
  CAI_TRY_ASSIGN(message.ciphertext, reader.Bstr());
  CAI_TRY(ReadRecipients(reader, message));
  return reader.Finish();
}

const cose::Recipient* FindRecipient(const SessionMessage& message,
                                     const KeyId& kid) {
  for (std::size_t i = 0; i < message.recipient_count; ++i)
    if (message.recipients[i].key_id == kid) return &message.recipients[i];
  return nullptr;
}

// [SS, token]; the secret moves out of `plaintext`, which keeps the token.
Result<SessionPlain> TakePlain(const SessionMessage& message,
                               MutableBytes plaintext) {
  cbor::Reader reader(plaintext);
  CAI_TRY(reader.ArrayOf(2));
  CAI_TRY_ASSIGN(const auto secret, reader.BstrOf<32>());
  CAI_TRY_ASSIGN(const Bytes token, reader.Bstr());
  CAI_TRY(reader.Finish());

  SessionPlain plain;
  plain.token = token;
  plain.keys.id = message.id;
  crypto::HkdfExtract(message.id, {secret}, plain.keys.chain.mutable_bytes());
  const auto at = static_cast<std::size_t>(secret.data() - plaintext.data());
  Wipe(plaintext.subspan(at, secret.size()));

  CAI_TRY_ASSIGN(const crypto::Digest id, TokenId(token));
  if (id != message.header.token_id) return Error::kWireTokenMismatch;
  return plain;
}

}  // namespace

Result<Bytes> EncodeSessionHeader(const SessionHeader& header,
                                  MutableBytes out) {
  cbor::Writer writer(out);
  WriteOwnHeader(SessionHeader::kLabel, kSessionType, header.uuid, writer);
  writer.Array(7);
  writer.Uint(SessionHeader::kVersion);
  writer.Uint(static_cast<std::uint64_t>(header.suite));
  writer.Bstr(header.svc);
  writer.Uint(header.generation);
  writer.Uint(header.counter);
  writer.Uint(header.first);
  writer.Bstr(header.token_id);
  return writer.Finish();
}

Result<SessionHeader> ParseSessionHeader(Bytes protected_header) {
  cbor::Reader reader(protected_header);
  SessionHeader header;
  CAI_TRY_ASSIGN(const Bytes uuid,
                 ReadOwnHeader(SessionHeader::kLabel, kSessionType, reader));
  if (uuid.size() != header.uuid.size()) return Error::kCborOutOfRange;
  CopyInto(header.uuid, uuid);
  CAI_TRY(ReadParameters(reader, header));
  CAI_TRY(reader.Finish());
  return header;
}

Result<Bytes> MakeSession(const SessionOpening& opening,
                          const SessionEntropy& entropy, SessionKeys& keys,
                          MutableBytes out) {
  if (opening.token.size() > kMaxToken) return Error::kWireTooLarge;
  ByteArray<SessionHeader::kMaxEncoded> room;
  CAI_TRY_ASSIGN(const Bytes header, EncodeSessionHeader(opening.header, room));
  if (cose::Sign1Size(header.size(), EncryptSize(opening.token.size())) >
      out.size())
    return Error::kCoseNoRoom;
  keys.id = crypto::Sha256::Of(header);

  Material material;
  CAI_TRY(Derive(entropy, keys.id, material));
  CAI_TRY_ASSIGN(const cose::Recipient recipient,
                 MakeRecipient(opening, keys.id, material));
  Result<Bytes> message = Frame(opening, material, header, recipient, out);
  if (!message.ok()) {
    Wipe(out);
    return message;
  }
  crypto::HkdfExtract(keys.id, {material.secret.bytes()},
                      keys.chain.mutable_bytes());
  return message;
}

Result<SessionMessage> ParseSession(Bytes in) {
  if (in.size() > kMaxMessage) return Error::kWireTooLarge;
  CAI_TRY_ASSIGN(const cose::Sign1 sign1, cose::ParseSign1(in));
  SessionMessage message;
  message.protected_header = sign1.protected_header;
  message.payload = sign1.payload;
  CopyInto(message.signature, sign1.signature);
  CAI_TRY_ASSIGN(message.header, ParseSessionHeader(sign1.protected_header));
  message.id = crypto::Sha256::Of(sign1.protected_header);
  CAI_TRY(ReadEncrypt(sign1.payload, message));
  return message;
}

Status VerifySession(const SessionMessage& message, const Uuid& topic,
                     const crypto::P256Public& cose_sign, const Svc& svc) {
  if (message.header.uuid != topic) return Error::kWireWrongDevice;
  CAI_TRY(cose::VerifySignature(
      {message.protected_header, message.payload, message.signature},
      cose_sign));
  if (message.header.svc != svc) return Error::kWireWrongService;
  return kDone;
}

Result<SessionDecision> DecideSession(const SessionHeader& header,
                                      const crypto::Digest& id,
                                      const SessionHistory& history) {
  if (history.id_at_counter) {
    if (*history.id_at_counter != id) return Error::kWireFork;
    return SessionDecision::kDuplicate;
  }
  if (!history.max_counter || header.counter > *history.max_counter)
    return SessionDecision::kNew;
  if (*history.max_counter - header.counter >= kSessionLateness)
    return Error::kWireOldSession;
  return SessionDecision::kLate;
}

Result<SessionPlain> UnwrapSession(const SessionMessage& message,
                                   crypto::P256Private key,
                                   const crypto::P256Public& key_public,
                                   const Ueid& ueid, MutableBytes out) {
  const KeyId kid = KeyIdOf(key_public);
  const cose::Recipient* const recipient = FindRecipient(message, kid);
  if (recipient == nullptr) return Error::kCoseNoRecipient;
  const Parties parties(ueid, message.header.svc, kid, message.id);
  CAI_TRY_ASSIGN(const cose::Cek cek,
                 cose::Unwrap(*recipient, key, parties.get()));

  ByteArray<cose::kMaxEncStructure> room;
  CAI_TRY_ASSIGN(const Bytes aad, BodyAad(room));
  CAI_TRY_ASSIGN(
      const Bytes opened,
      crypto::AeadOpen(crypto::AeadAlgorithm::kAes128Gcm, cek.bytes(),
                       message.iv, aad, message.ciphertext, out));
  const MutableBytes plaintext = out.first(opened.size());
  Result<SessionPlain> plain = TakePlain(message, plaintext);
  if (!plain.ok()) Wipe(plaintext);
  return plain;
}

Result<crypto::Digest> TokenId(Bytes token) {
  CAI_TRY_ASSIGN(const cose::Sign1 sign1, cose::ParseSign1(token));
  return cose::ToBeSigned(sign1);
}

}  // namespace cai::wire
