// The emulated boards have no generator that the secure side alone reaches: the
// host leaves fresh bytes in secure memory when it starts the machine. A reset
// of the guest brings the same ones back.
#include "device/images/memory_map.h"
#include "device/platform/trng.h"
#include "lib/base/secret.h"

namespace cai::platform {

void ReadTrng(std::span<std::byte, 64> out) {
  static_assert(memory::kSeed.size == out.size());
  // Safety: RAM of the board's memory map that boot alone uses.
  const MutableBytes place(reinterpret_cast<std::byte*>(memory::kSeed.base),
                           out.size());
  CopyInto(out, place);
  Wipe(place);
}

}  // namespace cai::platform
