// Internal Trusted Storage and Protected Storage over psa_call.
#include "device/partitions/storage/api.h"
#include "device/psa/ns/service.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"

namespace cai::psa_ns {
namespace {

namespace api = storage_api;
using api::Op;
using spm::Sid;

psa_status_t Set(Sid sid, psa_storage_uid_t uid, std::size_t size,
                 const void* data, psa_storage_create_flags_t flags) {
  if (data == nullptr && size > 0) return PSA_ERROR_INVALID_ARGUMENT;
  if (size > api::kMaxObject) return PSA_ERROR_INSUFFICIENT_STORAGE;
  const api::SetRequest request{uid, flags, 0};
  return Call(sid, static_cast<std::int32_t>(Op::kSet),
              {In(request), {data, size}});
}

psa_status_t Get(Sid sid, psa_storage_uid_t uid, std::size_t offset,
                 std::size_t size, void* data, std::size_t* data_length) {
  if ((data == nullptr && size > 0) || data_length == nullptr)
    return PSA_ERROR_INVALID_ARGUMENT;
  *data_length = 0;
  if (offset > api::kMaxObject) return PSA_ERROR_INVALID_ARGUMENT;
  // No object has more; a larger buffer need not cross.
  if (size > api::kMaxObject) size = api::kMaxObject;
  const api::GetRequest request{uid, static_cast<std::uint32_t>(offset), 0};
  return Call(sid, static_cast<std::int32_t>(Op::kGet), {In(request)}, data,
              size, data_length);
}

psa_status_t GetInfo(Sid sid, psa_storage_uid_t uid,
                     struct psa_storage_info_t* out) {
  if (out == nullptr) return PSA_ERROR_INVALID_ARGUMENT;
  const api::UidRequest request{uid};
  api::Info info = {};
  const psa_status_t status = Call(sid, static_cast<std::int32_t>(Op::kGetInfo),
                                   {In(request)}, &info, sizeof(info), nullptr);
  if (status == PSA_SUCCESS) *out = {info.capacity, info.size, info.flags};
  return status;
}

psa_status_t Remove(Sid sid, psa_storage_uid_t uid) {
  const api::UidRequest request{uid};
  return Call(sid, static_cast<std::int32_t>(Op::kRemove), {In(request)});
}

}  // namespace
}  // namespace cai::psa_ns

using cai::spm::Sid;
namespace ns = cai::psa_ns;

extern "C" {

psa_status_t psa_its_set(psa_storage_uid_t uid, size_t data_length,
                         const void* p_data,
                         psa_storage_create_flags_t create_flags) {
  return ns::Set(Sid::kIts, uid, data_length, p_data, create_flags);
}
psa_status_t psa_its_get(psa_storage_uid_t uid, size_t data_offset,
                         size_t data_size, void* p_data,
                         size_t* p_data_length) {
  return ns::Get(Sid::kIts, uid, data_offset, data_size, p_data, p_data_length);
}
psa_status_t psa_its_get_info(psa_storage_uid_t uid,
                              struct psa_storage_info_t* p_info) {
  return ns::GetInfo(Sid::kIts, uid, p_info);
}
psa_status_t psa_its_remove(psa_storage_uid_t uid) {
  return ns::Remove(Sid::kIts, uid);
}

psa_status_t psa_ps_set(psa_storage_uid_t uid, size_t data_length,
                        const void* p_data,
                        psa_storage_create_flags_t create_flags) {
  return ns::Set(Sid::kPs, uid, data_length, p_data, create_flags);
}
psa_status_t psa_ps_get(psa_storage_uid_t uid, size_t data_offset,
                        size_t data_size, void* p_data, size_t* p_data_length) {
  return ns::Get(Sid::kPs, uid, data_offset, data_size, p_data, p_data_length);
}
psa_status_t psa_ps_get_info(psa_storage_uid_t uid,
                             struct psa_storage_info_t* p_info) {
  return ns::GetInfo(Sid::kPs, uid, p_info);
}
psa_status_t psa_ps_remove(psa_storage_uid_t uid) {
  return ns::Remove(Sid::kPs, uid);
}
psa_status_t psa_ps_create(psa_storage_uid_t, size_t,
                           psa_storage_create_flags_t) {
  return PSA_ERROR_NOT_SUPPORTED;
}
psa_status_t psa_ps_set_extended(psa_storage_uid_t, size_t, size_t,
                                 const void*) {
  return PSA_ERROR_NOT_SUPPORTED;
}
uint32_t psa_ps_get_support(void) { return 0; }

}  // extern "C"
