/* Wiping without a pointer in .data, so that shared code stays code. */
#include <stddef.h>

#include "mbedtls/platform_util.h"

void mbedtls_platform_zeroize(void *buffer, size_t size) {
  volatile unsigned char *at = (volatile unsigned char *)buffer;
  while (size-- > 0) *at++ = 0;
}
