#include "lib/crypto/psa/alone.h"

#include <mbedtls/memory_buffer_alloc.h>
#include <psa/crypto.h>
#include <psa/internal_trusted_storage.h>

#include <cstddef>
#include <cstdint>

namespace cai::crypto {
namespace {

alignas(8) unsigned char pool[32 * 1024];

}  // namespace

bool StartPsaAlone() {
  mbedtls_memory_buffer_alloc_init(pool, sizeof pool);
  return psa_crypto_init() == PSA_SUCCESS;
}

}  // namespace cai::crypto

extern "C" {

// xorshift32: other bytes each time is all that a test needs.
psa_status_t mbedtls_psa_external_get_random(
    mbedtls_psa_external_random_context_t*, std::uint8_t* output,
    std::size_t output_size, std::size_t* output_length) {
  static std::uint32_t state = 0x2545f491;
  for (std::size_t i = 0; i < output_size; ++i) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    output[i] = static_cast<std::uint8_t>(state);
  }
  *output_length = output_size;
  return PSA_SUCCESS;
}

psa_status_t psa_its_set(psa_storage_uid_t, size_t, const void*,
                         psa_storage_create_flags_t) {
  return PSA_ERROR_NOT_SUPPORTED;
}
psa_status_t psa_its_get(psa_storage_uid_t, size_t, size_t, void*,
                         size_t* p_data_length) {
  *p_data_length = 0;
  return PSA_ERROR_DOES_NOT_EXIST;
}
psa_status_t psa_its_get_info(psa_storage_uid_t, psa_storage_info_t*) {
  return PSA_ERROR_DOES_NOT_EXIST;
}
psa_status_t psa_its_remove(psa_storage_uid_t) {
  return PSA_ERROR_DOES_NOT_EXIST;
}

}  // extern "C"
