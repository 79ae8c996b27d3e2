// What the SPM and partitions record on the secure console. The format of a
// record, and its encoder, are lib/events/events.h; partitions use ids of their
// own from 0x0100 (normal) and 0x8100 (errors), in steps of 0x10 by
// PartitionId.
#pragma once

#include "lib/events/events.h"

namespace cai::spm {

using events::EventId;

constexpr std::uint16_t PartitionEvent(std::uint16_t partition,
                                       std::uint16_t number) {
  return static_cast<std::uint16_t>(0x0100 + 0x10 * partition + number);
}
constexpr std::uint16_t PartitionError(std::uint16_t partition,
                                       std::uint16_t number) {
  return events::kErrorBit | PartitionEvent(partition, number);
}

}  // namespace cai::spm
