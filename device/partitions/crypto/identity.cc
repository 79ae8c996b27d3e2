// Sid::kIdentity: who the device is, what it was told at its making, and
// requests for its certificates. What is signed here is framed here.
#include "device/partitions/crypto/state.h"
#include "lib/cose/sign1.h"
#include "lib/crypto/hash.h"
#include "lib/keys/keys.h"
#include "lib/wire/configuration.h"
#include "lib/x509/csr.h"

namespace cai::crypto_partition {
namespace {

using spm::IdentityOp;
using spm::Message;
using spm::Purpose;

// ---- Configuration ----------------------------------------------------------

constexpr std::size_t kLengthSize = 4;  // u32 little endian, before the message

Result<Bytes> ReadMessage(MutableBytes buffer) {
  ByteArray<kLengthSize> length_bytes;
  CAI_TRY(spm::FlashRead(nv::kConfig.offset, length_bytes));
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < kLengthSize; ++i)
    length |= std::to_integer<std::uint32_t>(length_bytes[i]) << (8 * i);
  constexpr std::uint32_t kErased = 0xffffffff;
  if (length == 0 || length == kErased) return Error::kStoreNotFound;
  if (length > buffer.size()) return Error::kWireTooLarge;
  const MutableBytes message = buffer.first(length);
  CAI_TRY(spm::FlashRead(nv::kConfig.offset + kLengthSize, message));
  return Bytes(message);
}

// The PSA core's verification: lib/cose's would call this partition.
Status VerifyByRoot(const cose::Sign1& message,
                    const crypto::P256Public& root) {
  const crypto::Digest hash = cose::ToBeSigned(message);
  ByteArray<65> point{std::byte{0x04}};
  CopyInto(MutableBytes(point).subspan(1), root.xy);

  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes,
                   PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
  psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
  mbedtls_svc_key_id_t key;
  if (psa_import_key(&attributes, AsU8(Bytes(point)), point.size(), &key) !=
      PSA_SUCCESS)
    return Error::kCryptoBadPoint;
  const psa_status_t status = psa_verify_hash(
      key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), AsU8(Bytes(hash)), hash.size(),
      AsU8(message.signature), message.signature.size());
  psa_destroy_key(key);
  return status == PSA_SUCCESS ? Status(kDone) : Error::kCoseBadSignature;
}

bool IsServiceRoot(const crypto::Digest& hash) {
  constexpr ByteArray<32> kUnused{};
  for (const auto& root : state.boot.service_roots)
    if (root != kUnused && root == hash) return true;
  return false;
}

// The root is named by the message, and known by its hash in OTP.
Result<wire::Configuration> Open(Bytes message) {
  CAI_TRY_ASSIGN(const cose::Sign1 sign1, cose::ParseSign1(message));
  CAI_TRY_ASSIGN(const cose::Sign1Header header,
                 cose::ParseHeader(sign1.protected_header, true));
  if (header.content_type != wire::kConfigurationType)
    return Error::kWireMalformed;
  CAI_TRY_ASSIGN(const wire::Configuration parsed,
                 wire::ParseConfiguration(sign1.payload));
  if (!IsServiceRoot(crypto::Sha256::Of(parsed.root.xy)))
    return Error::kWireWrongRoot;
  CAI_TRY(VerifyByRoot(sign1, parsed.root));
  if (parsed.uuid != state.boot.uuid) return Error::kWireWrongDevice;
  return parsed;
}

// The scalar is the PSA core's from here on, and nowhere else in RAM.
Status TakeBootstrapKey(wire::Configuration& parsed, MutableBytes message) {
  if (parsed.bootstrap_scalar.empty()) return kDone;
  const auto scalar = parsed.bootstrap_scalar.first<32>();
  const psa_status_t status = state.keyring.AddFixed(
      spm::kKeyBootstrap, kNonSecure, FixedUse::kSignHash, scalar);
  const auto at = static_cast<std::size_t>(scalar.data() - message.data());
  Wipe(message.subspan(at, scalar.size()));
  parsed.bootstrap_scalar = {};
  return status == PSA_SUCCESS ? Status(kDone) : Error::kCryptoBadKey;
}

// When it was issued.
Result<std::uint64_t> Load(Configuration& configuration) {
  CAI_TRY_ASSIGN(const Bytes message, ReadMessage(configuration.message));
  CAI_TRY_ASSIGN(wire::Configuration parsed, Open(message));
  CAI_TRY(TakeBootstrapKey(parsed, configuration.message));
  configuration.parsed = parsed;
  configuration.good = true;
  return parsed.issued_at;
}

void ReportLoaded(const Result<std::uint64_t>& issued_at) {
  using events::EventId;
  if (issued_at.ok()) {
    Report(EventId::kCryptoConfiguration,
           static_cast<std::uint32_t>(*issued_at));
  } else if (issued_at.error() == Error::kStoreNotFound) {
    Report(EventId::kCryptoNoConfiguration, 0);
  } else {
    Report(EventId::kCryptoBadConfiguration,
           static_cast<std::uint32_t>(issued_at.error()));
  }
}

// ---- Requests for certificates ----------------------------------------------

struct Subject {
  psa_key_id_t key;
  std::string_view unit;  // empty: there is no certificate for this key
};

Result<Subject> SubjectOf(const Message& message) {
  CAI_TRY_ASSIGN(const auto number, message.Read<std::uint32_t>(0));
  switch (static_cast<Purpose>(number)) {
    case Purpose::kTlsClient:
      return Subject{spm::kKeyTlsClient, x509::kUnitTlsClient};
    case Purpose::kCoseSign:
      return Subject{spm::kKeyCoseSign, x509::kUnitCoseSign};
    case Purpose::kIak:
      return Subject{spm::kKeyIak, {}};
  }
  return Error::kIpcBadRequest;
}

