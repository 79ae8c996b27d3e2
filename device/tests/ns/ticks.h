// Instructions executed, by FPGAIO's counter (open to NS in test images) under
// QEMU's -icount shift=6: an instruction takes 64 ns, a tick 50.
#pragma once

#include <cstdint>

namespace cai::test {

// Of `action`, less what the measuring takes; exact to two instructions.
std::uint32_t InstructionsOf(void (*action)());

}  // namespace cai::test
