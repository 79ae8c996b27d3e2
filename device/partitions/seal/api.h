// What crosses a call to the seal partition (spm::SealOp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cai::seal {

// SealOp::kNext, out0; out1 is the message, empty for kNothing and
// kNeedServiceKey. out1 must have room for kMaxMessage.
struct SealNext {
  std::uint32_t kind;     // spm::SealKind
  std::uint32_t wait_ms;  // kNothing: ask again after this
};
static_assert(sizeof(SealNext) == 8);
static_assert(std::has_unique_object_representations_v<SealNext>);

constexpr std::size_t kMaxMessage = 2048;

// SealOp::kStatus, deterministic CBOR: a map of text to uint or bool, "sc",
// "gen", "seq", "open", "first", "suite", "dropped", "enabled", "failures",
// "sessions".
constexpr std::size_t kMaxStatus = 160;

// How the operations fail:
//   PSA_ERROR_BAD_STATE         no boot count: nothing is sealed in this boot
//   PSA_ERROR_DOES_NOT_EXIST    the device has no valid configuration
//   PSA_ERROR_NOT_PERMITTED     a service key, challenge or command was
//   refused;
//                               the reason is on the secure console alone
//   PSA_ERROR_CONNECTION_BUSY   too many challenges
//   PSA_ERROR_INSUFFICIENT_STORAGE  a counter or the session index is used up
//   PSA_ERROR_BUFFER_TOO_SMALL, PSA_ERROR_PROGRAMMER_ERROR, as everywhere
//   PSA_ERROR_GENERIC_ERROR     another partition failed

}  // namespace cai::seal
