// A counter that only the secure side can write, running since StartClock().
#pragma once

#include <cstdint>

namespace cai::platform {

void StartClock();

// At memory::kClockHz. Must be called at least every 200 s (the secure tick
// does), since the AN521's hardware counter has 32 bits. Not reentrant.
std::uint64_t ClockTicks();

}  // namespace cai::platform
