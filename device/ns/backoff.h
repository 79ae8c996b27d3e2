// How long to wait before trying again: doubling, with jitter, for ever.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cai::ns {

class Backoff {
 public:
  Backoff(std::uint32_t first_ms, std::uint32_t most_ms)
      : first_ms_(first_ms), most_ms_(most_ms), next_ms_(first_ms) {}

  void Reset() { next_ms_ = first_ms_; }

  // Between half and all of a time that doubles up to the most; `random` is
  // any number, so that a fleet does not come back as one.
  std::uint32_t Next(std::uint32_t random) {
    const std::uint32_t half = next_ms_ / 2;
    next_ms_ = std::min(most_ms_, next_ms_ * 2);  // most_ms_ < 2^31
    return half + random % (half + 1);
  }

 private:
  std::uint32_t first_ms_, most_ms_, next_ms_;
};

}  // namespace cai::ns
