#include "host/device/boards.h"

#include <array>

namespace cai::device {
namespace {

constexpr std::array<Board, 2> kBoards = {{
    {.name = "an521",
     .machine = "mps2-an521",
     .secure_link = 0x10020000,
     .nonsecure_link = 0x00200000,
     .secure_room = 0xE0000,
     .nonsecure_room = 0x100000,
     .otp_address = 0x30010000,
     .seed_address = 0x30011000,
     .nv_file_size = 16u << 20,
     .nv_offset = 0},
    {.name = "an547",
     .machine = "mps3-an547",
     .secure_link = 0x11000000,
     .nonsecure_link = 0x01100000,
     .secure_room = 0xFF000,  // the slot's, less the sector of its trailer
     .nonsecure_room = 0x100000,
     .otp_address = 0x313F8000,
     .seed_address = 0x313F9000,
     .nv_file_size = 2ull << 30,
     .nv_offset = 0x10000000},
}};

}  // namespace

host::Outcome<const Board*> FindBoard(std::string_view name) {
  for (const Board& board : kBoards)
    if (board.name == name) return &board;
  return host::Problem(Error::kHostUsage, "board " + std::string(name),
                       "an521 or an547");
}

}  // namespace cai::device
