// The SSE-300's system counter: 64 bits; its control frame is secure only.
#include "device/platform/clock.h"

#include "device/arch/armv8m/registers.h"

namespace cai::platform {
namespace {

constexpr std::uintptr_t kControl = 0x58100000;
constexpr std::uintptr_t kLow = 0x58101000, kHigh = 0x58101004;

std::uint64_t start = 0;

std::uint64_t Read() {
  for (;;) {
    const std::uint32_t high = armv8m::Register(kHigh);
    const std::uint32_t low = armv8m::Register(kLow);
    if (armv8m::Register(kHigh) == high)
      return static_cast<std::uint64_t>(high) << 32 | low;
  }
}

}  // namespace

void StartClock() {
  armv8m::Register(kControl) = 1;
  start = Read();
}

std::uint64_t ClockTicks() { return Read() - start; }

}  // namespace cai::platform