Result<crypto::P256Public> Export(psa_key_id_t id) {
  mbedtls_svc_key_id_t key;
  ByteArray<65> point;
  std::size_t size = 0;
  if (state.keyring.ResolveFixed(id, key) != PSA_SUCCESS ||
      psa_export_public_key(key, AsU8(MutableBytes(point)), point.size(),
                            &size) != PSA_SUCCESS ||
      size != point.size())
    return Error::kCryptoFailed;
  crypto::P256Public out;
  CopyInto(out.xy, Bytes(point).subspan(1));
  return out;
}

Result<crypto::P256Public> PublicKeyOf(psa_key_id_t id) {
  for (State::PublicKey& entry : state.public_keys) {
    if (entry.id == id) return entry.key;
    if (entry.id != 0) continue;
    CAI_TRY_ASSIGN(entry.key, Export(id));
    entry.id = id;
    return entry.key;
  }
  return Export(id);
}

Result<Bytes> RequestInfo(const Subject& subject, MutableBytes out) {
  if (subject.unit.empty()) return Error::kIpcBadRequest;
  CAI_TRY_ASSIGN(const crypto::P256Public key, PublicKeyOf(subject.key));
  const auto uuid = keys::UuidText(state.boot.uuid);
  return x509::EncodeRequestInfo({.organization = x509::kOrganization,
                                  .common_name = {uuid.data(), uuid.size()},
                                  .unit = subject.unit},
                                 key, out);
}

Result<crypto::Signature> Sign(psa_key_id_t id, const crypto::Digest& hash) {
  mbedtls_svc_key_id_t key;
  crypto::Signature signature;
  std::size_t size = 0;
  if (state.keyring.ResolveFixed(id, key) != PSA_SUCCESS ||
      psa_sign_hash(key, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256),
                    AsU8(Bytes(hash)), hash.size(),
                    AsU8(MutableBytes(signature)), signature.size(),
                    &size) != PSA_SUCCESS)
    return Error::kCryptoFailed;
  return signature;
}

// ---- Operations -------------------------------------------------------------

Status Uuid(Message& message) {
  CAI_TRY(message.Write(0, state.boot.uuid));
  return message.Write(1, state.boot.ueid);
}

Status Config(Message& message) {
  if (!LoadConfiguration()) return Error::kStoreNotFound;
  if (message.out_count != 1) return Error::kIpcBadRequest;
  CAI_TRY_ASSIGN(
      const Bytes encoded,
      wire::EncodeConfiguration(state.configuration.parsed, message.out[0]));
  message.out_size[0] = encoded.size();
  return kDone;
}

Status Csr(Message& message) {
  CAI_TRY_ASSIGN(const Subject subject, SubjectOf(message));
  ByteArray<x509::kMaxRequestInfo> info_buffer;
  CAI_TRY_ASSIGN(const Bytes info, RequestInfo(subject, info_buffer));
  CAI_TRY_ASSIGN(const crypto::Signature signature,
                 Sign(subject.key, crypto::Sha256::Of(info)));
  ByteArray<x509::kMaxCsr> csr_buffer;
  CAI_TRY_ASSIGN(const Bytes csr, x509::EncodeCsr(info, signature, csr_buffer));
  return message.Write(0, csr);
}

Status CriDigest(Message& message) {
  CAI_TRY_ASSIGN(const Subject subject, SubjectOf(message));
  ByteArray<x509::kMaxRequestInfo> info_buffer;
  CAI_TRY_ASSIGN(const Bytes info, RequestInfo(subject, info_buffer));
  CAI_TRY_ASSIGN(const crypto::P256Public key, PublicKeyOf(subject.key));
  CAI_TRY(message.Write(0, crypto::Sha256::Of(info)));
  return message.Write(1, key.xy);
}

Status PublicKey(Message& message) {
  CAI_TRY_ASSIGN(const Subject subject, SubjectOf(message));
  CAI_TRY_ASSIGN(const crypto::P256Public key, PublicKeyOf(subject.key));
  return message.Write(0, key.xy);
}

Status Dispatch(Message& message) {
  switch (static_cast<IdentityOp>(message.op)) {
    case IdentityOp::kUuid:
      return Uuid(message);
    case IdentityOp::kConfig:
      return Config(message);
    case IdentityOp::kCsr:
      return Csr(message);
    case IdentityOp::kCriDigest:
      return CriDigest(message);
    case IdentityOp::kPublicKey:
      return PublicKey(message);
  }
  return Error::kIpcBadRequest;
}

psa_status_t ToPsa(Error error) {
  switch (error) {
    case Error::kIpcBadRequest:
      return PSA_ERROR_PROGRAMMER_ERROR;
    case Error::kIpcNoRoom:
    case Error::kCborNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    case Error::kStoreNotFound:
      return PSA_ERROR_DOES_NOT_EXIST;
    default:
      return PSA_ERROR_GENERIC_ERROR;
  }
}

}  // namespace

bool LoadConfiguration() {
  Configuration& configuration = state.configuration;
  if (!configuration.read) {
    configuration.read = true;
    ReportLoaded(Load(configuration));
    if (!configuration.good) Wipe(configuration.message);
  }
  return configuration.good;
}

psa_status_t ServeIdentity(Message& message) {
  const Status status = Dispatch(message);
  return status.ok() ? PSA_SUCCESS : ToPsa(status.error());
}

}  // namespace cai::crypto_partition
