// What becomes of a fault: a partition's ends the partition, NS's is told to NS
// (or ends in a reset), the SPM's own is the end.
#pragma once

#include "device/spm/events.h"
#include "device/spm/kernel.h"

namespace cai::spm {

// Ends the running partition for good; its caller goes on. In kernel.cc.
void StopRunning(Trap& trap, EventId why, std::uint32_t detail);

// Counts a tick against the running partition's call.
bool RunsTooLong();

// Records and resets the machine.
[[noreturn]] void Die(EventId why, std::uint32_t detail);

}  // namespace cai::spm
