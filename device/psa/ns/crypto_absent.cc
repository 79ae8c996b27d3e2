// PSA Crypto for the NSPE: the functions whose algorithms are not built in.
// Callers link, and are told so after the checks that come first.
#include "device/psa/ns/crypto_call.h"

namespace cai::psa_ns {
namespace {

// A key that is not there is the first thing wrong.
psa_status_t NotSupported(psa_key_id_t key) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  const psa_status_t status = psa_get_key_attributes(key, &attributes);
  return status == PSA_SUCCESS ? PSA_ERROR_NOT_SUPPORTED : status;
}

psa_status_t Cipher(psa_key_id_t key, psa_algorithm_t alg) {
  return PSA_ALG_IS_CIPHER(alg) ? NotSupported(key)
                                : PSA_ERROR_INVALID_ARGUMENT;
}

psa_status_t AsymmetricEncryption(psa_key_id_t key, psa_algorithm_t alg) {
  return PSA_ALG_IS_ASYMMETRIC_ENCRYPTION(alg) ? NotSupported(key)
                                               : PSA_ERROR_INVALID_ARGUMENT;
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai::psa_ns;

extern "C" {

// ---- Ciphers: no operation is ever active -----------------------------------

psa_status_t psa_cipher_encrypt(psa_key_id_t key, psa_algorithm_t alg,
                                const uint8_t*, size_t, uint8_t*, size_t,
                                size_t* output_length) {
  *output_length = 0;
  return Cipher(key, alg);
}
psa_status_t psa_cipher_decrypt(psa_key_id_t key, psa_algorithm_t alg,
                                const uint8_t*, size_t, uint8_t*, size_t,
                                size_t* output_length) {
  *output_length = 0;
  return Cipher(key, alg);
}
psa_status_t psa_cipher_encrypt_setup(psa_cipher_operation_t*, psa_key_id_t key,
                                      psa_algorithm_t alg) {
  return Cipher(key, alg);
}
psa_status_t psa_cipher_decrypt_setup(psa_cipher_operation_t*, psa_key_id_t key,
                                      psa_algorithm_t alg) {
  return Cipher(key, alg);
}
psa_status_t psa_cipher_generate_iv(psa_cipher_operation_t*, uint8_t*, size_t,
                                    size_t* iv_length) {
  *iv_length = 0;
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_cipher_set_iv(psa_cipher_operation_t*, const uint8_t*,
                               size_t) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_cipher_update(psa_cipher_operation_t*, const uint8_t*, size_t,
                               uint8_t*, size_t, size_t* output_length) {
  *output_length = 0;
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_cipher_finish(psa_cipher_operation_t*, uint8_t*, size_t,
                               size_t* output_length) {
  *output_length = 0;
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_cipher_abort(psa_cipher_operation_t*) { return PSA_SUCCESS; }
int psa_can_do_cipher(psa_key_type_t, psa_algorithm_t) { return 0; }

// ---- Asymmetric encryption --------------------------------------------------

psa_status_t psa_asymmetric_encrypt(psa_key_id_t key, psa_algorithm_t alg,
                                    const uint8_t*, size_t, const uint8_t*,
                                    size_t, uint8_t*, size_t,
                                    size_t* output_length) {
  *output_length = 0;
  return AsymmetricEncryption(key, alg);
}
psa_status_t psa_asymmetric_decrypt(psa_key_id_t key, psa_algorithm_t alg,
                                    const uint8_t*, size_t, const uint8_t*,
                                    size_t, uint8_t*, size_t,
                                    size_t* output_length) {
  *output_length = 0;
  return AsymmetricEncryption(key, alg);
}

// ---- Signatures that can be interrupted: no operation is ever active --------

void psa_interruptible_set_max_ops(uint32_t) {}
uint32_t psa_interruptible_get_max_ops(void) {
  return PSA_INTERRUPTIBLE_MAX_OPS_UNLIMITED;
}
uint32_t psa_sign_hash_get_num_ops(
    const psa_sign_hash_interruptible_operation_t*) {
  return 0;
}
uint32_t psa_verify_hash_get_num_ops(
    const psa_verify_hash_interruptible_operation_t*) {
  return 0;
}
psa_status_t psa_sign_hash_start(psa_sign_hash_interruptible_operation_t*,
                                 psa_key_id_t key, psa_algorithm_t,
                                 const uint8_t*, size_t) {
  return NotSupported(key);
}
psa_status_t psa_sign_hash_complete(psa_sign_hash_interruptible_operation_t*,
                                    uint8_t*, size_t,
                                    size_t* signature_length) {
  *signature_length = 0;
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_sign_hash_abort(psa_sign_hash_interruptible_operation_t*) {
  return PSA_SUCCESS;
}
psa_status_t psa_verify_hash_start(psa_verify_hash_interruptible_operation_t*,
                                   psa_key_id_t key, psa_algorithm_t,
                                   const uint8_t*, size_t, const uint8_t*,
                                   size_t) {
  return NotSupported(key);
}
psa_status_t psa_verify_hash_complete(
    psa_verify_hash_interruptible_operation_t*) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_verify_hash_abort(psa_verify_hash_interruptible_operation_t*) {
  return PSA_SUCCESS;
}

// ---- Password-authenticated key exchange: no operation is ever active -------

psa_status_t psa_pake_setup(psa_pake_operation_t*,
                            const psa_pake_cipher_suite_t*) {
  return PSA_ERROR_NOT_SUPPORTED;
}
psa_status_t psa_pake_set_password_key(psa_pake_operation_t*, psa_key_id_t) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_set_user(psa_pake_operation_t*, const uint8_t*, size_t) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_set_peer(psa_pake_operation_t*, const uint8_t*, size_t) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_set_role(psa_pake_operation_t*, psa_pake_role_t) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_output(psa_pake_operation_t*, psa_pake_step_t, uint8_t*,
                             size_t, size_t* output_length) {
  *output_length = 0;
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_input(psa_pake_operation_t*, psa_pake_step_t,
                            const uint8_t*, size_t) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_get_implicit_key(psa_pake_operation_t*,
                                       psa_key_derivation_operation_t*) {
  return PSA_ERROR_BAD_STATE;
}
psa_status_t psa_pake_abort(psa_pake_operation_t*) { return PSA_SUCCESS; }

// ---- Keys with parameters: no type that is built in has any -----------------

psa_status_t psa_generate_key_custom(const psa_key_attributes_t* attributes,
                                     const psa_custom_key_parameters_t* custom,
                                     const uint8_t*, size_t custom_data_length,
                                     psa_key_id_t* key) {
  *key = 0;
  if (custom->flags != 0 || custom_data_length != 0)
    return PSA_ERROR_INVALID_ARGUMENT;
  return psa_generate_key(attributes, key);
}
psa_status_t psa_key_derivation_output_key_custom(
    const psa_key_attributes_t* attributes,
    psa_key_derivation_operation_t* operation,
    const psa_custom_key_parameters_t* custom, const uint8_t*,
    size_t custom_data_length, psa_key_id_t* key) {
  *key = 0;
  if (custom->flags != 0 || custom_data_length != 0)
    return PSA_ERROR_INVALID_ARGUMENT;
  return psa_key_derivation_output_key(attributes, operation, key);
}

// ---- The random generator, which seeds itself -------------------------------

psa_status_t psa_random_reseed(const uint8_t*, size_t) {
  return PSA_ERROR_NOT_SUPPORTED;
}
psa_status_t psa_random_deplete(void) { return PSA_ERROR_NOT_SUPPORTED; }
psa_status_t psa_random_set_prediction_resistance(unsigned) {
  return PSA_ERROR_NOT_SUPPORTED;
}

}  // extern "C"
