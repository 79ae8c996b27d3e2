#include "device/spm/time.h"

#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"
#include "device/platform/clock.h"

namespace cai::spm {

using armv8m::Register;

void StartTime() {
  platform::StartClock();
  constexpr std::uint32_t kReload = memory::kClockHz / 1000 * kTickMs - 1;
  static_assert(kReload < 1u << 24);
  Register(armv8m::kSysTickReload) = kReload;
  Register(armv8m::kSysTickValue) = 0;
  Register(armv8m::kSysTickControl) = 7;  // core clock, interrupt, enable
}

// The clock keeps count of its wraps. Handlers that ask it do not preempt each
// other, but the tick would preempt the SPM's main while it starts partitions,
// and a value from before the tick would then look like a wrap.
std::uint64_t Uptime() {
  std::uint32_t masked;
  __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(masked)::"memory");
  const std::uint64_t ticks = platform::ClockTicks();
  __asm__ volatile("msr primask, %0" ::"r"(masked) : "memory");
  return ticks / (memory::kClockHz / 1000);
}

}  // namespace cai::spm
