// Signatures and key agreement.
#include "device/partitions/crypto/handlers.h"

namespace cai::crypto_partition {
namespace {

constexpr psa_algorithm_t kEs256 = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kDeterministicEs256 =
    PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);

// The core takes any length; a key for ES256 shall sign 32-byte hashes alone.
// ECDSA_ANY names no hash, and says so in a key's policy; other algorithms are
// the core's to refuse.
bool HasLengthOf(psa_algorithm_t algorithm, std::size_t size) {
  return !PSA_ALG_IS_HASH_AND_SIGN(algorithm) ||
         algorithm == PSA_ALG_ECDSA_ANY ||
         size == PSA_HASH_LENGTH(PSA_ALG_SIGN_GET_HASH(algorithm));
}

// The device's signing keys derive their nonces (RFC 6979), whichever of the
// two forms of ES256 is asked for; they do nothing else.
psa_status_t ForFixedKey(psa_algorithm_t& algorithm) {
  if (algorithm != kEs256 && algorithm != kDeterministicEs256)
    return PSA_ERROR_NOT_PERMITTED;
  algorithm = kDeterministicEs256;
  return PSA_SUCCESS;
}

}  // namespace

psa_status_t SignHash(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_algorithm_t algorithm = request.algorithm;
  psa_status_t status = call.Resolve(request.key, key);
  if (status == PSA_SUCCESS && Keyring::IsFixed(request.key))
    status = ForFixedKey(algorithm);
  if (status != PSA_SUCCESS) return status;
  if (!HasLengthOf(algorithm, call.in_size(1)))
    return PSA_ERROR_INVALID_ARGUMENT;
  return psa_sign_hash(key, algorithm, call.in(1), call.in_size(1), call.out(),
                       call.room(), call.out_size());
}

psa_status_t VerifyHash(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  if (!HasLengthOf(request.algorithm, call.in_size(1)))
    return PSA_ERROR_INVALID_ARGUMENT;
  return psa_verify_hash(key, request.algorithm, call.in(1), call.in_size(1),
                         call.in(2), call.in_size(2));
}

psa_status_t SignMessage(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  // Their policy is to sign a hash.
  if (Keyring::IsFixed(request.key)) return PSA_ERROR_NOT_PERMITTED;
  return psa_sign_message(key, request.algorithm, call.in(1), call.in_size(1),
                          call.out(), call.room(), call.out_size());
}

psa_status_t VerifyMessage(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_verify_message(key, request.algorithm, call.in(1), call.in_size(1),
                            call.in(2), call.in_size(2));
}

psa_status_t RawKeyAgreement(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_raw_key_agreement(request.algorithm, key, call.in(1),
                               call.in_size(1), call.out(), call.room(),
                               call.out_size());
}

}  // namespace cai::crypto_partition
