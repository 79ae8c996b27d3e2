#include "lib/nn/quantize.h"

#include <bit>

namespace cai::nn {

// frexp and round, on the bits themselves: the same on every libm.
Result<Multiplier> ToMultiplier(double real) {
  if (!(real >= 0) || !(real < 1073741824.0)) return Error::kNnBadScale;
  const auto bits = std::bit_cast<std::uint64_t>(real);
  int exponent = static_cast<int>(bits >> 52) - 1022;  // real = m / 2^53 * 2^e
  if (exponent < -31) return Multiplier{};
  const std::uint64_t mantissa = (bits & ((1ull << 52) - 1)) | (1ull << 52);
  std::uint64_t value = (mantissa + (1ull << 21)) >> 22;  // to 31 bits
  if (value == 1ull << 31) {
    value >>= 1;
    ++exponent;
  }
  if (exponent > 30) return Error::kNnBadScale;
  return Multiplier{static_cast<std::int32_t>(value), exponent};
}

namespace {

// zero_point + round(real / scale), saturated far outside of int8.
std::int32_t Quantum(float real, float scale, std::int32_t zero_point) {
  const double steps = std::clamp<double>(real / scale, -1000, 1000);
  const double rounded = steps < 0 ? steps - 0.5 : steps + 0.5;
  return zero_point + static_cast<std::int32_t>(rounded);
}

}  // namespace

Result<Range> ActivationRange(std::int8_t activation, float scale,
                              std::int32_t zero_point) {
  Range range;
  const auto at_least = [&](float real) {
    range.min = std::max(range.min, Quantum(real, scale, zero_point));
  };
  const auto at_most = [&](float real) {
    range.max = std::min(range.max, Quantum(real, scale, zero_point));
  };
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone:
      return range;
    case Activation::kRelu:
      at_least(0);
      return range;
    case Activation::kReluN1To1:
      at_least(-1);
      at_most(1);
      return range;
    case Activation::kRelu6:
      at_least(0);
      at_most(6);
      return range;
  }
  return Error::kNnUnsupported;
}

}  // namespace cai::nn
