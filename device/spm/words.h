// Copying and clearing on the way of every call, four words at a time: the C
// library of the image is built for size and goes byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cai::spm {

namespace words {

constexpr std::size_t kBlock = 16;

inline bool Aligned(const void* at) {
  // Safety: only the address is looked at.
  return reinterpret_cast<std::uintptr_t>(at) % sizeof(std::uint32_t) == 0;
}

}  // namespace words

// `to` and `from` do not overlap.
inline void Copy(void* to, const void* from, std::size_t size) {
  if (words::Aligned(to) && words::Aligned(from)) {
    // Safety: both are word aligned, and only whole blocks within `size` move.
    for (; size >= words::kBlock; size -= words::kBlock)
      __asm__ volatile(
          "ldmia %1!, {r4-r7}\n"
          "stmia %0!, {r4-r7}"
          : "+l"(to), "+l"(from)::"r4", "r5", "r6", "r7", "memory");
    for (; size >= sizeof(std::uint32_t); size -= sizeof(std::uint32_t))
      __asm__ volatile(
          "ldmia %1!, {r4}\n"
          "stmia %0!, {r4}"
          : "+l"(to), "+l"(from)::"r4", "memory");
  }
  auto* out = static_cast<std::uint8_t*>(to);
  const auto* in = static_cast<const std::uint8_t*>(from);
  while (size-- > 0) {
    *out++ = *in++;
    __asm__ volatile("" ::: "memory");  // stays a loop, not a call of memcpy
  }
}

// Not dropped, though nothing reads it again.
inline void Clear(void* at, std::size_t size) {
  if (words::Aligned(at)) {
    // Safety: word aligned, and only whole blocks within `size`.
    for (; size >= words::kBlock; size -= words::kBlock)
      __asm__ volatile(
          "movs r4, #0\n movs r5, #0\n movs r6, #0\n movs r7, #0\n"
          "stmia %0!, {r4-r7}"
          : "+l"(at)::"r4", "r5", "r6", "r7", "cc", "memory");
  }
  auto* out = static_cast<volatile std::uint8_t*>(at);
  while (size-- > 0) *out++ = 0;
}

}  // namespace cai::spm
