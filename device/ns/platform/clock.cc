#include "device/ns/platform/clock.h"

#include <algorithm>

#include "device/images/memory_map.h"
#include "device/ns/platform/cpu.h"

namespace cai::ns::clock {
namespace {

constexpr std::uintptr_t kControl = 0xE000E010, kReload = 0xE000E014,
                         kCurrent = 0xE000E018;
constexpr std::uint32_t kEnabled = 7;  // processor clock, interrupt, enable
constexpr std::uint32_t kWrapped = 1u << 16;
constexpr std::uint32_t kLongest = 0xFFFFFF;
constexpr std::uint32_t kTicksPerMs = memory::kClockHz / 1000;

std::uint64_t ticks_before = 0;  // up to the last arming or wrap
std::uint32_t armed = kLongest;  // ticks of the running period, less one

// Accounts for a wrap that nobody has counted yet. COUNTFLAG clears on reading,
// so this is its only reader. Interrupts are masked, or this is the handler.
std::uint64_t TicksMasked() {
  std::uint32_t current = Register(kCurrent);
  if (Register(kControl) & kWrapped) {
    ticks_before += std::uint64_t{armed} + 1;
    current = Register(kCurrent);
  }
  // Reads 0 after a write until the next clock edge has reloaded it.
  return current == 0 ? ticks_before : ticks_before + (armed - current);
}

void ArmMasked(std::uint32_t ticks) {
  ticks_before = TicksMasked();
  armed = std::clamp<std::uint32_t>(ticks, kTicksPerMs / 4, kLongest);
  Register(kReload) = armed;
  Register(kCurrent) = 0;  // any write reloads and clears COUNTFLAG
}

}  // namespace

void Start() {
  Register(kReload) = kLongest;
  Register(kCurrent) = 0;
  Register(kControl) = kEnabled;
}

std::uint64_t NowMs() {
  // A period's last tick reads 0 as well, and must not take us back.
  static std::uint64_t latest = 0;
  DisableInterrupts();
  latest = std::max(latest, TicksMasked());
  EnableInterrupts();
  return latest / kTicksPerMs;
}

void CountWrap() { (void)TicksMasked(); }

void SleepMasked(std::uint64_t ms) {
  const std::uint64_t ticks =
      std::min<std::uint64_t>(ms, kLongest / kTicksPerMs) * kTicksPerMs;
  ArmMasked(static_cast<std::uint32_t>(ticks));
  WaitForInterrupt();
  EnableInterrupts();
}

}  // namespace cai::ns::clock

// Wakes, and counts a wrap during a long secure call.
extern "C" void cai_ns_SysTick() { cai::ns::clock::CountWrap(); }
