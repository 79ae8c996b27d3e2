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

// Called from handlers that do not preempt each other, or, while the SPM
// starts, from its main with interrupts off.
std::uint64_t Uptime() {
  return platform::ClockTicks() / (memory::kClockHz / 1000);
}

}  // namespace cai::spm
