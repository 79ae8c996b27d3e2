// Decisions that one skipped instruction must not turn: boot and SPM only.
#pragma once

#include <cstdint>

namespace cai {

// Becomes true only by collecting every share, each given by one check that
// passed. A skipped check leaves a share out; a flipped branch meets the second
// reading; flipped bits meet a value that is neither.
class HardenedBool {
 public:
  static constexpr std::uint32_t kTrue = 0x739a61c5;

  HardenedBool() = default;

  // A share is given at most once: giving it again takes it away.
  void Give(std::uint32_t share) { state_ = state_ ^ share; }

  // Reads twice. Callers branch on IsTrue() and, before they act, once more.
  bool IsTrue() const { return state_ == kTrue && ~state_ == ~kTrue; }

 private:
  // Safety: volatile so that both reads of both branches really happen.
  volatile std::uint32_t state_ = 0;
};

}  // namespace cai
