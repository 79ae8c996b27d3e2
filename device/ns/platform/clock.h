// Monotonic time and the one place where the processor sleeps: SysTick of the
// non-secure world as a one-shot, re-armed for each sleep, so that an idle
// device wakes about once a second.
#pragma once

#include <cstdint>

namespace cai::ns::clock {

void Start();

// Milliseconds since Start(). From thread mode alone.
std::uint64_t NowMs();

// For the SysTick handler alone.
void CountWrap();

// Sleeps until an interrupt, or `ms` have passed, or the timer's range is up.
// Interrupts are masked by the caller (cpu.h), who has just seen that there is
// nothing to do; a pending one still wakes. They are unmasked on return.
void SleepMasked(std::uint64_t ms);

}  // namespace cai::ns::clock
