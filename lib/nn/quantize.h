// The fixed-point arithmetic of int8 TFLite models, bit for bit: a real factor
// is a 31-bit fraction and a power of two, and a product is rounded twice
// ("double rounding": half away from zero in both steps).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "lib/base/result.h"

namespace cai::nn {

// real = value * 2^shift / 2^31, with value in [2^30, 2^31) or 0.
struct Multiplier {
  std::int32_t value = 0;
  std::int32_t shift = 0;  // -31..30
};

// Refuses what is negative, not finite or not below 2^30. Factors too small
// for any effect become 0, as TFLite has it.
Result<Multiplier> ToMultiplier(double real);

// The clamp of a fused activation, in output quanta.
struct Range {
  std::int32_t min = std::numeric_limits<std::int8_t>::min();
  std::int32_t max = std::numeric_limits<std::int8_t>::max();
};

enum class Activation : std::int8_t {
  kNone = 0,
  kRelu = 1,
  kReluN1To1 = 2,
  kRelu6 = 3,
};

// Refuses other activations. Requires a valid scale.
Result<Range> ActivationRange(std::int8_t activation, float scale,
                              std::int32_t zero_point);

inline bool ValidScale(float scale) {
  return scale > 1e-30f && scale < 1e30f;  // NaN fails both
}

// (a * b + half) / 2^31, saturating the one case that overflows.
constexpr std::int32_t RoundingDoublingHighMul(std::int32_t a, std::int32_t b) {
  constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
  if (a == b && a == kMin) return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = static_cast<std::int64_t>(a) * b;
  const std::int64_t nudge = product >= 0 ? 1ll << 30 : 1 - (1ll << 30);
  return static_cast<std::int32_t>((product + nudge) / (1ll << 31));
}

// x / 2^exponent, half away from zero; exponent in 0..31.
constexpr std::int32_t RoundingShiftRight(std::int32_t x, int exponent) {
  const std::int64_t mask = (1ll << exponent) - 1;
  const std::int64_t remainder = x & mask;
  const std::int64_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return static_cast<std::int32_t>((static_cast<std::int64_t>(x) >> exponent) +
                                   (remainder > threshold ? 1 : 0));
}

// x * multiplier. The left shift wraps, as it does in a model that was
// converted wrongly on every other engine.
constexpr std::int32_t Multiply(std::int32_t x, Multiplier by) {
  const int left = by.shift > 0 ? by.shift : 0;
  const int right = by.shift > 0 ? 0 : -by.shift;
  const auto shifted =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return RoundingShiftRight(RoundingDoublingHighMul(shifted, by.value), right);
}

// An accumulator to an output quantum.
constexpr std::int8_t Requantize(std::int32_t accumulator, Multiplier by,
                                 std::int32_t offset, Range range) {
  const std::int64_t value =
      static_cast<std::int64_t>(Multiply(accumulator, by)) + offset;
  return static_cast<std::int8_t>(
      std::clamp<std::int64_t>(value, range.min, range.max));
}

// The bound under which no sum of products overflows: an int8 input with its
// offset is within +-255 and a weight within +-128.
constexpr std::int64_t kMaxDepth = 65536;
static_assert(kMaxDepth * 255 * 128 < 1ll << 31);

// A bias may be anything (channels that training left dead have huge ones), so
// it is added modulo 2^32, as other engines do in effect.
constexpr std::int32_t AddBias(std::int32_t sum, std::int32_t bias) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) +
                                   static_cast<std::uint32_t>(bias));
}

}  // namespace cai::nn
