// Wires and register devices of an I2C bus, for tests: decodes the edges that
// the master makes, as silicon would.
#pragma once

#include <array>
#include <cstdint>

#include "lib/base/bytes.h"

namespace cai::sensor::sim {

struct Device {
  std::array<std::byte, 256> registers{};
  int width = 1;  // bytes of a register; number n begins at n * width
  bool present = true;
  int fail_addresses = 0;      // this many addresses go unanswered
  int break_after_bytes = -1;  // stops acknowledging after so many, once
};

void Reset();  // an empty bus
Device& Attach(std::uint8_t address);
void HoldData(int clocks);  // pulls the data wire for so many clocks
int starts();               // start conditions since Reset()

}  // namespace cai::sensor::sim
