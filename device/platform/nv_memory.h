// The memory behind the flash driver: 16 MiB that outlive power. Defined by
// device/nv/mapped.cc on a board and by device/platform/sim on the host, where
// it can lose power at any operation. Nobody but device/nv calls the writers.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::platform {

// All of it, readable in place.
Bytes NvMemory();

// One program operation: copies `data` to `offset`. No rule of flash is checked
// here. kFlashPowerLost (host only) if the power went; what was written by then
// stays.
Status StoreNv(std::uint32_t offset, Bytes data);

// One erase operation: `size` bytes at `offset` become 0xFF.
Status EraseNv(std::uint32_t offset, std::uint32_t size);

}  // namespace cai::platform
