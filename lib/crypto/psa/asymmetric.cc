// P-256 alone: the one curve of the device. Handles are volatile PSA keys.
#include "lib/crypto/asymmetric.h"

#include <mbedtls/ecp.h>

#include "lib/base/secret.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/psa/transient_key.h"

namespace cai::crypto {
namespace {

constexpr std::size_t kField = 32, kPoint = 1 + 2 * kField;
constexpr std::byte kUncompressed{4}, kEven{2};  // SEC 1, 2.3.3

mbedtls_svc_key_id_t IdOf(const AsymmetricKey& key) {
  return mbedtls_svc_key_id_make(0, static_cast<psa_key_id_t>(key.handle()));
}

psa_algorithm_t EcdsaWith(HashAlgorithm hash) {
  return PSA_ALG_DETERMINISTIC_ECDSA(AlgorithmOf(hash));
}

Result<AsymmetricKey> Import(bool is_private, Bytes data) {
  const auto family = PSA_ECC_FAMILY_SECP_R1;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, is_private
                                    ? PSA_KEY_TYPE_ECC_KEY_PAIR(family)
                                    : PSA_KEY_TYPE_ECC_PUBLIC_KEY(family));
  psa_set_key_usage_flags(
      &attributes,
      PSA_KEY_USAGE_VERIFY_HASH |
          (is_private ? PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_DERIVE : 0u));
  psa_set_key_algorithm(&attributes,
                        PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_ANY_HASH));
  psa_set_key_enrollment_algorithm(&attributes, PSA_ALG_ECDH);
  mbedtls_svc_key_id_t id = MBEDTLS_SVC_KEY_ID_INIT;
  const psa_status_t status =
      psa_import_key(&attributes, AsU8(data), data.size(), &id);
  if (status != PSA_SUCCESS)
    return FromPsa(status,
                   is_private ? Error::kCryptoBadKey : Error::kCryptoBadPoint);
  return AsymmetricKey(KeyKind::kP256, is_private, id.MBEDTLS_PRIVATE(key_id));
}

// PSA takes whole points alone; its library finds y for a compressed one.
Status Decompress(Bytes x, bool y_is_odd, std::span<std::byte, kPoint> out) {
  ByteArray<1 + kField> compressed{kEven};
  if (y_is_odd) compressed[0] |= std::byte{1};
  CopyInto(MutableBytes(compressed).subspan(1), x);
  mbedtls_ecp_group group;
  mbedtls_ecp_point point;
  mbedtls_ecp_group_init(&group);
  mbedtls_ecp_point_init(&point);
  std::size_t written = 0;
  const bool ok =
      mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
      mbedtls_ecp_point_read_binary(&group, &point, AsU8(Bytes(compressed)),
                                    compressed.size()) == 0 &&
      mbedtls_ecp_point_write_binary(&group, &point,
                                     MBEDTLS_ECP_PF_UNCOMPRESSED, &written,
                                     AsU8(out), out.size()) == 0;
  mbedtls_ecp_point_free(&point);
  mbedtls_ecp_group_free(&group);
  return ok ? Status(kDone) : Status(Error::kCryptoBadPoint);
}

Status WholePoint(const KeyNumbers& numbers, std::span<std::byte, kPoint> out) {
  if (numbers.x.size() != kField ||
      (!numbers.y.empty() && numbers.y.size() != kField))
    return Error::kCryptoBadKey;
  if (numbers.y.empty()) return Decompress(numbers.x, numbers.y_is_odd, out);
  out[0] = kUncompressed;
  CopyInto(MutableBytes(out).subspan(1), numbers.x);
  CopyInto(MutableBytes(out).subspan(1 + kField), numbers.y);
  return kDone;
}

Status PointOf(const AsymmetricKey& key, std::span<std::byte, kPoint> out) {
  std::size_t written = 0;
  if (psa_export_public_key(IdOf(key), AsU8(out), out.size(), &written) !=
          PSA_SUCCESS ||
      written != out.size())
    return Error::kCryptoBadKey;
  return kDone;
}

Result<Bytes> HashFor(const AsymmetricKey& key, SignatureScheme scheme,
                      Parts message, std::span<std::byte, kMaxHashSize> room) {
  if (scheme.family != SignatureScheme::Family::kEcdsa ||
      key.kind() != KeyKind::kP256)
    return Error::kCryptoBadKey;
  const MutableBytes out = MutableBytes(room).first(HashSize(scheme.hash));
  CAI_TRY(HashOf(scheme.hash, message, out));
  return Bytes(out);
}

}  // namespace

