#include "device/spm/privileges.h"

#include <cstring>

#include "device/nv/counters.h"
#include "device/nv/flash.h"
#include "device/spm/border.h"
#include "device/spm/console.h"
#include "device/spm/partition_list.h"
#include "device/spm/svc.h"
#include "device/spm/time.h"
#include "lib/base/secret.h"

namespace cai::spm {
namespace {

boot::Handoff boot_data;
std::uint32_t taken = 0;  // kTake... that were given out

struct Deposit {
  bool full = false;
  ByteArray<32> key{};
};
std::array<Deposit, kMaxPartitions> deposits;  // by receiver's index

std::int32_t IdOf(const Partition& partition) {
  return static_cast<std::int32_t>(partition.id);
}

std::size_t IndexOf(const Partition& partition) {
  return static_cast<std::size_t>(&partition - kPartitions.data());
}

// A buffer of the caller's, checked, or nothing.
Result<MutableBytes> Writable(const Partition& caller, std::uint32_t base,
                              std::size_t size) {
  if (!MayWrite(IdOf(caller), base, size)) return Error::kIpcBadRequest;
  // Safety: checked to be the caller's.
  return MutableBytes(reinterpret_cast<std::byte*>(base), size);
}

Result<Bytes> Readable(const Partition& caller, std::uint32_t base,
                       std::size_t size) {
  if (!MayRead(IdOf(caller), base, size)) return Error::kIpcBadRequest;
  // Safety: checked to be the caller's.
  return Bytes(reinterpret_cast<const std::byte*>(base), size);
}

Status MayUseFlash(const Partition& caller, std::uint32_t offset,
                   std::size_t size) {
  const Privileges& granted = caller.privileges;
  for (std::size_t i = 0; i < granted.flash_count; ++i) {
    const nv::Region& region = granted.flash[i];
    if (offset >= region.offset && offset - region.offset <= region.size &&
        size <= region.size - (offset - region.offset))
      return kDone;
  }
  return Error::kIpcNotPermitted;
}

Status FlashReadFor(const Partition& caller, const Frame& frame) {
  CAI_TRY(MayUseFlash(caller, frame.r0, frame.r2));
  CAI_TRY_ASSIGN(const MutableBytes out, Writable(caller, frame.r1, frame.r2));
  return nv::Read(frame.r0, out);
}

Status FlashProgramFor(const Partition& caller, const Frame& frame) {
  CAI_TRY(MayUseFlash(caller, frame.r0, frame.r2));
  CAI_TRY_ASSIGN(const Bytes data, Readable(caller, frame.r1, frame.r2));
  return nv::Program(frame.r0, data);
}

Status FlashEraseFor(const Partition& caller, const Frame& frame) {
  CAI_TRY(MayUseFlash(caller, frame.r0, nv::kSectorSize));
  return nv::Erase(frame.r0);
}

Status MayUseCounter(const Partition& caller, std::uint32_t counter) {
  const bool known = counter < static_cast<std::uint32_t>(nv::Counter::kCount);
  if (!known || (caller.privileges.counters >> counter & 1) == 0)
    return Error::kIpcNotPermitted;
  return kDone;
}

Status ReadCounterFor(const Partition& caller, const Frame& frame) {
  CAI_TRY(MayUseCounter(caller, frame.r0));
  CAI_TRY_ASSIGN(const MutableBytes out,
                 Writable(caller, frame.r1, sizeof(std::uint32_t)));
  CAI_TRY_ASSIGN(const std::uint32_t value,
                 nv::ReadCounter(static_cast<nv::Counter>(frame.r0)));
  std::memcpy(out.data(), &value, sizeof value);
  return kDone;
}

Status AdvanceCounterFor(const Partition& caller, const Frame& frame) {
  CAI_TRY(MayUseCounter(caller, frame.r0));
  return nv::AdvanceCounter(static_cast<nv::Counter>(frame.r0), frame.r1);
}

template <typename To, typename From>
void CopyObject(To& to, const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  std::memcpy(&to, &from, sizeof to);
}

BootData PublicBootData() {
  BootData out{};
  out.boot_count = boot_data.boot_count;
  out.key_generation = boot_data.key_generation;
  out.lifecycle = boot_data.lifecycle;
  out.component_count = static_cast<std::uint16_t>(boot_data.component_count);
  std::ranges::copy(boot_data.slots, out.slots.begin());
  CopyObject(out.uuid, boot_data.uuid);
  CopyObject(out.ueid, boot_data.ueid);
  CopyObject(out.implementation_id, boot_data.implementation_id);
  CopyObject(out.service_roots, boot_data.service_roots);
  CopyObject(out.model_owners, boot_data.model_owners);
  CopyObject(out.components, boot_data.components);
  return out;
}

Status GetBootDataFor(const Partition& caller, const Frame& frame) {
  if (!caller.privileges.boot_data) return Error::kIpcNotPermitted;
  CAI_TRY_ASSIGN(const MutableBytes out,
                 Writable(caller, frame.r0, sizeof(BootData)));
  const BootData data = PublicBootData();
  std::memcpy(out.data(), &data, sizeof data);
  return kDone;
}

// Hands out a secret of boot's once, and forgets it.
Status TakeFor(const Partition& caller, const Frame& frame, std::uint32_t what,
               MutableBytes secret) {
  if ((caller.privileges.takes & what) == 0 || (taken & what) != 0)
    return Error::kIpcNotPermitted;
  CAI_TRY_ASSIGN(const MutableBytes out,
                 Writable(caller, frame.r0, secret.size()));
  taken |= what;
  std::memcpy(out.data(), secret.data(), secret.size());
  Wipe(secret);
  return kDone;
}

Status DepositKeyFor(const Partition& caller, const Frame& frame) {
  const Partition* to = FindPartition(static_cast<std::int32_t>(frame.r0));
  if (to == nullptr || (caller.privileges.gives_to >> frame.r0 & 1) == 0)
    return Error::kIpcNotPermitted;
  CAI_TRY_ASSIGN(const Bytes key, Readable(caller, frame.r1, 32));
  Deposit& deposit = deposits[IndexOf(*to)];
  deposit.full = true;
  std::memcpy(deposit.key.data(), key.data(), key.size());
  return kDone;
}

Status TakeKeyFor(const Partition& caller, const Frame& frame) {
  Deposit& deposit = deposits[IndexOf(caller)];
  if (!deposit.full) return Error::kIpcNotPermitted;
  CAI_TRY_ASSIGN(const MutableBytes out, Writable(caller, frame.r0, 32));
  std::memcpy(out.data(), deposit.key.data(), out.size());
  Wipe(deposit.key);
  deposit.full = false;
  return kDone;
}

void UptimeFor(Frame* frame) {
  const std::uint64_t now = Uptime();
  frame->r0 = static_cast<std::uint32_t>(now);
  frame->r1 = static_cast<std::uint32_t>(now >> 32);
}

Result<Status> Dispatch(std::uint8_t number, const Partition& caller,
                        const Frame& frame) {
  switch (number) {
    case CAI_SVC_FLASH_READ:
      return FlashReadFor(caller, frame);
    case CAI_SVC_FLASH_PROGRAM:
      return FlashProgramFor(caller, frame);
    case CAI_SVC_FLASH_ERASE:
      return FlashEraseFor(caller, frame);
    case CAI_SVC_READ_COUNTER:
      return ReadCounterFor(caller, frame);
    case CAI_SVC_ADVANCE_COUNTER:
      return AdvanceCounterFor(caller, frame);
    case CAI_SVC_BOOT_DATA:
      return GetBootDataFor(caller, frame);
    case CAI_SVC_TAKE_SPE_ROOT:
      return TakeFor(caller, frame, kTakeSpeRoot,
                     std::as_writable_bytes(std::span(boot_data.spe_root)));
    case CAI_SVC_TAKE_SEED:
      return TakeFor(caller, frame, kTakeSeed,
                     std::as_writable_bytes(std::span(boot_data.seed)));
    case CAI_SVC_DEPOSIT_KEY:
      return DepositKeyFor(caller, frame);
    case CAI_SVC_TAKE_KEY:
      return TakeKeyFor(caller, frame);
  }
  return Error::kIpcBadRequest;  // no such number
}

}  // namespace

bool ServePrivilege(std::uint8_t number, Frame* frame,
                    const Partition& caller) {
  if (number == CAI_SVC_UPTIME) return UptimeFor(frame), true;
  if (number == CAI_SVC_EVENT) {
    Record(IdOf(caller), static_cast<std::uint16_t>(frame->r0), frame->r1);
    return true;
  }
  const auto status = Dispatch(number, caller, *frame);
  if (!status.ok()) return false;
  frame->r0 = status->ok() ? 0 : static_cast<std::uint32_t>(status->error());
  return true;
}

void SetHandoff(const boot::Handoff& handoff) { boot_data = handoff; }

}  // namespace cai::spm
