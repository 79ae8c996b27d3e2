// Whatever lies in the four slots: boot starts nothing that is not signed,
// never leaves its memory, and forgets every secret. Input: pieces [slot u8, at
// u16 in units of 8 from the slot's start (or, if the top bit is set, from its
// end), size u8, bytes], written over a valid pair.
#include <cstdlib>

#include "device/boot/testing.h"
#include "device/nv/counters.h"
#include "device/platform/sim/sim.h"
#include "lib/image/trailer.h"

namespace {

using cai::boot::testing::Device;

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsZero(cai::Bytes bytes) {
  return std::ranges::all_of(bytes,
                             [](std::byte b) { return b == std::byte{0}; });
}

constexpr const cai::nv::Region* kSlots[] = {
    &cai::nv::kSecureSlotA, &cai::nv::kSecureSlotB, &cai::nv::kNonSecureSlotA,
    &cai::nv::kNonSecureSlotB};

// Everything that an input can reach, as it was.
void Restore(const std::vector<std::byte> (&images)[4]) {
  for (std::size_t i = 0; i < 4; ++i) Device::Install(*kSlots[i], images[i]);
}

std::size_t Write(cai::Bytes piece) {
  const cai::nv::Region& slot =
      *kSlots[std::to_integer<unsigned>(piece[0]) % 4];
  const std::size_t at = std::to_integer<std::size_t>(piece[1]) |
                         std::to_integer<std::size_t>(piece[2] & std::byte{1})
                             << 8;
  const bool from_end = (piece[2] & std::byte{0x80}) != std::byte{0};
  const std::size_t size =
      std::min(std::to_integer<std::size_t>(piece[3]), piece.size() - 4);
  const std::size_t offset = from_end ? slot.size - 4096 + at * 8 : at * 8;
  const auto to = cai::sim::NvForAttack().subspan(slot.offset + offset);
  cai::CopyInto(to.first(std::min(size, slot.size - offset)),
                piece.subspan(4, size));
  return 4 + size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static Device device;
  static const std::vector<std::byte> images[4] = {
      Device::Signed(Device::SecureFields({1, 0, 0, 0}), device.secure_key, 1),
      Device::Signed(Device::SecureFields({2, 0, 0, 0}), device.secure_key, 2),
      Device::Signed(Device::NonSecureFields({1, 0, 0, 0}),
                     device.nonsecure_key, 3),
      Device::Signed(Device::NonSecureFields({2, 0, 0, 0}),
                     device.nonsecure_key, 4)};
  Restore(images);
  cai::boot::testing::Notes().clear();
  for (cai::Bytes input = cai::AsBytes(data, size); input.size() > 4;)
    input = input.subspan(Write(input));
  const bool started = device.Boot().ok();
  Require(IsZero(device.otp_page()) && IsZero(device.seed()));
  if (!started) return 0;
  // Only what was signed runs, all of it, and nothing beside it.
  const bool first =
      cai::Equal(device.secure_ram().first(images[0].size()), images[0]);
  Require(first ||
          cai::Equal(device.secure_ram().first(images[1].size()), images[1]));
  const bool third =
      cai::Equal(device.nonsecure_ram().first(images[2].size()), images[2]);
  Require(third || cai::Equal(device.nonsecure_ram().first(images[3].size()),
                              images[3]));
  return 0;
}
