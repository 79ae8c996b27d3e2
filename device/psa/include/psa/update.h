/* PSA Certified Firmware Update API 1.0 (IHI 0093), the part that a device
 * needs whose images are installed from outside: what runs, and its
 * acceptance. Components: 0 the secure image, 1 the non-secure one. Images are
 * not written through this interface. */
#ifndef PSA_UPDATE_H
#define PSA_UPDATE_H

#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_FWU_API_VERSION_MAJOR 1
#define PSA_FWU_API_VERSION_MINOR 0

#ifndef PSA_SUCCESS_REBOOT
#define PSA_SUCCESS_REBOOT ((psa_status_t)1)
#define PSA_SUCCESS_RESTART ((psa_status_t)2)
#endif

typedef uint8_t psa_fwu_component_t;
#define FWU_COMPONENT_NUMBER 2

typedef struct psa_fwu_image_version_t {
  uint8_t major;
  uint8_t minor;
  uint16_t patch;
  uint32_t build;
} psa_fwu_image_version_t;

#define PSA_FWU_READY 0u
#define PSA_FWU_WRITING 1u
#define PSA_FWU_CANDIDATE 2u
#define PSA_FWU_STAGED 3u
#define PSA_FWU_FAILED 4u
#define PSA_FWU_TRIAL 5u
#define PSA_FWU_REJECTED 6u
#define PSA_FWU_UPDATED 7u

#define PSA_FWU_FLAG_VOLATILE_STAGING 0x00000001u
#define PSA_FWU_FLAG_ENCRYPTION 0x00000002u

typedef struct {
  uint8_t unused;
} psa_fwu_impl_info_t;

typedef struct psa_fwu_component_info_t {
  uint8_t state;
  psa_status_t error;
  psa_fwu_image_version_t version;
  uint32_t max_size;
  uint32_t flags;
  uint32_t location;
  psa_fwu_impl_info_t impl;
} psa_fwu_component_info_t;

/* PSA_ERROR_DOES_NOT_EXIST for another component. */
psa_status_t psa_fwu_query(psa_fwu_component_t component,
                           psa_fwu_component_info_t *info);

/* Every component in TRIAL becomes READY. PSA_ERROR_BAD_STATE if none is. */
psa_status_t psa_fwu_accept(void);

/* PSA_SUCCESS_REBOOT: the next start goes back. `error` is not kept.
 * PSA_ERROR_BAD_STATE if no component is in TRIAL. */
psa_status_t psa_fwu_reject(psa_status_t error);

/* Resets the device: does not return. */
psa_status_t psa_fwu_request_reboot(void);

#ifdef __cplusplus
}
#endif

#endif
