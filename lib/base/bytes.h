// Views of bytes, and the few helpers that every codec needs.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cai {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

// Safety: any object may be viewed as bytes; text and uint8_t alias std::byte.
inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline Bytes AsBytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}
inline const std::uint8_t* AsU8(Bytes bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
inline std::uint8_t* AsU8(MutableBytes bytes) {
  return reinterpret_cast<std::uint8_t*>(bytes.data());
}
template <std::size_t N>
inline std::uint8_t* AsU8(std::span<std::byte, N> bytes) {
  return reinterpret_cast<std::uint8_t*>(bytes.data());
}
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Not for secrets: the time depends on the first difference.
inline bool Equal(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

// Copies as much as fits; returns the part of `to` that was filled.
inline MutableBytes CopyInto(MutableBytes to, Bytes from) {
  const std::size_t size = std::min(to.size(), from.size());
  std::copy_n(from.begin(), size, to.begin());
  return to.first(size);
}

// Big endian, most significant byte first (RFC 8949, 3).
template <typename T>
constexpr ByteArray<sizeof(T)> BigEndian(T value) {
  ByteArray<sizeof(T)> out{};
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out[i] = std::byte(value >> (8 * (sizeof(T) - 1 - i)));
  return out;
}

}  // namespace cai
