// The flash driver: NOR flash as a chip has it, over plain memory. Erase before
// write, 4 KiB at a time; program 8 to 256 bytes, 8-aligned; every 8-byte unit
// once per erase. The region of one-way state is never erased; as OTP memory
// does, it also lets a single bit be blown at any time.
#pragma once

#include "device/nv/layout.h"
#include "lib/base/result.h"

namespace cai::nv {

// kFlashRange outside of the memory.
Result<Bytes> View(std::uint32_t offset, std::size_t size);
Status Read(std::uint32_t offset, MutableBytes out);

// kFlashRange, kFlashAlignment, kFlashNotErased. One operation: a cut leaves
// some leading part of `data` written.
Status Program(std::uint32_t offset, Bytes data);

// Blows one fuse of one-way state: bit 0..7 of the byte at `offset` becomes 0.
// kFlashRange elsewhere. A cut leaves the fuse whole or blown.
Status Blow(std::uint32_t offset, unsigned bit);

// The sector that begins at `offset`. kFlashRange for one-way state.
Status Erase(std::uint32_t offset);

// Any length: erases `region`'s sectors that `data` needs, programs and pads
// with 0xFF. Not atomic. Requires a region of whole sectors.
Status Replace(const Region& region, Bytes data);

}  // namespace cai::nv
