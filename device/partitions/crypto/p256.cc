// P-256 in one call, for the secure partitions (lib/crypto/p256.h).
#include <algorithm>

#include "device/partitions/crypto/handlers.h"

namespace cai::crypto_partition {
namespace {

// An uncompressed point as PSA takes it.
struct Point {
  explicit Point(const std::uint8_t (&xy)[64]) {
    bytes[0] = 0x04;
    std::copy_n(xy, sizeof(xy), bytes + 1);
  }
  std::uint8_t bytes[65];
};

// The core refuses points that are not on the curve.
psa_status_t ImportPoint(const Point& point, mbedtls_svc_key_id_t& key) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes,
                   PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
  psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
  return psa_import_key(&attributes, point.bytes, sizeof(point.bytes), &key);
}

}  // namespace

psa_status_t P256Verify(Call, const api::P256VerifyRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_status_t status = ImportPoint(Point(request.key), key);
  if (status != PSA_SUCCESS) return status;
  status = psa_verify_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), request.hash,
                           sizeof(request.hash), request.signature,
                           sizeof(request.signature));
  psa_destroy_key(key);
  return status;
}

psa_status_t P256CheckPoint(Call, const PointRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = ImportPoint(Point(request.xy), key);
  if (status == PSA_SUCCESS) psa_destroy_key(key);
  return status;
}

psa_status_t P256Ecdh(Call call, const api::P256EcdhRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  const Point peer(request.peer);
  return psa_raw_key_agreement(PSA_ALG_ECDH, key, peer.bytes,
                               sizeof(peer.bytes), call.out(), call.room(),
                               call.out_size());
}

// The scalar goes to the core from where the SPM put it; no copy is made.
psa_status_t P256Import(Call call) {
  if (call.message.in_count != 1 || call.message.out_count != 1 ||
      call.in_size(0) != 32)
    return PSA_ERROR_PROGRAMMER_ERROR;
  const api::KeyAttributes wanted = {
      .type = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1),
      .bits = 256,
      .lifetime = PSA_KEY_LIFETIME_VOLATILE,
      .usage = PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_DERIVE,
      .algorithm = PSA_ALG_ECDH,
      .key = 0};
  return MakeKey(call, wanted, [&](auto& attributes, auto& key) {
    psa_set_key_enrollment_algorithm(
        &attributes, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256));
    return psa_import_key(&attributes, call.in(0), 32, &key);
  });
}

}  // namespace cai::crypto_partition
