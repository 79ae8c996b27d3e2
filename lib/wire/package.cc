#include "lib/wire/package.h"

#include <cstring>

#include "lib/cose/key.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fields.h"
#include "lib/wire/service_key.h"

namespace cai::wire {
namespace {

constexpr std::int64_t kIvKey = 5;
constexpr ByteArray<3> kBodyProtected = {std::byte{0xa1}, std::byte{0x01},
                                         std::byte{0x01}};
// One key encrypts one body, so its IV need not differ from anything.
constexpr ByteArray<crypto::kNonceSize> kIv{};

bool FitsText(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most;
}

Status CheckManifest(const ModelManifest& manifest) {
  if (!FitsText(manifest.name, ModelManifest::kMaxName) ||
      !FitsText(manifest.version, ModelManifest::kMaxName) ||
      !FitsText(manifest.target, ModelManifest::kMaxTarget))
    return Error::kWireMalformed;
  if (manifest.length == 0 || manifest.length > ModelManifest::kMaxLength)
    return Error::kWireTooLarge;
  return kDone;
}

Result<Bytes> EncodeManifest(const ModelManifest& manifest,
                             const KeyId& owner_kid, MutableBytes out) {
  cbor::Writer writer(out);
  WriteOwnHeader(ModelManifest::kLabel, kModelPackageType, owner_kid, writer);
  writer.Array(6);
  writer.Text(manifest.name);
  writer.Text(manifest.version);
  writer.Uint(manifest.security_counter);
  writer.Bstr(manifest.sha256);
  writer.Text(manifest.target);
  writer.Uint(manifest.length);
  return writer.Finish();
}

Result<ModelManifest> ParseManifest(Bytes protected_header,
                                    const KeyId& owner_kid) {
  cbor::Reader reader(protected_header);
  ModelManifest manifest;
  CAI_TRY_ASSIGN(const Bytes kid, ReadOwnHeader(ModelManifest::kLabel,
                                                kModelPackageType, reader));
  if (!Equal(kid, owner_kid)) return Error::kCoseWrongKeyId;
  CAI_TRY(reader.ArrayOf(6));
  CAI_TRY_ASSIGN(manifest.name, reader.Text());
  CAI_TRY_ASSIGN(manifest.version, reader.Text());
  CAI_TRY(ReadUint(reader, manifest.security_counter));
  CAI_TRY(ReadArray(reader, manifest.sha256));
  CAI_TRY_ASSIGN(manifest.target, reader.Text());
  CAI_TRY(ReadUint(reader, manifest.length));
  CAI_TRY(reader.Finish());
  CAI_TRY(CheckManifest(manifest));
  return manifest;
}

Result<Bytes> BodyAad(std::span<std::byte, cose::kMaxEncStructure> out) {
  return cose::EncodeEncStructure(cose::EncContext::kEncrypt0, kBodyProtected,
                                  out);
}

// [h'a10101', {5: zeros}, ciphertext], up to the ciphertext's bytes.
void WriteBodyHead(std::size_t ciphertext, cbor::Writer& writer) {
  writer.Tag(cose::kTagEncrypt0);
  writer.Array(3);
  writer.Bstr(kBodyProtected);
  writer.Map(1);
  writer.Int(kIvKey);
  writer.Bstr(kIv);
  writer.BstrHead(ciphertext);
}

Result<Bytes> MakeBody(Bytes model, const cose::Cek& cek, MutableBytes out) {
  cbor::Writer writer(out);
  WriteBodyHead(model.size() + crypto::kTagSize, writer);
  const std::size_t head = writer.size();
  if (head + model.size() + crypto::kTagSize > out.size())
    return Error::kCborNoRoom;
  ByteArray<cose::kMaxEncStructure> room;
  CAI_TRY_ASSIGN(const Bytes aad, BodyAad(room));
  CAI_TRY_ASSIGN(
      const Bytes sealed,
      crypto::AeadSeal(crypto::AeadAlgorithm::kAes128Gcm, cek.bytes(), kIv, aad,
                       model, out.subspan(head)));
  return Bytes(out.first(head + sealed.size()));
}

Result<Bytes> ParseBody(Bytes body) {
  cbor::Reader reader(body);
  CAI_TRY(reader.TagOf(cose::kTagEncrypt0));
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY_ASSIGN(const Bytes protected_header, reader.Bstr());
  if (!Equal(protected_header, kBodyProtected))
    return Error::kCoseWrongAlgorithm;
  CAI_TRY(ExpectMap(reader, 1));
  CAI_TRY(ExpectKey(reader, kIvKey));
  CAI_TRY_ASSIGN(const auto iv, reader.BstrOf<crypto::kNonceSize>());
  if (!Equal(iv, kIv)) return Error::kWireMalformed;
  CAI_TRY_ASSIGN(const Bytes ciphertext, reader.Bstr());
  CAI_TRY(reader.Finish());
  return ciphertext;
}

Result<Bytes> ParseSigned(Package& package) {
  CAI_TRY_ASSIGN(const cose::Sign1 sign1,
                 cose::ParseSign1(package.manifest_message));
  package.protected_header = sign1.protected_header;
  package.id = crypto::Sha256::Of(sign1.protected_header);
  CAI_TRY_ASSIGN(package.manifest,
                 ParseManifest(sign1.protected_header, KeyIdOf(package.owner)));
  return sign1.payload;
}

std::size_t BodySize(std::size_t model) {
  cbor::Writer writer({});
  WriteBodyHead(model + crypto::kTagSize, writer);
  return writer.size() + model + crypto::kTagSize;
}

// The signature covers the body by its hash, so that a device can verify the
// manifest before it has anything else.
Result<Bytes> SignManifest(const ModelManifest& manifest, Bytes body,
                           crypto::P256Private owner, const KeyId& kid,
                           MutableBytes out) {
  ByteArray<ModelManifest::kMaxEncoded> room;
  CAI_TRY_ASSIGN(const Bytes header, EncodeManifest(manifest, kid, room));
  return cose::MakeSign1(header, crypto::Sha256::Of(body), owner, out);
}

}  // namespace

Result<Bytes> EncodePackage(const Package& package, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(3);
  cose::WriteKey(package.owner, writer);
  writer.Bstr(package.manifest_message);
  writer.Bstr(package.body);
  return writer.Finish();
}

// The body is built where it will stand, behind what comes before it: a model
// is in memory twice, not three times.
Result<Bytes> MakePackage(ModelManifest manifest, Bytes model,
                          crypto::P256Private owner,
                          const crypto::P256Public& owner_public,
                          const cose::Cek& cek, MutableBytes out) {
  if (model.size() > ModelManifest::kMaxLength) return Error::kWireTooLarge;
  manifest.length = static_cast<std::uint32_t>(model.size());
  manifest.sha256 = crypto::Sha256::Of(model);
  CAI_TRY(CheckManifest(manifest));

  const std::size_t body_size = BodySize(model.size());
  if (body_size > out.size()) return Error::kCborNoRoom;
  CAI_TRY_ASSIGN(const Bytes body, MakeBody(model, cek, out.last(body_size)));
  ByteArray<ModelManifest::kMaxEncoded + 128> room;
  CAI_TRY_ASSIGN(
      const Bytes signed_manifest,
      SignManifest(manifest, body, owner, KeyIdOf(owner_public), room));
  cbor::Writer writer(out);
  writer.Array(3);
  cose::WriteKey(owner_public, writer);
  writer.Bstr(signed_manifest);
  writer.BstrHead(body_size);
  const std::size_t head = writer.size();
  if (head + body_size > out.size()) return Error::kCborNoRoom;
  std::memmove(out.data() + head, body.data(), body.size());
  return Bytes(out.first(head + body_size));
}

Result<Package> ParsePackage(Bytes in) {
  cbor::Reader reader(in);
  Package package;
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY_ASSIGN(package.owner, cose::ReadKey(reader));
  CAI_TRY_ASSIGN(package.manifest_message, reader.Bstr());
  CAI_TRY_ASSIGN(package.body, reader.Bstr());
  CAI_TRY(reader.Finish());
  CAI_TRY_ASSIGN(const Bytes payload, ParseSigned(package));
  if (payload.size() != crypto::kHashSize) return Error::kWireMalformed;
  CAI_TRY_ASSIGN(package.ciphertext, ParseBody(package.body));
  if (package.ciphertext.size() != package.manifest.length + crypto::kTagSize)
    return Error::kWireMalformed;
  return package;
}

Result<Bytes> MakeGrant(const Package& package, const cose::Cek& cek,
                        const crypto::P256Public& model_kek, const Ueid& ueid,
                        crypto::P256Private ephemeral, MutableBytes out) {
  CAI_TRY(crypto::CheckPoint(model_kek));
  CAI_TRY_ASSIGN(const crypto::P256Public ephemeral_public,
                 crypto::PublicKey(ephemeral));
  const KeyId owner = KeyIdOf(package.owner);
  CAI_TRY_ASSIGN(
      const cose::Recipient recipient,
      cose::WrapFor(KeyIdOf(model_kek), model_kek, ephemeral, ephemeral_public,
                    {owner, ueid, package.id}, cek));
  cbor::Writer writer(out);
  cose::WriteRecipient(recipient, writer);
  return writer.Finish();
}

Result<cose::Recipient> ParseGrant(Bytes in) {
  cbor::Reader reader(in);
  CAI_TRY_ASSIGN(const cose::Recipient grant, cose::ReadRecipient(reader));
  CAI_TRY(reader.Finish());
  return grant;
}

// Any failure behind this leaves kNone: only a step that succeeds moves on.
Status PackageOpener::Take(Step expected) {
  const bool in_order = step_ == expected;
  step_ = Step::kNone;
  if (in_order) return kDone;
  Wipe(cek_.mutable_bytes());
  return Error::kWireOutOfOrder;
}

Status PackageOpener::Verify(Bytes package,
                             std::span<const ByteArray<32>> owners,
                             std::string_view target) {
  step_ = Step::kNone;
  Wipe(cek_.mutable_bytes());
  CAI_TRY_ASSIGN(package_, ParsePackage(package));
  if (!CheckRoot(package_.owner, owners).ok()) return Error::kWireWrongOwner;
  CAI_TRY_ASSIGN(const cose::Sign1 sign1,
                 cose::ParseSign1(package_.manifest_message));
  CAI_TRY(cose::VerifySignature(sign1, package_.owner));
  if (!Equal(sign1.payload, crypto::Sha256::Of(package_.body)))
    return Error::kWireWrongModel;
  if (package_.manifest.target != target) return Error::kWireWrongTarget;
  step_ = Step::kVerified;
  return kDone;
}

Status PackageOpener::Admit(std::uint32_t floor) {
  CAI_TRY(Take(Step::kVerified));
  if (package_.manifest.security_counter < floor) return Error::kWireOldModel;
  step_ = Step::kAdmitted;
  return kDone;
}

Status PackageOpener::Unlock(Bytes grant, const GrantHolder& holder) {
  CAI_TRY(Take(Step::kAdmitted));
  CAI_TRY_ASSIGN(const cose::Recipient recipient, ParseGrant(grant));
  if (recipient.key_id != KeyIdOf(holder.model_kek_public))
    return Error::kCoseNoRecipient;
  const KeyId owner = KeyIdOf(package_.owner);
  CAI_TRY_ASSIGN(cek_, cose::Unwrap(recipient, holder.model_kek,
                                    {owner, holder.ueid, package_.id}));
  step_ = Step::kUnlocked;
  return kDone;
}

Result<Bytes> PackageOpener::Decrypt(MutableBytes out) {
  CAI_TRY(Take(Step::kUnlocked));
  const cose::Cek cek = std::move(cek_);
  if (out.size() < package_.manifest.length) return Error::kCborNoRoom;
  ByteArray<cose::kMaxEncStructure> room;
  CAI_TRY_ASSIGN(const Bytes aad, BodyAad(room));
  CAI_TRY_ASSIGN(
      const Bytes model,
      crypto::AeadOpen(crypto::AeadAlgorithm::kAes128Gcm, cek.bytes(), kIv, aad,
                       package_.ciphertext, out));
  // Over what will run, not over what was signed: AES-GCM commits to no key
  // (protocol.md, M7).
  if (crypto::Sha256::Of(model) != package_.manifest.sha256) {
    Wipe(out.first(model.size()));
    return Error::kWireWrongModel;
  }
  return model;
}

}  // namespace cai::wire
