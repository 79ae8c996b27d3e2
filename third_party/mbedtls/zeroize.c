/* Wiping without a pointer in .data, so that shared code stays code. */
#include <stddef.h>
#include <stdint.h>

#include "mbedtls/platform_util.h"

typedef volatile uint32_t __attribute__((may_alias)) word;

/* In words where it can: each message wipes a few hundred bytes. */
void mbedtls_platform_zeroize(void *buffer, size_t size) {
  volatile unsigned char *at = (volatile unsigned char *)buffer;
  while (size > 0 && (uintptr_t)at % sizeof(word) != 0) *at++ = 0, --size;
  for (; size >= sizeof(word); size -= sizeof(word), at += sizeof(word))
    *(word *)at = 0;
  while (size-- > 0) *at++ = 0;
}
