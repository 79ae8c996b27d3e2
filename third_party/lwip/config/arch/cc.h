/* What lwIP asks of compiler and platform. The application supplies
 * cai_ns_Random32(), cai_ns_LwipAssert() and sys_now() (milliseconds). */
#ifndef CAI_LWIP_CC_H
#define CAI_LWIP_CC_H

#include <stdint.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Unpredictable: transaction ids, ports, initial sequence numbers. */
uint32_t cai_ns_Random32(void);
void cai_ns_LwipAssert(const char* what) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#define LWIP_RAND() cai_ns_Random32()
#define LWIP_PLATFORM_DIAG(x) ((void)0)
#define LWIP_PLATFORM_ASSERT(x) cai_ns_LwipAssert(x)
#define BYTE_ORDER LITTLE_ENDIAN

#endif
