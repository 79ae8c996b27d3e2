// Two small things that seal counts with: how often a stranger may make it
// work, and which lifetime number the next sealed message has.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lib/base/result.h"

namespace cai::seal {

// A token bucket: one challenge per minute, three at once (protocol.md, 1.5).
class ChallengeBucket {
 public:
  static constexpr std::uint64_t kRefillMs = 60'000;
  static constexpr std::uint32_t kBurst = 3;

  bool Take(std::uint64_t now_ms) {
    const std::uint64_t refills = (now_ms - last_ms_) / kRefillMs;
    level_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(kBurst, level_ + refills));
    last_ms_ += refills * kRefillMs;
    if (level_ == 0) return false;
    --level_;
    return true;
  }

 private:
  std::uint32_t level_ = kBurst;
  std::uint64_t last_ms_ = 0;
};

// Lifetime numbers of sealed messages, from ranges reserved in OTP before they
// are used: no number is used twice, whatever is cut or restored. The counter
// stands at the first range of 1024 that nobody reserved.
class LifetimeNumbers {
 public:
  static constexpr std::uint64_t kRange = 1024;

  // At least one number is reserved after it; kSealCounter if the counter
  // failed or is used up.
  Status Reserve();
  // Only after Reserve().
  void Spend() { ++next_; }
  std::uint64_t next() const { return next_; }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace cai::seal
