#include "device/partitions/crypto/seed_health.h"

namespace cai::crypto_partition {
namespace {

std::size_t LongestRun(Bytes samples) {
  std::size_t longest = 0, run = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    run = i > 0 && samples[i] == samples[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return longest;
}

// 64 * 64 comparisons: a table of counts would be more stack than time.
std::size_t MostFrequent(Bytes samples) {
  std::size_t most = 0;
  for (const std::byte sample : samples)
    most = std::max<std::size_t>(most, std::ranges::count(samples, sample));
  return most;
}

}  // namespace

SeedFault CheckSeed(std::span<const std::byte, 64> seed) {
  if (LongestRun(seed) >= kRepetitionCutoff) return SeedFault::kRepetition;
  if (MostFrequent(seed) >= kProportionCutoff) return SeedFault::kProportion;
  return SeedFault::kNone;
}

}  // namespace cai::crypto_partition
