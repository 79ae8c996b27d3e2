#include "device/tests/partition/misbehave.h"

#include <algorithm>

#include "device/spm/partition.h"
#include "device/spm/svc.h"
#include "device/tests/partition/ops.h"

namespace cai::test {
namespace {

int Deeper(int depth) {  // NOLINT: the point is that it never ends
  volatile char room[64];
  room[0] = static_cast<char>(depth);
  return room[0] + (depth > 0 ? Deeper(depth + 1) : 0) + room[0];
}

psa_status_t Touch(Op op, std::uint32_t address) {
  // Safety: none; the SPM must end this partition here.
  auto* at = reinterpret_cast<volatile std::uint32_t*>(address);
  if (op == Op::kRead) (void)*at;
  if (op == Op::kWrite) *at = 0xBAD;
  if (op == Op::kExecute) reinterpret_cast<void (*)()>(address | 1)();
  return PSA_SUCCESS;
}

[[noreturn]] void BadStack(std::uint32_t address) {
  __asm__ volatile("mov sp, %0\n svc %1\n udf #0" ::"r"(address),
                   "i"(CAI_SVC_UPTIME));
  __builtin_unreachable();
}

// The frame that the processor stacks for the call is where the callee's output
// goes: the return then finds an exception number and garbage for a thread.
[[noreturn]] void BadFrame() {
  static constexpr std::uint32_t kFrame = 32;
  static std::uint32_t junk[kFrame / 4];
  std::ranges::fill(junk, 0xFFFFFFFF);
  const spm::InVec in{junk, sizeof junk};
  spm::OutVec out{nullptr, sizeof junk};
  const spm::CallArguments arguments{
      kPeerSid, static_cast<std::int32_t>(PeerOp::kReverse), &in, 1, &out, 1};
  __asm__ volatile(
      "sub r1, sp, %1\n"
      "str r1, [%2]\n"
      "mov r0, %0\n"
      "svc %3\n"
      "udf #0" ::"r"(&arguments),
      "i"(kFrame), "r"(&out), "i"(CAI_SVC_CALL)
      : "r0", "r1", "memory");
  __builtin_unreachable();
}

}  // namespace

psa_status_t Misbehave(Op op, std::uint32_t address) {
  switch (op) {
    case Op::kRead:
    case Op::kWrite:
    case Op::kExecute:
      return Touch(op, address);
    case Op::kOverflow:
      return Deeper(1);
    case Op::kHang:
      for (;;) __asm__ volatile("");
    case Op::kUndefined:
      __asm__ volatile("udf #1");
      break;
    case Op::kForgeNsCall:
      __asm__ volatile("svc %0" ::"i"(CAI_SVC_NS_CALL));
      break;
    case Op::kForgeStart:
      __asm__ volatile("svc %0" ::"i"(CAI_SVC_START));
      break;
    case Op::kUnknownSvc:
      __asm__ volatile("svc #200");
      break;
    case Op::kBadStack:
      BadStack(address);
    case Op::kBadFrame:
      BadFrame();
    case Op::kBreakpoint:
      __asm__ volatile("bkpt #1");
      break;
    default:
      return PSA_ERROR_NOT_SUPPORTED;
  }
  return PSA_SUCCESS;
}

}  // namespace cai::test
