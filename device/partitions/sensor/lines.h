// The two wires of the I2C bus: sbcon.cc moves them on a board, sim_bus.cc
// pretends to be wires and devices on the host.
#pragma once

#include <cstdint>

namespace cai::sensor {

enum Line : std::uint32_t { kClock = 1u << 0, kData = 1u << 1 };

void Raise(Line line);  // lets go of it: it is high unless somebody pulls
void Pull(Line line);
bool DataIsHigh();

}  // namespace cai::sensor
