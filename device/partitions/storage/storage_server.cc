// The storage partition: ITS and PS, each a Store, behind their requests.
#include <optional>

#include "device/partitions/storage/api.h"
#include "device/partitions/storage/store.h"
#include "device/spm/partition.h"
#include "lib/events/events.h"
#include "psa/storage_common.h"

namespace cai::storage {
namespace {

using storage_api::GetRequest;
using storage_api::Op;
using storage_api::SetRequest;
using storage_api::UidRequest;

// One key, one count of writes, one buffer: calls never interleave. Constant
// initialisation: no constructor runs in a partition.
constinit Sealer sealer;
constinit ByteArray<kMaxSealed> scratch{};
constinit Store its(kItsPlace, sealer, scratch);
constinit Store ps(kPsPlace, sealer, scratch);
bool started = false;

using events::EventId;
void Report(EventId event, std::uint32_t argument) {
  spm::Event(static_cast<std::uint16_t>(event), argument);
}

// The one place where our reasons become those of the PSA Secure Storage API.
psa_status_t ToPsa(Error error, spm::Sid sid) {
  switch (error) {
    case Error::kStoreNotFound:
      return PSA_ERROR_DOES_NOT_EXIST;
    case Error::kStoreWriteOnce:
      return PSA_ERROR_NOT_PERMITTED;
    case Error::kStoreFull:
    case Error::kStoreTooLarge:
      return PSA_ERROR_INSUFFICIENT_STORAGE;
    case Error::kStoreBadOffset:
    case Error::kStoreBadUid:
      return PSA_ERROR_INVALID_ARGUMENT;
    case Error::kStoreBadFlags:
      return PSA_ERROR_NOT_SUPPORTED;
    case Error::kStoreCorrupt:
      return sid == spm::Sid::kPs ? PSA_ERROR_INVALID_SIGNATURE
                                  : PSA_ERROR_DATA_CORRUPT;
    case Error::kIpcBadRequest:
      return PSA_ERROR_PROGRAMMER_ERROR;
    case Error::kIpcNoRoom:
      return PSA_ERROR_BUFFER_TOO_SMALL;
    default:
      return PSA_ERROR_STORAGE_FAILURE;
  }
}

Status Set(Store& store, spm::Message& message) {
  if (message.in_count != 2) return Error::kIpcBadRequest;
  CAI_TRY_ASSIGN(const SetRequest request, message.Read<SetRequest>(0));
  return store.Set(message.client, request.uid, request.flags, message.in[1]);
}

Status Get(Store& store, spm::Message& message) {
  if (message.out_count != 1) return Error::kIpcBadRequest;
  CAI_TRY_ASSIGN(const GetRequest request, message.Read<GetRequest>(0));
  CAI_TRY_ASSIGN(const Bytes data, store.Get(message.client, request.uid,
                                             request.offset, message.out[0]));
  message.out_size[0] = data.size();
  return kDone;
}

Status GetInfo(Store& store, spm::Message& message) {
  CAI_TRY_ASSIGN(const UidRequest request, message.Read<UidRequest>(0));
  CAI_TRY_ASSIGN(const storage_api::Info info,
                 store.GetInfo(message.client, request.uid));
  return message.WriteValue(0, info);
}

Status Remove(Store& store, spm::Message& message) {
  CAI_TRY_ASSIGN(const UidRequest request, message.Read<UidRequest>(0));
  return store.Remove(message.client, request.uid);
}

Status Serve(Store& store, spm::Message& message) {
  switch (static_cast<Op>(message.op)) {
    case Op::kSet:
      return Set(store, message);
    case Op::kGet:
      return Get(store, message);
    case Op::kGetInfo:
      return GetInfo(store, message);
    case Op::kRemove:
      return Remove(store, message);
    case Op::kGetSupport:
      return message.WriteValue(0, std::uint32_t{0});
  }
  return Error::kIpcBadRequest;
}

void Mount(Store& store, std::uint32_t number) {
  const Status status = store.Mount();
  if (!status.ok()) Report(EventId::kStorageFailed, number);
  if (store.formatted()) Report(EventId::kStorageFormatted, number);
  if (store.rolled_back()) Report(EventId::kStorageRolledBack, number);
}

Status Start() {
  Secret<32> key;
  CAI_TRY(spm::TakeKey(key.mutable_bytes()));
  spm::BootData boot;
  CAI_TRY(spm::GetBootData(boot));
  sealer.Start(key, boot.boot_count);
  // A store that cannot be mounted now is tried again at each request.
  Mount(its, kItsPlace.store);
  Mount(ps, kPsPlace.store);
  started = true;
  return kDone;
}

}  // namespace
}  // namespace cai::storage

extern "C" psa_status_t cai_storage_Start() {
  return cai::storage::Start().ok() ? PSA_SUCCESS : PSA_ERROR_GENERIC_ERROR;
}

extern "C" psa_status_t cai_storage_Serve(cai::spm::Message* message) {
  using namespace cai::storage;
  if (!started) return PSA_ERROR_BAD_STATE;
  Store& store = message->sid == cai::spm::Sid::kPs ? ps : its;
  const cai::Status status = Serve(store, *message);
  return status.ok() ? PSA_SUCCESS : ToPsa(status.error(), message->sid);
}
