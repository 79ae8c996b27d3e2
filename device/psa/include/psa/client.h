/* The FF-M 1.1 client API (Arm DEN 0063, 4.3) as the NSPE has it. All services
 * are stateless: a call takes the static handle CAI_PSA_HANDLE(sid), and no
 * connection is ever opened. From thread mode only; one call at a time (another
 * thread's gets PSA_ERROR_CONNECTION_BUSY). */
#ifndef CAI_PSA_CLIENT_H
#define CAI_PSA_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_FRAMEWORK_VERSION (0x0101u)
#define PSA_VERSION_NONE (0u)
#define PSA_NULL_HANDLE ((psa_handle_t)0)
#define PSA_MAX_IOVEC (4u)
#define PSA_IPC_CALL (0)

/* spm::kHandleBase | Sid. */
#define CAI_PSA_HANDLE(sid) ((psa_handle_t)(0x40000000 | (sid)))

typedef int32_t psa_handle_t;

typedef struct psa_invec {
  const void* base;
  size_t len;
} psa_invec;

typedef struct psa_outvec {
  void* base;
  size_t len; /* in: room; out, whatever the status: what was written */
} psa_outvec;

uint32_t psa_framework_version(void);

/* PSA_VERSION_NONE if the service does not exist, NS may not call it, or a call
 * is open. */
uint32_t psa_version(uint32_t sid);

/* All services are stateless: PSA_ERROR_CONNECTION_REFUSED. */
psa_handle_t psa_connect(uint32_t sid, uint32_t version);
void psa_close(psa_handle_t handle);

/* `type` is the operation, 0..0x7fff; in_len + out_len <= PSA_MAX_IOVEC.
 * Beside what the service returns:
 *   PSA_ERROR_PROGRAMMER_ERROR     not a static handle of a service, too many
 *                                  vectors, or memory that is not the caller's
 *   PSA_ERROR_NOT_PERMITTED        no such operation for NS
 *   PSA_ERROR_INSUFFICIENT_MEMORY  more than the service's vector area holds
 *   PSA_ERROR_CONNECTION_BUSY      a call is open, or handler mode
 *   PSA_ERROR_CONNECTION_REFUSED   the partition was stopped
 *   PSA_ERROR_COMMUNICATION_FAILURE  the partition failed during this call */
psa_status_t psa_call(psa_handle_t handle, int32_t type,
                      const psa_invec* in_vec, size_t in_len,
                      psa_outvec* out_vec, size_t out_len);

#ifdef __cplusplus
}
#endif

#endif
