// What the host must know of a board to make, load and run a device: the same
// numbers as device/images/<board>.toml (boot refuses an image that is linked
// for another address).
#pragma once

#include <cstdint>
#include <string_view>

#include "host/common/problem.h"

namespace cai::device {

struct Board {
  std::string_view name;
  std::string_view machine;  // of qemu-system-arm
  std::uint32_t secure_link;
  std::uint32_t nonsecure_link;
  std::uint32_t secure_room;  // bytes that an image may have, signed
  std::uint32_t nonsecure_room;
  std::uint32_t otp_address;
  std::uint32_t seed_address;
  std::uint64_t nv_file_size;  // what the machine wants its RAM file to be
  std::uint64_t nv_offset;     // of the 16 MiB of NV therein
};

// kHostUsage for a board that is none.
host::Outcome<const Board*> FindBoard(std::string_view name);

}  // namespace cai::device
