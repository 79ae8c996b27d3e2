// One interrupt of NS at a chosen moment, for tests of what it finds.
#pragma once

#include <cstdint>

namespace cai::test {

// SysTick_NS once, after that many ticks: calls `action` in its handler.
void InterruptAfter(std::uint32_t ticks, void (*action)());

// Until the action has returned.
void WaitForInterrupt();

// `body` on the process stack, as a thread of a kernel runs.
void RunAsThread(void (*body)());

}  // namespace cai::test
