// What seal records on the secure console; words in lib/events/event_list.h.
#pragma once

#include "device/spm/events.h"
#include "device/spm/partition.h"

namespace cai::seal {

using events::EventId;

inline void Record(EventId id, std::uint32_t argument = 0) {
  spm::Event(static_cast<std::uint16_t>(id), argument);
}

}  // namespace cai::seal
