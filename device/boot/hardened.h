// Decisions that one skipped instruction must not turn: boot and SPM only.
// docs/design/0021 says what is doubled and why.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"

namespace cai {

// 0 if and only if the bytes are equal: a value to decide by instead of a
// branch to skip.
inline std::uint32_t Difference(Bytes a, Bytes b) {
  if (a.size() != b.size()) return 0xffffffff;
  std::byte bits{0};
  for (std::size_t i = 0; i < a.size(); ++i) bits |= a[i] ^ b[i];
  return std::to_integer<std::uint32_t>(bits);
}

// Becomes true only by collecting every share, each given by one check that
// passed, with nothing said against it. A skipped check leaves its share out; a
// flipped branch meets the difference that the check computed, which no later
// check can take back; flipped bits meet a value that is neither.
class HardenedBool {
 public:
  static constexpr std::uint32_t kTrue = 0x739a61c5;

  HardenedBool() = default;

  // A share is given at most once: giving it again takes it away. `against` is
  // how far the checked values are from what they must be.
  void Give(std::uint32_t share, std::uint32_t against = 0) {
    against_ = against_ | against;
    state_ = state_ ^ share;
  }

  // Reads twice. Callers branch on IsTrue() and, before they act, once more.
  bool IsTrue() const {
    return state_ == kTrue && against_ == 0 && ~state_ == ~kTrue &&
           ~against_ == 0xffffffff;
  }

 private:
  // Safety: volatile so that both reads of both branches really happen.
  volatile std::uint32_t state_ = 0;
  volatile std::uint32_t against_ = 0;
};

}  // namespace cai
