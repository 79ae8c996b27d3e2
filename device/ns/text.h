// Builds one line of text in memory of fixed size; what does not fit is cut.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/error.h"

namespace cai::ns {

class Text {
 public:
  Text& operator<<(std::string_view text) {
    size_ +=
        CopyInto(MutableBytes(memory_).subspan(size_), AsBytes(text)).size();
    return *this;
  }
  Text& operator<<(const char* text) { return *this << std::string_view(text); }
  Text& operator<<(char c) { return *this << std::string_view(&c, 1); }
  Text& operator<<(std::integral auto value) { return Number(value, 10); }

  // "NS9": the module and the reason, as error_list.h numbers them.
  Text& operator<<(Error error) {
    const auto id = static_cast<std::uint32_t>(error);
    return *this << static_cast<char>(id >> 24) << static_cast<char>(id >> 16)
                 << (id & 0xFFFF);
  }

  Text& Hex(Bytes bytes) {
    for (const std::byte b : bytes) {
      const auto value = std::to_integer<unsigned>(b);
      *this << kDigits[value >> 4] << kDigits[value & 15];
    }
    return *this;
  }
  Text& Hex32(std::uint32_t value) { return Hex(BigEndian(value)); }

  // At least `width` digits.
  Text& Padded(std::uint32_t value, int width) {
    std::uint32_t limit = 1;
    while (--width > 0) limit *= 10;
    for (; limit > 1 && value < limit; limit /= 10) *this << '0';
    return *this << value;
  }

  // From outside: what is not printable ASCII becomes '?'.
  Text& Foreign(std::string_view text) {
    for (const char c : text) *this << (c >= ' ' && c <= '~' ? c : '?');
    return *this;
  }

  Text& Ipv4(const ByteArray<4>& a) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i != 0) *this << '.';
      *this << std::to_integer<unsigned>(a[i]);
    }
    return *this;
  }

  // "2026-11-23 08:05:00Z".
  Text& UtcTime(std::int64_t unix_s);

  std::string_view view() const { return AsText(Bytes(memory_).first(size_)); }
  bool full() const { return size_ == memory_.size(); }

 private:
  static constexpr char kDigits[] = "0123456789abcdef";

  Text& Number(auto value, int base) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   value, base);
    return *this << std::string_view(digits.data(), end.ptr);
  }

  ByteArray<240> memory_;
  std::size_t size_ = 0;
};

}  // namespace cai::ns
