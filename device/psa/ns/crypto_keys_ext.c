// Keys with parameters under the names of Mbed TLS 3.6.0, whose parameters only
// C knows.
#include "psa/crypto.h"

psa_status_t psa_generate_key_ext(const psa_key_attributes_t* attributes,
                                  const psa_key_production_parameters_t* params,
                                  size_t params_data_length,
                                  psa_key_id_t* key) {
  const psa_custom_key_parameters_t custom = {params->flags};
  return psa_generate_key_custom(attributes, &custom, params->data,
                                 params_data_length, key);
}

psa_status_t psa_key_derivation_output_key_ext(
    const psa_key_attributes_t* attributes,
    psa_key_derivation_operation_t* operation,
    const psa_key_production_parameters_t* params, size_t params_data_length,
    psa_key_id_t* key) {
  const psa_custom_key_parameters_t custom = {params->flags};
  return psa_key_derivation_output_key_custom(
      attributes, operation, &custom, params->data, params_data_length, key);
}
