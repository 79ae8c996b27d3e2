// Is the seed what a working noise source gives? Tests of SP 800-90B, 4.4, over
// the one seed of a start, for samples of a byte with eight bits of entropy and
// a false alarm in 2^30 starts.
#pragma once

#include "lib/base/bytes.h"

namespace cai::crypto_partition {

// 4.4.1: C = 1 + ceil(30 / 8) equal samples in a row.
constexpr std::size_t kRepetitionCutoff = 5;
// 4.4.2, with the whole seed as the window and its most frequent sample in the
// place of its first: 256 * C(64, 10) / 256^10 < 2^-30.
constexpr std::size_t kProportionCutoff = 10;

enum class SeedFault : std::uint8_t {
  kNone = 0,
  kRepetition = 1,  // a source that is stuck
  kProportion = 2,  // one that lost most of its entropy
};
SeedFault CheckSeed(std::span<const std::byte, 64> seed);

}  // namespace cai::crypto_partition
