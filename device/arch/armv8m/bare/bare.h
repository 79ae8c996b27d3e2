// What a bare program has: UART0, an exit status, the board's counter of
// instructions, and a look at its own stack. Its entry is
// extern "C" void cai_bare_Main().
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"

namespace cai::bare {

void Print(std::string_view text);
void Print(std::uint32_t value);

// Ends QEMU with this status (semihosting).
[[noreturn]] void Exit(int status);

// Ticks of the FPGAIO counter, 20 MHz. With -icount shift=6 an instruction is
// 64 ns, so 100 instructions are 128 ticks.
std::uint32_t Ticks();
constexpr std::uint32_t InstructionsOf(std::uint32_t ticks) {
  return static_cast<std::uint32_t>(std::uint64_t{ticks} * 100 / 128);
}

// Bytes of stack that `run(argument)` used below its caller's frame.
std::uint32_t StackOf(void (*run)(void*), void* argument);

}  // namespace cai::bare
