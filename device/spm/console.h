// The secure console: typed event records on UART1.
#pragma once

#include "device/spm/events.h"

namespace cai::spm {

void StartConsole();
void Record(std::int32_t source, std::uint16_t id, std::uint32_t argument);
inline void Record(std::int32_t source, EventId id,
                   std::uint32_t argument = 0) {
  Record(source, static_cast<std::uint16_t>(id), argument);
}

}  // namespace cai::spm
