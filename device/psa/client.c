/* The NSPE's side of the FF-M client API: packs a call into four registers. */
#include "psa/client.h"

#include <stdatomic.h>

#include "tfm_ns_interface.h"

/* Veneers into the SPE (device/spm/entry.S). `control` is
 * type << 16 | in_len << 8 | out_len. */
psa_status_t cai_psa_CallVeneer(psa_handle_t handle, uint32_t control,
                                const psa_invec* in, psa_outvec* out);
uint32_t cai_psa_VersionVeneer(uint32_t sid);

/* The core has one secure stack for all NS threads: of two that are interrupted
 * inside a veneer, each would be resumed with the other's registers. So only
 * one at a time goes there. The SPE does not rely on it. */
static atomic_flag call_open = ATOMIC_FLAG_INIT;

__attribute__((weak)) int32_t tfm_ns_interface_dispatch(
    veneer_fn fn, uint32_t arg0, uint32_t arg1, uint32_t arg2, uint32_t arg3) {
  if (atomic_flag_test_and_set(&call_open)) return PSA_ERROR_CONNECTION_BUSY;
  const int32_t result = fn(arg0, arg1, arg2, arg3);
  atomic_flag_clear(&call_open);
  return result;
}

__attribute__((weak)) uint32_t tfm_ns_interface_init(void) { return 0; }

/* The veneers in the form that is dispatched. */
static int32_t Version(uint32_t sid, uint32_t arg1, uint32_t arg2,
                       uint32_t arg3) {
  (void)arg1;
  (void)arg2;
  (void)arg3;
  return (int32_t)cai_psa_VersionVeneer(sid);
}
static int32_t Call(uint32_t handle, uint32_t control, uint32_t in,
                    uint32_t out) {
  return cai_psa_CallVeneer((psa_handle_t)handle, control, (const psa_invec*)in,
                            (psa_outvec*)out);
}

uint32_t psa_framework_version(void) { return PSA_FRAMEWORK_VERSION; }

uint32_t psa_version(uint32_t sid) {
  const int32_t version = tfm_ns_interface_dispatch(Version, sid, 0, 0, 0);
  return version < 0 ? PSA_VERSION_NONE : (uint32_t)version;
}

psa_handle_t psa_connect(uint32_t sid, uint32_t version) {
  (void)sid;
  (void)version;
  return PSA_ERROR_CONNECTION_REFUSED;
}

void psa_close(psa_handle_t handle) { (void)handle; }

psa_status_t psa_call(psa_handle_t handle, int32_t type,
                      const psa_invec* in_vec, size_t in_len,
                      psa_outvec* out_vec, size_t out_len) {
  /* The SPE checks all of it again; here only what the packing would lose. */
  if (type < 0 || type > 0x7fff) return PSA_ERROR_PROGRAMMER_ERROR;
  if (in_len > PSA_MAX_IOVEC || out_len > PSA_MAX_IOVEC)
    return PSA_ERROR_PROGRAMMER_ERROR;
  const uint32_t control =
      (uint32_t)type << 16 | (uint32_t)in_len << 8 | (uint32_t)out_len;
  return tfm_ns_interface_dispatch(Call, (uint32_t)handle, control,
                                   (uint32_t)in_vec, (uint32_t)out_vec);
}
