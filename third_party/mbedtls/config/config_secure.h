/* Mbed TLS of the secure side: the PSA core of the crypto partition, and the
 * stateless primitives that every partition shares. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#define MBEDTLS_HAVE_ASM

/* The partition's static pool; nothing else in the secure image has a heap. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
/* For 64-bit members; the host's tests need it for pointers, too. */
#define MBEDTLS_MEMORY_ALIGN_MULTIPLE 8
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_STD_EXIT_SUCCESS 0
#define MBEDTLS_PLATFORM_STD_EXIT_FAILURE 1
#define MBEDTLS_PLATFORM_EXIT_MACRO cai_mbedtls_exit
void cai_mbedtls_exit(int code);

#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "psa_features.h"
#include "psa_features_secure.h"
/* Over the crypto partition's own psa_its_* (key_storage.cc). */
#define MBEDTLS_PSA_CRYPTO_STORAGE_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_PSA_CRYPTO_KEY_ID_ENCODES_OWNER
/* Slots are static: an exhausted pool can never lose a key half stored. Large
 * enough for the longest keys of RFC 4231 (HMAC) and RFC 5869 (HKDF). */
#define MBEDTLS_PSA_STATIC_KEY_SLOTS
#define MBEDTLS_PSA_STATIC_KEY_SLOT_BUFFER_SIZE 140
#define MBEDTLS_PSA_KEY_SLOT_COUNT 28
/* The SPM has already copied every buffer out of the caller's reach. */
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS

/* zeroize.c: the library's keeps a pointer in .data. */
#define MBEDTLS_PLATFORM_ZEROIZE_ALT

/* Tables in flash: shared code has no data, and no first call is slower. */
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_ECP_NIST_OPTIM

#ifdef __cplusplus
}
#endif
