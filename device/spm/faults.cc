#include "device/spm/faults.h"

#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"
#include "device/platform/clock.h"
#include "device/spm/console.h"

namespace cai::spm {
namespace {

using armv8m::Register;

struct Cause {
  std::uint32_t cfsr, sfsr, address;
  bool has_address, has_frame;
};

// Reads the fault registers and clears them for the next one.
Cause TakeCause() {
  const std::uint32_t cfsr = Register(armv8m::kCfsr);
  const std::uint32_t sfsr = Register(armv8m::kSfsr);
  Cause cause{.cfsr = cfsr,
              .sfsr = sfsr,
              .address = 0,
              .has_address = true,
              .has_frame = (cfsr & armv8m::kStackErrors) == 0};
  if (cfsr & armv8m::kMmfarValid)
    cause.address = Register(armv8m::kMmfar);
  else if (cfsr & armv8m::kBfarValid)
    cause.address = Register(armv8m::kBfar);
  else
    cause.has_address = false;
  Register(armv8m::kCfsr) = cfsr;
  Register(armv8m::kSfsr) = sfsr;
  Register(armv8m::kHfsr) = Register(armv8m::kHfsr);
  return cause;
}

// SFSR has 8 bits that fit above no bit of CFSR's usage half in use.
std::uint32_t Word(const Cause& cause) { return cause.cfsr | cause.sfsr << 26; }

// If the stacking for a supervisor call failed, that call is still pending, and
// would now be taken as if the partition's caller had made it.
void DropPendingCall() {
  constexpr std::uint32_t kSvcPending = 1u << 15;
  volatile std::uint32_t& state = Register(armv8m::kShcsr);
  state = state & ~kSvcPending;
  armv8m::Barrier();
}

void PartitionFaulted(Trap& trap, const Cause& cause) {
  DropPendingCall();
  const auto id = static_cast<std::int32_t>(Running()->id);
  if (cause.has_address) Record(id, EventId::kFaultAddress, cause.address);
  if (cause.has_frame) {
    // Safety: pushed without an error, so in the partition's own stack.
    const auto* frame = reinterpret_cast<const Frame*>(trap.process_stack);
    Record(id, EventId::kFaultPc, frame->pc);
  }
  StopRunning(trap, EventId::kPartitionFault, Word(cause));
}

// NS learns of it as a MemManage fault of its own at the same instruction, if
// it has enabled that; otherwise the machine starts again. NS handlers that
// fault get no second chance: the pending fault might never preempt them.
void NonSecureFaulted(const Trap& trap, const Cause& cause) {
  constexpr std::uint32_t kMemManageEnabled = 1u << 16;
  constexpr std::uint32_t kMemManagePending = 1u << 13;
  Record(events::kSourceSpm, EventId::kNonSecureFault, Word(cause));
  if (cause.has_address)
    Record(events::kSourceSpm, EventId::kFaultAddress, cause.address);
  const std::uint32_t enabled = Register(armv8m::kShcsrNs);
  const bool from_thread = (trap.exc_return & armv8m::kReturnToThread) != 0;
  if (!from_thread || (enabled & kMemManageEnabled) == 0)
    Die(EventId::kNonSecureReset, 0);
  Register(armv8m::kShcsrNs) = enabled | kMemManagePending;
  armv8m::Barrier();
}

}  // namespace

void Die(EventId why, std::uint32_t detail) {
  Record(events::kSourceSpm, why, detail);
  armv8m::Barrier();
  Register(armv8m::kAircr) = 0x05FA0000 | 1u << 14 | 1u << 2;  // SYSRESETREQ
  armv8m::Barrier();
  for (;;) {
  }
}

}  // namespace cai::spm

extern "C" void cai_spm_OnFault(cai::spm::Trap* trap, cai::spm::Frame* main) {
  using namespace cai;
  using namespace cai::spm;
  const Cause cause = TakeCause();
  const std::uint32_t from = trap->exc_return;
  if ((from & armv8m::kReturnToSecure) == 0)
    return NonSecureFaulted(*trap, cause);
  const bool thread = (from & armv8m::kReturnToThread) != 0;
  const bool process = (from & armv8m::kReturnToProcessStack) != 0;
  if (thread && process && Running() != nullptr)
    return PartitionFaulted(*trap, cause);
  if (cause.has_address)
    Record(events::kSourceSpm, EventId::kFaultAddress, cause.address);
  if (cause.has_frame) Record(events::kSourceSpm, EventId::kFaultPc, main->pc);
  Die(EventId::kSpmFault, Word(cause));
}

extern "C" void cai_spm_OnTick(cai::spm::Trap* trap, cai::spm::Frame*) {
  using namespace cai;
  using namespace cai::spm;
  platform::ClockTicks();  // keeps count of its wraps
  constexpr std::uint32_t kPartition = armv8m::kReturnToSecure |
                                       armv8m::kReturnToThread |
                                       armv8m::kReturnToProcessStack;
  const bool partition = (trap->exc_return & kPartition) == kPartition;
  if (partition && Running() != nullptr && RunsTooLong())
    StopRunning(*trap, EventId::kPartitionHung, Running()->limit_ms);
}
