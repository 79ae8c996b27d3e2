// Numbers below 2^256 and multiplication modulo a prime of that size, after
// Montgomery. Time depends on the values: for public ones alone.
#pragma once

#include <array>
#include <cstdint>

#include "lib/base/bytes.h"

namespace cai::crypto::verify {

// Little endian: limb 0 is the least.
using Number = std::array<std::uint32_t, 8>;

constexpr Number kP = {0xffffffff, 0xffffffff, 0xffffffff, 0x00000000,
                       0x00000000, 0x00000000, 0x00000001, 0xffffffff};
constexpr Number kN = {0xfc632551, 0xf3b9cac2, 0xa7179e84, 0xbce6faad,
                       0xffffffff, 0xffffffff, 0x00000000, 0xffffffff};

Number FromBigEndian(std::span<const std::byte, 32> bytes);

constexpr bool IsZero(const Number& a) {
  std::uint32_t bits = 0;
  for (const std::uint32_t limb : a) bits |= limb;
  return bits == 0;
}

// out = a + b or a - b modulo 2^256; returns the carry or borrow. `out` may be
// one of the others.
constexpr std::uint32_t AddTo(Number& out, const Number& a, const Number& b) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    carry += std::uint64_t{a[i]} + b[i];
    out[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  return static_cast<std::uint32_t>(carry);
}
constexpr std::uint32_t SubtractTo(Number& out, const Number& a,
                                   const Number& b) {
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    borrow += std::int64_t{a[i]} - b[i];
    out[i] = static_cast<std::uint32_t>(borrow);
    borrow >>= 32;
  }
  return static_cast<std::uint32_t>(-borrow);
}

constexpr bool Less(const Number& a, const Number& b) {
  Number ignored{};
  return SubtractTo(ignored, a, b) != 0;
}

// Both below `m`, and so is what comes out.
constexpr Number AddModulo(const Number& a, const Number& b, const Number& m) {
  Number sum{};
  const bool carry = AddTo(sum, a, b) != 0;
  if (carry || !Less(sum, m)) SubtractTo(sum, sum, m);
  return sum;
}
constexpr Number SubtractModulo(const Number& a, const Number& b,
                                const Number& m) {
  Number difference{};
  if (SubtractTo(difference, a, b) != 0) AddTo(difference, difference, m);
  return difference;
}

// 2^256 modulo m, and its square: what takes a number into Montgomery's form.
constexpr Number Radix(const Number& m) {
  Number radix{};
  SubtractTo(radix, radix, m);
  return radix;
}
constexpr Number RadixSquared(const Number& m) {
  Number square = Radix(m);
  for (int i = 0; i < 256; ++i) square = AddModulo(square, square, m);
  return square;
}

// a * b / 2^256 modulo p or n. One factor may be any number, the other is below
// the modulus, and so is the product.
Number MultiplyP(const Number& a, const Number& b);
Number MultiplyN(const Number& a, const Number& b);

// 1 / a modulo n, both in Montgomery's form (Fermat). 0 for 0.
Number InvertN(const Number& a);

}  // namespace cai::crypto::verify
