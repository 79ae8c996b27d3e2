// Bytes that wipe themselves.
#pragma once

#include <cstring>
#include <utility>

#include "lib/base/bytes.h"

namespace cai {

// Overwrites with zeros; the compiler may not remove it. In words where it can:
// most of what is wiped is.
inline void Wipe(MutableBytes bytes) {
  // Safety: volatile stores within the span, of a type that may alias any.
  using Word [[gnu::may_alias]] = std::uintptr_t;
  std::byte* at = bytes.data();
  std::byte* const end = at + bytes.size();
  const auto aligned = [&] {
    return reinterpret_cast<std::uintptr_t>(at) % sizeof(Word) == 0;
  };
  for (; at != end && !aligned(); ++at)
    *const_cast<volatile std::byte*>(at) = std::byte{0};
  for (; end - at >= std::ptrdiff_t{sizeof(Word)}; at += sizeof(Word))
    *reinterpret_cast<volatile Word*>(at) = 0;
  for (; at != end; ++at) *const_cast<volatile std::byte*>(at) = std::byte{0};
}

// Time depends on the sizes alone.
inline bool ConstantTimeEqual(Bytes a, Bytes b) {
  using Word = std::uintptr_t;
  if (a.size() != b.size()) return false;
  Word difference = 0;
  std::size_t i = 0;
  for (; a.size() - i >= sizeof(Word); i += sizeof(Word)) {
    Word x, y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    difference |= x ^ y;
  }
  for (; i < a.size(); ++i) difference |= std::to_integer<Word>(a[i] ^ b[i]);
  return difference == 0;
}

// Does not copy, does not print, compares in constant time.
template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept { *this = std::move(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    bytes_ = other.bytes_;
    Wipe(other.bytes_);
    return *this;
  }
  ~Secret() { Wipe(bytes_); }

  std::span<std::byte, N> mutable_bytes() { return bytes_; }
  std::span<const std::byte, N> bytes() const { return bytes_; }
  static constexpr std::size_t size() { return N; }

  friend bool operator==(const Secret& a, const Secret& b) {
    return ConstantTimeEqual(a.bytes_, b.bytes_);
  }

 private:
  ByteArray<N> bytes_{};
};

}  // namespace cai
