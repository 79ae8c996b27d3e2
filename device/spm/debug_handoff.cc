// In place of handoff.cc in images that run without boot (secure_debug,
// secure_test): values that no provisioned device has. `lifecycle` says so.
#include <algorithm>
#include <cstring>

#include "device/images/memory_map.h"
#include "device/spm/handoff.h"

namespace cai::spm {

bool TakeHandoff(boot::Handoff& out) {
  out = {};
  out.magic = boot::Handoff::kMagic;
  out.version = 1;
  out.lifecycle = static_cast<std::uint16_t>(boot::Lifecycle::kNonPsaRotDebug);
  out.boot_count = 1;
  std::ranges::fill(out.spe_root, 0xD0);
  std::ranges::fill(out.uuid, 0xD1);
  std::ranges::fill(out.ueid, 0xD2);
  out.ueid[0] = 1;
  std::ranges::fill(out.implementation_id, 0xD3);
  for (std::size_t i = 0; i < sizeof(out.seed); ++i)
    out.seed[i] = static_cast<std::uint8_t>(0xD4 + 7 * i);
  out.component_count = 1;
  std::memcpy(out.components[0].type, "SPE", 4);
  std::memcpy(out.components[0].version, "0.0.0+debug", 12);
  out.ns_vectors = memory::kNonsecureCodeNs.base + memory::kImageHeaderSize;
  return true;
}

}  // namespace cai::spm
