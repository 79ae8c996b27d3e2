// What boot tells the SPE: one block in the last KiB of boot RAM
// (0x3000_7C00 on the AN521, 0x3000_FC00 on the AN547). The SPM takes it in
// its first instructions and wipes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "device/nv/lifecycle.h"

namespace cai::boot {

// One measured software component, as RFC 9783 4.4 wants to see it.
struct Component {
  char type[8];                  // "BL", "SPE", "NSPE": NUL padded
  std::uint8_t measurement[32];  // SHA-256 over header and image
  std::uint8_t signer[32];       // SHA-256 of the signing key's DER SPKI
  char version[24];              // "1.2.3+4", NUL padded
};

using nv::Lifecycle;

struct Handoff {
  static constexpr std::uint32_t kMagic = 0x43414948;  // "CAIH"
  static constexpr std::size_t kMaxComponents = 4;
  static constexpr std::size_t kMaxRoots = 2;

  std::uint32_t magic;
  std::uint16_t version;     // 1
  std::uint16_t lifecycle;   // Lifecycle
  std::uint32_t boot_count;  // b; 0 if the counter could not be bumped:
                             // attest and seal then refuse
  std::uint32_t key_generation;
  std::uint8_t spe_root[32];  // protocol.md 1.1; SPM gives it to crypto once
  std::uint8_t uuid[16];
  std::uint8_t ueid[33];  // 0x01 || 32 bytes
  std::uint8_t slots[2];  // that the S and the NS image were started from
  std::uint8_t reserved;
  std::uint8_t implementation_id[32];
  std::uint8_t service_roots[kMaxRoots][32];  // zeros: unused
  std::uint8_t model_owners[kMaxRoots][32];
  std::uint32_t component_count;
  Component components[kMaxComponents];
  std::uint32_t ns_vectors;  // NS alias of the NS image's vector table
  std::uint8_t seed[64];     // this start's entropy, from the loader blob
  std::uint8_t digest[32];   // SHA-256 of all before
};

static_assert(std::is_trivially_copyable_v<Handoff>);
static_assert(sizeof(Component) == 96);
static_assert(offsetof(Handoff, spe_root) == 16);
static_assert(offsetof(Handoff, components) == 264);
static_assert(offsetof(Handoff, digest) == 264 + 4 * 96 + 4 + 64);
static_assert(sizeof(Handoff) == 748 && sizeof(Handoff) <= 1024);

}  // namespace cai::boot
