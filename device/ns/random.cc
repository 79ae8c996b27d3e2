#include "device/ns/random.h"

#include <array>

#include "device/ns/platform/clock.h"
#include "device/ns/spe.h"

namespace cai::ns {
namespace {

ByteArray<64> block;
std::size_t used = block.size();

}  // namespace

std::uint32_t Random32() {
  if (used + 4 > block.size()) {
    // Nothing secret hangs on these numbers: without the secure side's
    // generator (it is busy) the clock has to do.
    if (!spe::Random(block).ok())
      return static_cast<std::uint32_t>(clock::NowMs()) * 2'654'435'761u;
    used = 0;
  }
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(block[used++]);
  return value;
}

// Marsaglia's xorshift32.
std::uint32_t Jitter() {
  static std::uint32_t state = 0;
  if (state == 0) state = Random32() | 1;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

}  // namespace cai::ns

extern "C" std::uint32_t cai_ns_Random32() { return cai::ns::Random32(); }
