#include "device/platform/sim/sim.h"

#include <cstring>
#include <limits>

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
  std::vector<Operation>* journal = nullptr;
  std::vector<std::uint32_t> erases =
      std::vector<std::uint32_t>(nv::kSize / nv::kSectorSize);
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

// One operation, up to where the power goes.
Status Change(std::uint32_t offset, Bytes to, bool erase) {
  CAI_TRY_ASSIGN(const std::size_t size, Operate(to.size()));
  Chip& chip = TheChip();
  const MutableBytes memory = MutableBytes(chip.nv).subspan(offset, size);
  const Bytes after = to.first(size);
  if (chip.journal != nullptr)
    chip.journal->push_back({offset,
                             {memory.begin(), memory.end()},
                             {after.begin(), after.end()},
                             erase});
  CopyInto(memory, after);
  return chip.powered ? Status(kDone) : Error::kFlashPowerLost;
}

}  // namespace

void Manufacture() {
  Chip& chip = TheChip();
  std::memset(chip.nv.data(), 0xFF, chip.nv.size());
  std::ranges::fill(chip.erases, 0);
  chip.journal = nullptr;
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
void Record(std::vector<Operation>* journal) { TheChip().journal = journal; }
std::uint32_t Erases(std::uint32_t offset) {
  return TheChip().erases[offset / nv::kSectorSize];
}
MutableBytes NvForAttack() { return TheChip().nv; }

}  // namespace cai::sim

namespace cai::platform {

Bytes NvMemory() { return sim::TheChip().nv; }

Status StoreNv(std::uint32_t offset, Bytes data) {
  return sim::Change(offset, data, false);
}

Status EraseNv(std::uint32_t offset, std::uint32_t size) {
  const std::vector<std::byte> erased(size, std::byte{0xFF});
  if (sim::powered()) ++sim::TheChip().erases[offset / nv::kSectorSize];
  return sim::Change(offset, erased, true);
}

}  // namespace cai::platform
