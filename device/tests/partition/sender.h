// A device that interrupts: UART2, which the test partition owns. Each byte
// that was sent raises its line once; the partition's interrupt function sends
// the next.
#pragma once

#include <cstdint>

#include "device/tests/partition/ops.h"
#include "psa/error.h"

namespace cai::test {

// Starts sending that many bytes.
void Raise(std::uint32_t bytes);

// Sends one; the interrupt function then faults.
void RaiseAndFault();

// What the interrupt function saw so far.
const Interrupts& Seen();

}  // namespace cai::test
