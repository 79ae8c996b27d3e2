// Floating-point numbers (RFC 8949, 3.3), which no message of the device has.
#include <bit>
#include <cmath>
#include <limits>

#include "lib/cbor/reader_inl.h"
#include "lib/cbor/writer.h"

namespace cai::cbor {
namespace {

// IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction.
double FromHalf(std::uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 0x3ff;
  double value = 0;
  if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else if (exponent != 31) {
    value = std::ldexp(fraction + 1024, exponent - 25);
  } else {
    value = fraction == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  }
  return (half & 0x8000) != 0 ? -value : value;
}

// The binary16 of a binary32 whose value one has; other bits if none has.
std::uint16_t TryHalf(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  if (std::isinf(value)) return sign | 0x7c00;
  const int exponent = static_cast<int>(bits >> 23 & 0xff) - 127;
  const std::uint32_t fraction = bits & 0x7fffff;
  if (exponent > 15 || exponent < -24) return sign;
  if (exponent >= -14)
    return static_cast<std::uint16_t>(sign | (exponent + 15) << 10 |
                                      fraction >> 13);
  return static_cast<std::uint16_t>(sign |
                                    (fraction | 0x800000) >> (-exponent - 1));
}

bool Same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

template <bool kAny>
Result<double> BasicReader<kAny>::Float() {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  const std::size_t size = head.size - Breaks();
  if (head.major != 7 || size < 3) return Error::kCborWrongType;
  Pass(head.size);
  if (size == 3) return FromHalf(static_cast<std::uint16_t>(head.argument));
  if (size == 5)
    return double{
        std::bit_cast<float>(static_cast<std::uint32_t>(head.argument))};
  return std::bit_cast<double>(head.argument);
}

template Result<double> BasicReader<false>::Float();
template Result<double> BasicReader<true>::Float();

// The shortest that keeps the value (RFC 8949, 4.2.1); every NaN is f97e00.
void Writer::Float(double value) {
  if (std::isnan(value)) return FloatBits(0x7e00, 2);
  const auto narrow = static_cast<float>(value);
  if (!Same(narrow, value))
    return FloatBits(std::bit_cast<std::uint64_t>(value), 8);
  const std::uint16_t half = TryHalf(narrow);
  if (Same(FromHalf(half), value)) return FloatBits(half, 2);
  FloatBits(std::bit_cast<std::uint32_t>(narrow), 4);
}

}  // namespace cai::cbor
