#include "device/tests/ns/ticks.h"

#include "device/images/memory_map.h"

namespace cai::test {
namespace {

std::uint32_t Ticks() {
  // Safety: FPGAIO's COUNTER.
  return *reinterpret_cast<volatile std::uint32_t*>(memory::kFpgaioNs.base +
                                                    0x18);
}

std::uint32_t TicksOf(void (*action)()) {
  const std::uint32_t start = Ticks();
  action();
  return Ticks() - start;
}

}  // namespace

std::uint32_t InstructionsOf(void (*action)()) {
  const std::uint32_t empty = TicksOf([] {});
  return static_cast<std::uint32_t>(std::uint64_t{TicksOf(action) - empty} *
                                    100 / 128);
}

}  // namespace cai::test
