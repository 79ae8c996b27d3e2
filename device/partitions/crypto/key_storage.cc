#include "device/partitions/crypto/key_storage.h"

#include "device/partitions/storage/api.h"
#include "device/spm/partition.h"
#include "psa/internal_trusted_storage.h"

namespace cai::crypto_partition {
namespace {

namespace api = storage_api;
using api::Op;

psa_status_t last_refusal = PSA_SUCCESS;

template <std::size_t kIns>
psa_status_t Call(Op op, const spm::InVec (&in)[kIns],
                  spm::OutVec* out = nullptr) {
  return spm::Call(spm::Sid::kIts, static_cast<std::int32_t>(op), in, kIns, out,
                   out != nullptr ? 1 : 0);
}

template <typename T>
spm::InVec In(const T& value) {
  return {&value, sizeof(value)};
}

}  // namespace

psa_status_t AsStored(psa_status_t status) {
  const psa_status_t reason = last_refusal;
  last_refusal = PSA_SUCCESS;
  return status == PSA_ERROR_DATA_INVALID && reason != PSA_SUCCESS ? reason
                                                                   : status;
}

}  // namespace cai::crypto_partition

using cai::crypto_partition::Call;
using cai::crypto_partition::In;
using cai::crypto_partition::last_refusal;
namespace storage_api = cai::storage_api;

// What the core calls.
extern "C" {

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length,
                         const void* p_data,
                         psa_storage_create_flags_t create_flags) {
  const storage_api::SetRequest request{uid, create_flags, 0};
  const psa_status_t status =
      Call(storage_api::Op::kSet, {In(request), {p_data, data_length}});
  if (status != PSA_SUCCESS) last_refusal = status;
  return status;
}

psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset,
                         size_t data_size, void* p_data,
                         size_t* p_data_length) {
  const storage_api::GetRequest request{
      uid, static_cast<std::uint32_t>(data_offset), 0};
  cai::spm::OutVec out{p_data, data_size};
  const psa_status_t status = Call(storage_api::Op::kGet, {In(request)}, &out);
  *p_data_length = status == PSA_SUCCESS ? out.len : 0;
  return status;
}

psa_status_t psa_its_get_info(psa_storage_uid_t uid,
                              struct psa_storage_info_t* p_info) {
  const storage_api::UidRequest request{uid};
  storage_api::Info info = {};
  cai::spm::OutVec out{&info, sizeof(info)};
  const psa_status_t status =
      Call(storage_api::Op::kGetInfo, {In(request)}, &out);
  *p_info = {info.capacity, info.size, info.flags};
  return status;
}

psa_status_t psa_its_remove(psa_storage_uid_t uid) {
  const storage_api::UidRequest request{uid};
  return Call(storage_api::Op::kRemove, {In(request)});
}

}  // extern "C"
