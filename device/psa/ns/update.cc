// The Firmware Update API over psa_call. A reset is within the non-secure
// side's own power.
#include "psa/update.h"

#include "device/ns/platform/cpu.h"
#include "device/partitions/update/api.h"
#include "device/psa/ns/service.h"

namespace cai::psa_ns {
namespace {

using update::Op;

constexpr std::int32_t kHandle =
    CAI_PSA_HANDLE(static_cast<std::int32_t>(spm::Sid::kUpdate));

psa_status_t Do(Op op) {
  return psa_call(kHandle, static_cast<std::int32_t>(op), nullptr, 0, nullptr,
                  0);
}

psa_status_t Query(psa_fwu_component_t component,
                   psa_fwu_component_info_t* out) {
  if (out == nullptr) return PSA_ERROR_INVALID_ARGUMENT;
  const std::uint32_t number = component;
  update::Info info = {};
  const psa_status_t status =
      Call(spm::Sid::kUpdate, static_cast<std::int32_t>(Op::kQuery),
           {In(number)}, &info, sizeof info, nullptr);
  if (status != PSA_SUCCESS) return status;
  *out = {};
  out->state = static_cast<std::uint8_t>(info.state);
  out->version = {info.major, info.minor, info.patch, info.build};
  out->max_size = info.max_size;
  return PSA_SUCCESS;
}

}  // namespace
}  // namespace cai::psa_ns

using cai::update::Op;
namespace ns = cai::psa_ns;

extern "C" {

psa_status_t psa_fwu_query(psa_fwu_component_t component,
                           psa_fwu_component_info_t* info) {
  return ns::Query(component, info);
}
psa_status_t psa_fwu_accept(void) { return ns::Do(Op::kAccept); }
psa_status_t psa_fwu_reject(psa_status_t) {
  const psa_status_t status = ns::Do(Op::kReject);
  return status == PSA_SUCCESS ? PSA_SUCCESS_REBOOT : status;
}
psa_status_t psa_fwu_request_reboot(void) { cai::ns::SystemReset(); }

}  // extern "C"
