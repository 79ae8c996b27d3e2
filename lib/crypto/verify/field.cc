#include "lib/crypto/verify/field.h"

namespace cai::crypto::verify {
namespace {

// The running sum of a multiplication: nine limbs and a carry out of them.
struct Sum {
  std::uint32_t limb[9] = {};
  std::uint32_t top = 0;
};

// sum += a * b. Bounds: a, b and limbs are below 2^32, so each step is at most
// (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
inline void AddProduct(Sum& sum, std::uint32_t a, const Number& b) {
  std::uint64_t carry = 0;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i) {
    carry += std::uint64_t{a} * b[i] + sum.limb[i];
    sum.limb[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  carry += sum.limb[8];
  sum.limb[8] = static_cast<std::uint32_t>(carry);
  sum.top += static_cast<std::uint32_t>(carry >> 32);
}

// sum = (sum + k p) / 2^32, where k makes the lowest limb zero. -1/p is 1
// modulo 2^32, so k is that limb itself, and
// p = 2^256 - 2^224 + 2^192 + 2^96 - 1 needs no multiplication at all.
inline void ReduceP(Sum& sum) {
  const std::int64_t k = sum.limb[0];
  const auto step = [&](std::size_t i, std::int64_t more) {
    const std::int64_t value = more + sum.limb[i];
    sum.limb[i - 1] = static_cast<std::uint32_t>(value);
    return value >> 32;
  };
  std::int64_t carry = 0;
  sum.limb[0] = sum.limb[1];
  sum.limb[1] = sum.limb[2];
  carry = step(3, k);
  carry = step(4, carry);
  carry = step(5, carry);
  carry = step(6, carry + k);
  carry = step(7, carry - k);
  carry = step(8, carry + k);
  sum.limb[8] = static_cast<std::uint32_t>(sum.top + carry);
  sum.top = 0;
}

inline void ReduceN(Sum& sum) {
  constexpr std::uint32_t kMinusInverse = 0xee00bc4f;  // -1/n modulo 2^32
  static_assert(kN[0] * kMinusInverse == 0xffffffff);
  AddProduct(sum, sum.limb[0] * kMinusInverse, kN);
  for (std::size_t i = 0; i < 8; ++i) sum.limb[i] = sum.limb[i + 1];
  sum.limb[8] = sum.top;
  sum.top = 0;
}

// Before the last step the sum is below twice the modulus.
template <auto kReduce>
inline Number Multiply(const Number& a, const Number& b, const Number& m) {
  Sum sum;
#pragma GCC unroll 1
  for (std::size_t i = 0; i < 8; ++i) {
    AddProduct(sum, a[i], b);
    kReduce(sum);
  }
  Number out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = sum.limb[i];
  if (sum.limb[8] != 0 || !Less(out, m)) SubtractTo(out, out, m);
  return out;
}

}  // namespace

Number FromBigEndian(std::span<const std::byte, 32> bytes) {
  Number out{};
  for (std::size_t i = 0; i < 32; ++i)
    out[7 - i / 4] =
        out[7 - i / 4] << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return out;
}

Number MultiplyP(const Number& a, const Number& b) {
  return Multiply<ReduceP>(a, b, kP);
}
Number MultiplyN(const Number& a, const Number& b) {
  return Multiply<ReduceN>(a, b, kN);
}

Number InvertN(const Number& a) {
  Number exponent = kN;
  exponent[0] -= 2;
  Number power = Radix(kN);  // 1 in Montgomery's form
  for (std::size_t bit = 256; bit-- > 0;) {
    power = MultiplyN(power, power);
    if ((exponent[bit / 32] >> (bit % 32) & 1) != 0)
      power = MultiplyN(power, a);
  }
  return power;
}

}  // namespace cai::crypto::verify