AsymmetricKey::~AsymmetricKey() {
  if (handle_ != 0) psa_destroy_key(IdOf(*this));
}

Result<AsymmetricKey> ImportKey(const KeyNumbers& numbers) {
  if (numbers.kind != KeyKind::kP256) return Error::kCryptoUnsupported;
  if (!numbers.d.empty() && numbers.d.size() != kField)
    return Error::kCryptoBadKey;
  if (numbers.d.empty() && numbers.x.empty()) return Error::kCryptoBadKey;
  ByteArray<kPoint> claimed, actual;
  if (!numbers.x.empty()) CAI_TRY(WholePoint(numbers, claimed));
  if (numbers.d.empty()) return Import(false, claimed);

  auto key = Import(true, numbers.d);
  if (!key.ok() || numbers.x.empty()) return key;
  CAI_TRY(PointOf(*key, actual));
  if (!Equal(claimed, actual)) return Error::kCryptoBadKey;
  return key;
}

Result<AsymmetricKey> GenerateKey(KeyKind kind) {
  if (kind != KeyKind::kP256) return Error::kCryptoUnsupported;
  for (;;) {  // a draw that is no scalar is refused once in 2^32
    Secret<kField> scalar;
    if (psa_generate_random(AsU8(MutableBytes(scalar.mutable_bytes())),
                            kField) != PSA_SUCCESS)
      return Error::kCryptoFailed;
    auto key = Import(true, scalar.bytes());
    if (key.ok() || key.error() != Error::kCryptoBadKey) return key;
  }
}

Result<KeyNumbers> ExportPublic(const AsymmetricKey& key,
                                std::span<std::byte, kPublicRoom> room) {
  const auto point = room.first<kPoint>();
  CAI_TRY(PointOf(key, point));
  return KeyNumbers{.kind = KeyKind::kP256,
                    .x = Bytes(point).subspan(1, kField),
                    .y = Bytes(point).last(kField)};
}

// Certificates are the NSPE's, by another configuration.
Result<AsymmetricKey> KeyOfCertificate(Bytes) {
  return Error::kCryptoUnsupported;
}

Result<Bytes> Sign(const AsymmetricKey& key, SignatureScheme scheme,
                   Parts message, MutableBytes out) {
  if (!key.is_private()) return Error::kCryptoBadKey;
  ByteArray<kMaxHashSize> room;
  CAI_TRY_ASSIGN(const Bytes hash, HashFor(key, scheme, message, room));
  if (out.size() < 2 * kField) return Error::kCryptoNoRoom;
  std::size_t written = 0;
  const psa_status_t status =
      psa_sign_hash(IdOf(key), EcdsaWith(scheme.hash), AsU8(hash), hash.size(),
                    AsU8(out), out.size(), &written);
  if (status != PSA_SUCCESS) return FromPsa(status, Error::kCryptoFailed);
  return Bytes(out.first(written));
}

Status Verify(const AsymmetricKey& key, SignatureScheme scheme, Parts message,
              Bytes signature) {
  ByteArray<kMaxHashSize> room;
  CAI_TRY_ASSIGN(const Bytes hash, HashFor(key, scheme, message, room));
  const psa_status_t status =
      psa_verify_hash(IdOf(key), EcdsaWith(scheme.hash), AsU8(hash),
                      hash.size(), AsU8(signature), signature.size());
  if (status != PSA_SUCCESS) return FromPsa(status, Error::kCryptoBadSignature);
  return kDone;
}

Result<Bytes> Agree(const AsymmetricKey& own, const AsymmetricKey& peer,
                    MutableBytes out) {
  if (!own.is_private()) return Error::kCryptoBadKey;
  if (out.size() < kField) return Error::kCryptoNoRoom;
  ByteArray<kPoint> point;
  CAI_TRY(PointOf(peer, point));
  std::size_t written = 0;
  const psa_status_t status =
      psa_raw_key_agreement(PSA_ALG_ECDH, IdOf(own), AsU8(Bytes(point)),
                            point.size(), AsU8(out), out.size(), &written);
  if (status != PSA_SUCCESS) return FromPsa(status, Error::kCryptoBadPoint);
  return Bytes(out.first(written));
}

Result<Bytes> OaepEncrypt(const AsymmetricKey&, HashAlgorithm, Bytes,
                          MutableBytes) {
  return Error::kCryptoUnsupported;
}
Result<Bytes> OaepDecrypt(const AsymmetricKey&, HashAlgorithm, Bytes,
                          MutableBytes) {
  return Error::kCryptoUnsupported;
}

}  // namespace cai::crypto
