#include "lib/mqtt/wire.h"

namespace cai::mqtt {
namespace {

// Bytes of the code point that starts with `lead`; 0 if none does.
int SequenceSize(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// RFC 3629, 4: no overlong forms, no surrogates, nothing above U+10FFFF.
bool SecondFits(std::uint8_t lead, std::uint8_t second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second < 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

bool ValidSequence(std::string_view text, std::size_t at, std::size_t size) {
  if (text.size() - at < size) return false;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<std::uint8_t>(text[at + i]) & 0xC0) != 0x80) return false;
  return size < 3 || SecondFits(static_cast<std::uint8_t>(text[at]),
                                static_cast<std::uint8_t>(text[at + 1]));
}

}  // namespace

bool ValidText(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const int size = SequenceSize(static_cast<std::uint8_t>(text[at]));
    if (text[at] == '\0' || size == 0) return false;
    if (!ValidSequence(text, at, static_cast<std::size_t>(size))) return false;
    at += static_cast<std::size_t>(size);
  }
  return true;
}

void Sink::Byte(std::uint8_t value) {
  if (size_ < out_.size()) out_[size_] = std::byte{value};
  ++size_;
}

void Sink::U16(std::uint16_t value) { Raw(BigEndian(value)); }
void Sink::U32(std::uint32_t value) { Raw(BigEndian(value)); }

void Sink::Varint(std::uint32_t value) {
  if (value > kMaxVarint) valid_ = false;
  do {
    const std::uint8_t more = value > 127 ? 0x80 : 0;
    Byte(static_cast<std::uint8_t>((value & 127) | more));
    value >>= 7;
  } while (value != 0);
}

void Sink::Binary(Bytes value) {
  if (value.size() > 65535) valid_ = false;
  U16(static_cast<std::uint16_t>(value.size()));
  Raw(value);
}

void Sink::Raw(Bytes value) {
  if (size_ < out_.size()) CopyInto(out_.subspan(size_), value);
  size_ += value.size();  // sums of sizes of objects in memory do not wrap
}

Result<Bytes> Source::Take(std::size_t size) {
  if (size > in_.size()) return Error::kMqttMalformed;
  const Bytes taken = in_.first(size);
  in_ = in_.subspan(size);
  return taken;
}

Result<std::uint8_t> Source::Byte() {
  CAI_TRY_ASSIGN(const Bytes b, Take(1));
  return std::to_integer<std::uint8_t>(b[0]);
}

Result<std::uint16_t> Source::U16() {
  CAI_TRY_ASSIGN(const Bytes b, Take(2));
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(b[0]) << 8 |
                                    std::to_integer<unsigned>(b[1]));
}

Result<std::uint32_t> Source::U32() {
  CAI_TRY_ASSIGN(const Bytes b, Take(4));
  std::uint32_t value = 0;
  for (const std::byte one : b)
    value = value << 8 | std::to_integer<std::uint32_t>(one);
  return value;
}

Result<std::uint32_t> Source::Varint() {
  const Bytes before = in_;
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const Result<std::uint8_t> byte = Byte();
    if (!byte.ok()) break;
    value |= static_cast<std::uint32_t>(*byte & 127) << shift;
    if (*byte & 0x80) continue;
    // 1.5.5: the minimum number of bytes.
    if (shift != 0 && *byte == 0) break;
    return value;
  }
  in_ = before;
  return Error::kMqttMalformed;
}

Result<Bytes> Source::Binary() {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const std::uint16_t size, U16());
  const Result<Bytes> value = Take(size);
  if (!value.ok()) in_ = before;
  return value;
}

Result<std::string_view> Source::Text() {
  const Bytes before = in_;
  CAI_TRY_ASSIGN(const Bytes value, Binary());
  if (ValidText(AsText(value))) return AsText(value);
  in_ = before;
  return Error::kMqttMalformed;
}

}  // namespace cai::mqtt
