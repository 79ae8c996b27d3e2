/* What PSA Crypto 1.1 declares in psa/crypto.h and Mbed TLS 3.6 does not:
 * hashes that pause. No hash of the crypto partition does; callers compile, and
 * are told so. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "psa/crypto_platform.h"

#ifdef __cplusplus
extern "C" {
#endif

struct psa_hash_operation_s;
/* psa_status_t, which is declared later. */
typedef int32_t cai_psa_status_t;

/* PSA_ERROR_BAD_STATE without an active operation, PSA_ERROR_NOT_SUPPORTED
 * else; the operation is then to be aborted. */
cai_psa_status_t psa_hash_suspend(struct psa_hash_operation_s *operation,
                                  uint8_t *hash_state, size_t hash_state_size,
                                  size_t *hash_state_length);
/* PSA_ERROR_BAD_STATE with an active operation, PSA_ERROR_NOT_SUPPORTED else.
 */
cai_psa_status_t psa_hash_resume(struct psa_hash_operation_s *operation,
                                 const uint8_t *hash_state,
                                 size_t hash_state_length);

#ifdef __cplusplus
}
#endif

/* PSA Crypto 1.1, "Hash suspend state": the algorithm (4 bytes), the length of
 * the input so far, the state of the hash, and what of the last block is there.
 */
#define PSA_HASH_SUSPEND_ALGORITHM_FIELD_LENGTH ((size_t)4)
#define PSA_HASH_SUSPEND_INPUT_LENGTH_FIELD_LENGTH(alg) \
  ((size_t)(PSA_HASH_BLOCK_LENGTH(alg) == 64    ? 8     \
            : PSA_HASH_BLOCK_LENGTH(alg) == 128 ? 16    \
                                                : 0))
#define PSA_HASH_SUSPEND_HASH_STATE_FIELD_LENGTH(alg)              \
  ((size_t)((alg) == PSA_ALG_SHA_224 ? 32                          \
            : (alg) == PSA_ALG_SHA_384 || (alg) == PSA_ALG_SHA_512 \
                ? 64                                               \
                : PSA_HASH_LENGTH(alg)))
#define PSA_HASH_SUSPEND_OUTPUT_SIZE(alg)            \
  (PSA_HASH_SUSPEND_ALGORITHM_FIELD_LENGTH +         \
   PSA_HASH_SUSPEND_INPUT_LENGTH_FIELD_LENGTH(alg) + \
   PSA_HASH_SUSPEND_HASH_STATE_FIELD_LENGTH(alg) +   \
   PSA_HASH_BLOCK_LENGTH(alg) - 1)
#define PSA_HASH_SUSPEND_OUTPUT_MAX_SIZE \
  PSA_HASH_SUSPEND_OUTPUT_SIZE(PSA_ALG_SHA_384)
