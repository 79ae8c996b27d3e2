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

}  // extern "C"
