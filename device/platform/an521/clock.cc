// CMSDK timer 0, secure: 32 bits, downwards.
#include "device/platform/clock.h"

#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"

namespace cai::platform {
namespace {

constexpr std::uintptr_t kBase = memory::kTimer0.base;
constexpr std::uintptr_t kControl = kBase + 0x0, kValue = kBase + 0x4;
constexpr std::uintptr_t kReload = kBase + 0x8;

std::uint32_t high = 0;
std::uint32_t last = 0;

}  // namespace

void StartClock() {
  armv8m::Register(kControl) = 0;
  armv8m::Register(kReload) = 0xFFFFFFFF;
  armv8m::Register(kValue) = 0xFFFFFFFF;
  armv8m::Register(kControl) = 1;
}

std::uint64_t ClockTicks() {
  const std::uint32_t now = 0xFFFFFFFF - armv8m::Register(kValue);
  if (now < last) ++high;
  last = now;
  return static_cast<std::uint64_t>(high) << 32 | now;
}

}  // namespace cai::platform
