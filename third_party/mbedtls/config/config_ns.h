/* Mbed TLS of the NSPE: a TLS 1.2 and 1.3 client and X.509. Every key operation
 * and hash is a psa_* call into the SPE; this build has no crypto of its own.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#define MBEDTLS_HAVE_ASM

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
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO snprintf

/* The application supplies all three; without valid time TLS must refuse:
 *   long long cai_ns_time(long long *);    Unix seconds
 *   mbedtls_ms_time_t mbedtls_ms_time(void);
 *   struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *, struct tm *);
 * The last is in mbedtls_ns (gmtime.c). 64-bit time: no year 2038. */
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE
#define MBEDTLS_PLATFORM_TIME_TYPE_MACRO long long
#define MBEDTLS_PLATFORM_TIME_MACRO cai_ns_time
#define MBEDTLS_PLATFORM_MS_TIME_ALT
#define MBEDTLS_PLATFORM_GMTIME_R_ALT
long long cai_ns_time(long long *now);

#define MBEDTLS_PSA_CRYPTO_CLIENT
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "psa_features.h"
#define MBEDTLS_PSA_CRYPTO_PLATFORM_FILE "psa_platform.h"
#define MBEDTLS_USE_PSA_CRYPTO

#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_REMOVE_INFO

#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_ALPN
#define MBEDTLS_SSL_ALL_ALERT_MESSAGES
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED

/* Records: what the crypto partition's iovec area holds in one AEAD call. */
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_SSL_IN_CONTENT_LEN 4096
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048

#define MBEDTLS_SSL_CIPHERSUITES                                              \
  MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS1_3_AES_128_GCM_SHA256, \
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,                  \
      MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256

#ifdef __cplusplus
}
#endif
