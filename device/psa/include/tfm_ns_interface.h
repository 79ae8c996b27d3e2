/* The seam between an RTOS and the secure side, under the names of TF-M, for
 * ports and applications that know it. Every call of the PSA APIs goes through
 * tfm_ns_interface_dispatch(). */
#ifndef CAI_TFM_NS_INTERFACE_H
#define CAI_TFM_NS_INTERFACE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t (*veneer_fn)(uint32_t arg0, uint32_t arg1, uint32_t arg2,
                             uint32_t arg3);

/* Runs `fn` with its arguments and returns what it returns. The one that is
 * here does so for one caller at a time and answers others with
 * PSA_ERROR_CONNECTION_BUSY; an RTOS port defines its own, whose threads wait
 * for a mutex. */
int32_t tfm_ns_interface_dispatch(veneer_fn fn, uint32_t arg0, uint32_t arg1,
                                  uint32_t arg2, uint32_t arg3);

/* Before the first call, where a port has something to prepare: its mutex. The
 * one that is here has not. 0 is success. */
uint32_t tfm_ns_interface_init(void);

#ifdef __cplusplus
}
#endif

#endif
