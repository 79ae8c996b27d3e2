// What the update partition's callers exchange with it (Sid::kUpdate). The
// images are the components of the PSA Firmware Update API: 0 secure,
// 1 non-secure.
#pragma once

#include <cstdint>
#include <type_traits>

namespace cai::update {

enum class Op : std::int32_t {
  kQuery = 0,   // in0: u32 component; out0: Info
  kAccept = 1,  // confirms every image that is on trial
  kReject = 2,  // the next start goes back, whatever is said until then
};

// psa_fwu_component_info_t's states, by their numbers.
enum class State : std::uint32_t {
  kReady = 0,
  kStaged = 3,  // another image waits for the next start
  kTrial = 5,
  kRejected = 6,
};

struct Info {
  State state;
  std::uint8_t major, minor;
  std::uint16_t patch;
  std::uint32_t build;
  std::uint32_t max_size;
};
static_assert(sizeof(Info) == 16);
static_assert(std::has_unique_object_representations_v<Info>);

// How a call fails (psa/error.h): PSA_ERROR_DOES_NOT_EXIST no such component,
// PSA_ERROR_BAD_STATE nothing is on trial, PSA_ERROR_STORAGE_FAILURE.

}  // namespace cai::update
