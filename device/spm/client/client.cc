// The unprivileged side of partition.h: supervisor calls, nothing else.
#include "device/spm/partition.h"
#include "device/spm/svc.h"

namespace cai::spm {
namespace {

struct Answer {
  std::uint32_t r0, r1;
};

template <int kNumber>
Answer Svc(std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0) {
  register std::uint32_t r0 __asm__("r0") = a;
  register std::uint32_t r1 __asm__("r1") = b;
  register std::uint32_t r2 __asm__("r2") = c;
  __asm__ volatile("svc %3"
                   : "+r"(r0), "+r"(r1), "+r"(r2)
                   : "i"(kNumber)
                   : "r3", "r12", "memory", "cc");
  return {r0, r1};
}

std::uint32_t Word(const void* pointer) {
  // Safety: 32-bit machine; the SPM checks it before use.
  return reinterpret_cast<std::uintptr_t>(pointer);
}

Status ToStatus(Answer answer) {
  if (answer.r0 == 0) return kDone;
  return static_cast<Error>(answer.r0);
}

}  // namespace

Status Message::Write(std::size_t i, Bytes data) {
  if (i >= out_count || data.size() > out[i].size()) return Error::kIpcNoRoom;
  CopyInto(out[i], data);
  out_size[i] = data.size();
  return kDone;
}

psa_status_t Call(Sid sid, std::int32_t op, const InVec* in, std::size_t ins,
                  OutVec* out, std::size_t outs) {
  const CallArguments arguments{
      static_cast<std::uint32_t>(sid), op, in, ins, out, outs};
  return static_cast<psa_status_t>(Svc<CAI_SVC_CALL>(Word(&arguments)).r0);
}

Status FlashRead(std::uint32_t offset, MutableBytes out) {
  return ToStatus(
      Svc<CAI_SVC_FLASH_READ>(offset, Word(out.data()), out.size()));
}

Status FlashProgram(std::uint32_t offset, Bytes data) {
  return ToStatus(
      Svc<CAI_SVC_FLASH_PROGRAM>(offset, Word(data.data()), data.size()));
}

Status FlashErase(std::uint32_t offset) {
  return ToStatus(Svc<CAI_SVC_FLASH_ERASE>(offset));
}

Result<std::uint32_t> ReadCounter(nv::Counter counter) {
  std::uint32_t value = 0;
  CAI_TRY(ToStatus(Svc<CAI_SVC_READ_COUNTER>(
      static_cast<std::uint32_t>(counter), Word(&value))));
  return value;
}

Status AdvanceCounter(nv::Counter counter, std::uint32_t to) {
  return ToStatus(
      Svc<CAI_SVC_ADVANCE_COUNTER>(static_cast<std::uint32_t>(counter), to));
}

Status GetBootData(BootData& out) {
  return ToStatus(Svc<CAI_SVC_BOOT_DATA>(Word(&out)));
}

Status TakeSpeRoot(std::span<std::byte, 32> out) {
  return ToStatus(Svc<CAI_SVC_TAKE_SPE_ROOT>(Word(out.data())));
}

Status TakeSeed(std::span<std::byte, 64> out) {
  return ToStatus(Svc<CAI_SVC_TAKE_SEED>(Word(out.data())));
}

Status DepositKey(PartitionId to, std::span<const std::byte, 32> key) {
  return ToStatus(Svc<CAI_SVC_DEPOSIT_KEY>(static_cast<std::uint32_t>(to),
                                           Word(key.data())));
}

Status TakeKey(std::span<std::byte, 32> out) {
  return ToStatus(Svc<CAI_SVC_TAKE_KEY>(Word(out.data())));
}

std::uint64_t UptimeMs() {
  const Answer answer = Svc<CAI_SVC_UPTIME>();
  return static_cast<std::uint64_t>(answer.r1) << 32 | answer.r0;
}

void Event(std::uint16_t id, std::uint32_t argument) {
  Svc<CAI_SVC_EVENT>(id, argument);
}

}  // namespace cai::spm
