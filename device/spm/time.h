// The SPM's clock, and the tick that ends partitions which hang.
#pragma once

#include <cstdint>

namespace cai::spm {

constexpr std::uint32_t kTickMs = 50;

constexpr std::uint32_t TicksOf(std::uint32_t ms) {
  return (ms + kTickMs - 1) / kTickMs;
}

void StartTime();

// Milliseconds since StartTime().
std::uint64_t Uptime();

}  // namespace cai::spm
