/* The device's own services, for the NSPE in C and C++: who it is, what it
 * measures, and its sealed messages to the verifying service. By psa_call, one
 * call a function.
 *
 * `length` becomes what was written; 0 on errors. Errors of all:
 *   PSA_ERROR_BUFFER_TOO_SMALL      less than the result, or than the maximum
 *                                   where one is named
 *   PSA_ERROR_CONNECTION_BUSY       another call is open: try again
 *   PSA_ERROR_COMMUNICATION_FAILURE the partition failed
 *   PSA_ERROR_GENERIC_ERROR         another partition failed */
#ifndef CAI_DEVICE_H
#define CAI_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Identity ----------------------------------------------------------- */

#define CAI_UUID_SIZE 16u
#define CAI_UEID_SIZE 33u /* RFC 9711, 4.2.1: 0x01 and 32 bytes */

/* What a key of the device is for, and a certificate of it. */
typedef uint32_t cai_purpose_t;
#define CAI_PURPOSE_TLS_CLIENT ((cai_purpose_t)1)
#define CAI_PURPOSE_COSE_SIGN ((cai_purpose_t)2)

/* Key identifiers that exist from the start, for psa_sign_hash with
 * PSA_ALG_ECDSA(PSA_ALG_SHA_256) and psa_export_public_key; never exported. */
#define CAI_KEY_TLS_CLIENT 0x7fff0001u
#define CAI_KEY_BOOTSTRAP 0x7fff0002u

psa_status_t cai_identity_get(uint8_t uuid[CAI_UUID_SIZE],
                              uint8_t ueid[CAI_UEID_SIZE]);

/* A PKCS#10 request (DER) for the key of this purpose, signed by it.
 * PSA_ERROR_PROGRAMMER_ERROR: no such purpose. */
#define CAI_CSR_MAX_SIZE 419u
psa_status_t cai_identity_csr(cai_purpose_t purpose, uint8_t* csr, size_t size,
                              size_t* length);

/* The signed configuration without its secrets (CBOR, lib/wire).
 * PSA_ERROR_DOES_NOT_EXIST: none, or one that was refused. */
psa_status_t cai_identity_configuration(uint8_t* configuration, size_t size,
                                        size_t* length);

/* A token that the key of this purpose is this device's own, with a platform
 * token in it. PSA_ERROR_PROGRAMMER_ERROR: no such purpose;
 * PSA_ERROR_BAD_STATE: no attestation in this boot. */
#define CAI_KEY_TOKEN_NONCE_SIZE 32u
psa_status_t cai_attest_key_token(const uint8_t nonce[CAI_KEY_TOKEN_NONCE_SIZE],
                                  cai_purpose_t purpose, uint8_t* token,
                                  size_t size, size_t* length);

/* ---- Sensors and models ------------------------------------------------- */

#define CAI_HAS_TEMPERATURE (1u << 0)
#define CAI_HAS_MAGNETIC (1u << 1)
#define CAI_HAS_CLOCK (1u << 2)

/* Which sensors answer; their readings are infer's alone. */
psa_status_t cai_sensor_present(uint32_t* sensors);

/* By the device's clock. PSA_ERROR_DOES_NOT_EXIST, PSA_ERROR_HARDWARE_FAILURE,
 * PSA_ERROR_DATA_CORRUPT: there is none, it broke off, it says no time. */
psa_status_t cai_sensor_time(uint64_t* unix_seconds);

/* CBOR [* [name, version, SHA-256]]. */
psa_status_t cai_infer_models(uint8_t* models, size_t size, size_t* length);

/* ---- Sealed messages ---------------------------------------------------- */

typedef struct cai_seal_step {
  uint32_t kind;    /* CAI_SEAL_* */
  uint32_t wait_ms; /* CAI_SEAL_NOTHING: ask again after this */
} cai_seal_step_t;

#define CAI_SEAL_NOTHING 0u
#define CAI_SEAL_SESSION 1u /* to publish on cai/<uuid>/s, and to keep */
#define CAI_SEAL_READING 2u /* to publish on cai/<uuid>/r */
#define CAI_SEAL_NEED_SERVICE_KEY 3u /* publish a hello: no usable key yet */

/* What is to be published next; may read the sensors, run a model and sign.
 * `message` must have room for CAI_SEAL_MESSAGE_MAX_SIZE.
 * PSA_ERROR_BAD_STATE: nothing is sealed in this boot;
 * PSA_ERROR_DOES_NOT_EXIST: no configuration;
 * PSA_ERROR_INSUFFICIENT_STORAGE: a counter is used up. */
#define CAI_SEAL_MESSAGE_MAX_SIZE 2048u
psa_status_t cai_seal_next(cai_seal_step_t* next, uint8_t* message, size_t size,
                           size_t* length);

/* A service key, or a challenge or command, as received.
 * PSA_ERROR_NOT_PERMITTED: refused; the reason is on the secure console alone.
 * PSA_ERROR_CONNECTION_BUSY: too many challenges. */
psa_status_t cai_seal_service_key(const uint8_t* message, size_t length);
psa_status_t cai_seal_downlink(const uint8_t* message, size_t length);

/* For people: a CBOR map of texts to numbers and booleans. */
psa_status_t cai_seal_status(uint8_t* status, size_t size, size_t* length);

#ifdef __cplusplus
}
#endif

#endif
