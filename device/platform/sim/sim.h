// A chip in the host's memory, for tests: its NV memory keeps what was written
// and can lose power at any operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/platform/nv_memory.h"

namespace cai::sim {

// A new chip: NV erased, powered, no cut planned.
void Manufacture();

// Power goes at operation `operation` from now (0 is the next program or
// erase), after `torn` bytes of it; all operations fail from there on.
void CutPowerAt(std::size_t operation, std::size_t torn);

// Power is back; no cut is planned. NV is as it was left.
void PowerOn();

bool powered();

// Program and erase operations since Manufacture() or PowerOn().
std::size_t operations();

// What happens to the memory from now on goes to `journal`, until nullptr.
struct Operation {
  std::uint32_t offset;
  std::vector<std::byte> before;
  std::vector<std::byte> after;  // the same size
  bool erase;
};
void Record(std::vector<Operation>* journal);

// How often the sector at `offset` was erased since Manufacture().
std::uint32_t Erases(std::uint32_t offset);

// Writes past all rules, as an attacker with a programmer would.
MutableBytes NvForAttack();

}  // namespace cai::sim
