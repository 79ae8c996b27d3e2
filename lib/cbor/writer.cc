#include "lib/cbor/writer.h"

#include <limits>

namespace cai::cbor {

void Writer::Int(std::int64_t value) {
  if (value >= 0) return Head(0, static_cast<std::uint64_t>(value));
  Head(1, static_cast<std::uint64_t>(-1 - value));
}

void Writer::Bstr(Bytes value) {
  Head(2, value.size());
  Raw(value);
}

void Writer::Text(std::string_view value) {
  Head(3, value.size());
  Raw(AsBytes(value));
}

void Writer::Raw(Bytes bytes) {
  for (const std::byte b : bytes) Put(b);
}

Result<Bytes> Writer::Finish() const {
  if (size_ > out_.size()) return Error::kCborNoRoom;
  return Bytes(out_.first(size_));
}

void Writer::Head(std::uint8_t major, std::uint64_t argument) {
  const auto initial = static_cast<std::uint8_t>(major << 5);
  if (argument < 24) return Put(std::byte(initial | argument));

  // 24, 25, 26, 27 announce 1, 2, 4, 8 bytes; the shortest is the only valid
  // one.
  int log2 = 0;
  while (log2 < 3 && argument >> (8 << log2) != 0) ++log2;
  Put(std::byte(initial | (24 + log2)));
  Big(argument, 1 << log2);
}

void Writer::Put(std::byte b) {
  if (size_ < out_.size()) out_[size_] = b;
  if (size_ != std::numeric_limits<std::size_t>::max()) ++size_;
}

void Writer::Big(std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) Put(std::byte(value >> (8 * i)));
}

// 25, 26, 27 announce 2, 4, 8 bytes (RFC 8949, 3.3).
void Writer::FloatBits(std::uint64_t bits, int size) {
  Put(std::byte(0xe0 | (size == 2 ? 25 : size == 4 ? 26 : 27)));
  Big(bits, size);
}

}  // namespace cai::cbor
