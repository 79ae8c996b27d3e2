// psa_call for the shims: typed requests and buffers as vectors.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/spm/services.h"
#include "psa/client.h"

namespace cai::psa_ns {

template <typename T>
psa_invec In(const T& value) {
  return {&value, sizeof(value)};
}

template <std::size_t kIns>
psa_status_t Call(spm::Sid sid, std::int32_t op, const psa_invec (&in)[kIns]) {
  return psa_call(CAI_PSA_HANDLE(static_cast<std::int32_t>(sid)), op, in, kIns,
                  nullptr, 0);
}

// `size` (may be null) becomes what was written.
template <std::size_t kIns>
psa_status_t Call(spm::Sid sid, std::int32_t op, const psa_invec (&in)[kIns],
                  void* out, std::size_t room, std::size_t* size) {
  psa_outvec vec = {out, room};
  const psa_status_t status = psa_call(
      CAI_PSA_HANDLE(static_cast<std::int32_t>(sid)), op, in, kIns, &vec, 1);
  if (size != nullptr) *size = status == PSA_SUCCESS ? vec.len : 0;
  return status;
}

}  // namespace cai::psa_ns
