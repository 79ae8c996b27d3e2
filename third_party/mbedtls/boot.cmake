# ECDSA verification for the boot loader. The functions that need no
# configuration (constant time) are the primitives' copies.
cai_mbedtls_config(mbedtls_boot_config config_boot.h)
cai_mbedtls_library(mbedtls_boot CONFIG mbedtls_boot_config SOURCES
  bignum bignum_core ecdsa ecp ecp_curves memory_buffer_alloc platform
  platform_util
  EXTRA exit.c)
# Linked, but its configuration is not seen.
target_link_libraries(mbedtls_boot PRIVATE $<LINK_ONLY:mbedtls_primitives>)
