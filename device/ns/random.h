// Unpredictable numbers for the network: ports, sequence numbers, jitter. From
// the secure side's generator, drawn in blocks.
#pragma once

#include <cstdint>

namespace cai::ns {

std::uint32_t Random32();

// Cheap: for pauses alone, seeded by Random32() once.
std::uint32_t Jitter();

}  // namespace cai::ns
