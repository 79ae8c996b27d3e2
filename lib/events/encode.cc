#include "lib/cbor/writer.h"
#include "lib/events/events.h"

namespace cai::events {

std::uint16_t Crc16(Bytes bytes) {
  std::uint16_t crc = 0xFFFF;
  for (const std::byte b : bytes) {
    crc ^= static_cast<std::uint16_t>(std::to_integer<unsigned>(b) << 8);
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>(crc & 0x8000 ? crc << 1 ^ 0x1021
                                                    : crc << 1);
  }
  return crc;
}

Result<Bytes> Encode(const Record& record, MutableBytes out) {
  if (out.size() < 3) return Error::kCborNoRoom;
  cbor::Writer writer(out.subspan(3));
  writer.Array(4);
  writer.Uint(record.ms);
  writer.Int(record.source);
  writer.Uint(record.id);
  writer.Uint(record.argument);
  const std::size_t size = writer.size();
  if (out.size() < 3 + size + 2) return Error::kCborNoRoom;

  out[0] = kStart0;
  out[1] = kStart1;
  out[2] = std::byte(size);
  const std::uint16_t crc = Crc16(out.subspan(2, 1 + size));
  CopyInto(out.subspan(3 + size), BigEndian(crc));
  return Bytes(out.first(3 + size + 2));
}

}  // namespace cai::events
