#include "device/platform/sim/sim.h"

#include <cstring>
#include <limits>
#include <vector>

#include "device/nv/layout.h"

namespace cai::sim {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

struct Chip {
  std::vector<std::byte> nv =
      std::vector<std::byte>(nv::kSize, std::byte{0xFF});
  std::size_t operations = 0;
  std::size_t cut_at = kNever;
  std::size_t torn = 0;
  bool powered = true;
};

Chip& TheChip() {
  static Chip chip;
  return chip;
}

// Bytes of this operation that reach the memory; fewer than `size` only where
// the power goes.
Result<std::size_t> Operate(std::size_t size) {
  Chip& chip = TheChip();
  if (!chip.powered) return Error::kFlashPowerLost;
  if (chip.operations++ != chip.cut_at) return size;
  chip.powered = false;
  return std::min(size, chip.torn);
}

}  // namespace

void Manufacture() {
  std::memset(TheChip().nv.data(), 0xFF, TheChip().nv.size());
  PowerOn();
}

void CutPowerAt(std::size_t operation, std::size_t torn) {
  TheChip().cut_at = TheChip().operations + operation;
  TheChip().torn = torn;
}

void PowerOn() {
  Chip& chip = TheChip();
  chip.operations = 0;
  chip.cut_at = kNever;
  chip.powered = true;
}

bool powered() { return TheChip().powered; }
std::size_t operations() { return TheChip().operations; }
MutableBytes NvForAttack() { return TheChip().nv; }

}  // namespace cai::sim

namespace cai::platform {

Bytes NvMemory() { return sim::TheChip().nv; }

Status StoreNv(std::uint32_t offset, Bytes data) {
  CAI_TRY_ASSIGN(const std::size_t size, sim::Operate(data.size()));
  CopyInto(sim::NvForAttack().subspan(offset), data.first(size));
  if (!sim::powered()) return Error::kFlashPowerLost;
  return kDone;
}

Status EraseNv(std::uint32_t offset, std::uint32_t size) {
  CAI_TRY_ASSIGN(const std::size_t erased, sim::Operate(size));
  std::ranges::fill(sim::NvForAttack().subspan(offset, erased),
                    std::byte{0xFF});
  if (!sim::powered()) return Error::kFlashPowerLost;
  return kDone;
}

}  // namespace cai::platform
