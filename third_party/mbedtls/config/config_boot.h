/* Mbed TLS of the boot loader: ECDSA verification on P-256, nothing else.
 * SHA-256 comes with the primitives that boot shares with the secure side. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#define MBEDTLS_HAVE_ASM

/* One static pool in boot RAM. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_STD_EXIT_SUCCESS 0
#define MBEDTLS_PLATFORM_STD_EXIT_FAILURE 1
#define MBEDTLS_PLATFORM_EXIT_MACRO cai_mbedtls_exit
void cai_mbedtls_exit(int code);
#define MBEDTLS_PLATFORM_ZEROIZE_ALT

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDSA_C
/* Wanted by the configuration's own check; the linker drops them. */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#ifdef __cplusplus
}
#endif
