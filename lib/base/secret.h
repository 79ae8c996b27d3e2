// Bytes that wipe themselves.
#pragma once

#include <utility>

#include "lib/base/bytes.h"

namespace cai {

// Overwrites with zeros; the compiler may not remove it.
inline void Wipe(MutableBytes bytes) {
  // Safety: volatile stores through a pointer into the span.
  volatile std::byte* at = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) at[i] = std::byte{0};
}

// Time depends on the sizes alone.
inline bool ConstantTimeEqual(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  std::byte difference{0};
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == std::byte{0};
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
