#include "device/partitions/seal/limits.h"

#include "device/spm/partition.h"

namespace cai::seal {

// Within a boot the ranges follow each other, since nobody else reserves; so
// the numbers run on and a gap means a loss.
Status LifetimeNumbers::Reserve() {
  if (next_ < end_) return kDone;
  const auto at = spm::ReadCounter(nv::Counter::kReading);
  if (!at.ok() || !spm::AdvanceCounter(nv::Counter::kReading, *at + 1).ok())
    return Error::kSealCounter;
  next_ = std::max(next_, *at * kRange);
  end_ = (*at + 1) * kRange;
  return kDone;
}

}  // namespace cai::seal
