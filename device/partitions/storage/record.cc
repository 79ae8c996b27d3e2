#include "device/partitions/storage/record.h"

#include <cstring>

namespace cai::storage {
namespace {

// CRC-32 (IEEE 802.3), four bits at a time: the table is 64 bytes of flash.
std::uint32_t Crc32(Bytes data) {
  static constexpr std::uint32_t kTable[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  std::uint32_t crc = 0xffffffff;
  for (const std::byte b : data) {
    crc ^= std::to_integer<std::uint32_t>(b);
    crc = crc >> 4 ^ kTable[crc & 15];
    crc = crc >> 4 ^ kTable[crc & 15];
  }
  return ~crc;
}

Bytes BeforeCrc(const RecordHeader& header) {
  return View(header).first(offsetof(RecordHeader, crc));
}

}  // namespace

// Safety: trivially copyable without padding (asserted).
Bytes View(const RecordHeader& header) {
  return {reinterpret_cast<const std::byte*>(&header), sizeof(header)};
}
MutableBytes MutableView(RecordHeader& header) {
  return {reinterpret_cast<std::byte*>(&header), sizeof(header)};
}

Bytes Covered(const RecordHeader& header) {
  return View(header).first(offsetof(RecordHeader, mac));
}

bool IsWhole(const RecordHeader& header, std::uint8_t store) {
  return header.magic == RecordHeader::kMagic && header.store == store &&
         (header.kind == Kind::kObject || header.kind == Kind::kRemoved ||
          header.kind == Kind::kBegin) &&
         header.size <= storage_api::kMaxObject &&
         header.crc == Crc32(BeforeCrc(header));
}

void Close(RecordHeader& header, const Sealer& sealer, crypto::Digest& chain) {
  Follow(header, chain);
  std::memcpy(header.mac, sealer.Mac(chain).data(), sizeof(header.mac));
  header.crc = Crc32(BeforeCrc(header));
}

void Follow(const RecordHeader& header, crypto::Digest& chain) {
  chain = crypto::Sha256::Of({chain, Covered(header)});
}

bool Vouches(const RecordHeader& header, const Sealer& sealer,
             const crypto::Digest& chain) {
  return ConstantTimeEqual(sealer.Mac(chain),
                           std::as_bytes(std::span(header.mac)));
}

}  // namespace cai::storage
