#include "device/partitions/seal/limits.h"

#include "device/spm/partition.h"

namespace cai::seal {

// Within a boot the ranges follow each other, since nobody else reserves; so
// the numbers run on and a gap means a loss.
Status LifetimeNumbers::Reserve() {
  if (next_ < end_) return kDone;
  const auto at = spm::ReadCounter(nv::Counter::kReading);
  if (!at.ok() || *at > ~std::uint32_t{0} - ranges_) return Error::kSealCounter;
  const std::uint32_t to = *at + ranges_;
  if (!spm::AdvanceCounter(nv::Counter::kReading, to).ok())
    return Error::kSealCounter;
  next_ = std::max(next_, *at * kRange);
  end_ = to * kRange;
  ranges_ = std::min(kMostRanges, ranges_ * 2);
  return kDone;
}

}  // namespace cai::seal
