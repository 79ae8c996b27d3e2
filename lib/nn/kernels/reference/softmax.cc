#include "lib/nn/softmax.h"

#include <algorithm>
#include <bit>

namespace cai::nn {
namespace {

// Fixed-point numbers are named by their integer bits: F5 has 26 fractional
// bits, F2 29, F0 31. HighMul(Fa, Fb) is Fa+b.
constexpr std::int32_t HighMul(std::int32_t a, std::int32_t b) {
  return RoundingDoublingHighMul(a, b);
}

constexpr std::int32_t kOneF0 = std::numeric_limits<std::int32_t>::max();

constexpr std::int32_t ShiftLeftSaturating(std::int32_t x, int bits) {
  const std::int64_t wide = static_cast<std::int64_t>(x) * (1ll << bits);
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(wide, std::numeric_limits<std::int32_t>::min(),
                               std::numeric_limits<std::int32_t>::max()));
}

// exp(a) for a in [-1/4, 0), F0 to F0: Taylor around -1/8.
std::int32_t ExpOfLastQuarter(std::int32_t a) {
  constexpr std::int32_t kExpOfMinusEighth = 1895147668;
  constexpr std::int32_t kThird = 715827883;
  const std::int32_t x = a + (1 << 28);
  const std::int32_t x2 = HighMul(x, x);
  const std::int32_t x3 = HighMul(x2, x);
  const std::int32_t x4 = HighMul(x2, x2);
  const std::int32_t higher = RoundingShiftRight(
      HighMul(RoundingShiftRight(x4, 2) + x3, kThird) + x2, 1);
  return kExpOfMinusEighth + HighMul(kExpOfMinusEighth, x + higher);
}

// exp(a) for a <= 0, F5 to F0: the last quarter by Taylor, then one factor
// exp(-2^k) for each further bit of -a.
std::int32_t ExpOfNegative(std::int32_t a) {
  if (a == 0) return kOneF0;
  constexpr int kFractionBits = 26;
  constexpr std::int32_t kQuarter = 1 << (kFractionBits - 2);
  constexpr std::int32_t kFactors[] = {
      // exp(-1/4), exp(-1/2), ... exp(-16)
      1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const std::int32_t last = (a & (kQuarter - 1)) - kQuarter;
  const std::int32_t remainder = last - a;
  std::int32_t result = ExpOfLastQuarter(ShiftLeftSaturating(last, 5));
  for (int k = 0; k < 7; ++k)
    if (remainder & (kQuarter << k)) result = HighMul(result, kFactors[k]);
  return result;
}

// 1 / (1 + a) for a in [0, 1), F0 to F0: Newton and Raphson, three rounds.
std::int32_t OneOverOnePlus(std::int32_t a) {
  constexpr std::int32_t kOneF2 = 1 << 29;
  constexpr std::int32_t k48Over17F2 = 1515870810;
  constexpr std::int32_t kMinus32Over17F2 = -1010580540;
  const auto half_denominator = static_cast<std::int32_t>(
      (static_cast<std::int64_t>(a) + kOneF0 + 1) / 2);
  std::int32_t x = k48Over17F2 + HighMul(half_denominator, kMinus32Over17F2);
  for (int round = 0; round < 3; ++round) {
    const std::int32_t error = kOneF2 - HighMul(half_denominator, x);
    x += ShiftLeftSaturating(HighMul(x, error), 2);
  }
  return ShiftLeftSaturating(x, 1);
}

// beta * difference as F5.
std::int32_t Scaled(const Softmax& layer, std::int32_t difference) {
  return Multiply(difference, layer.factor);
}

std::int32_t SumOfExps(const Softmax& layer, std::span<const std::int8_t> row,
                       std::int32_t largest) {
  std::int32_t sum = 0;  // 12 integer bits; depth is at most 4095
  for (const std::int32_t value : row)
    if (value - largest >= layer.least_difference)
      sum +=
          RoundingShiftRight(ExpOfNegative(Scaled(layer, value - largest)), 12);
  return sum;
}

void RunRow(const Softmax& layer, std::span<const std::int8_t> row,
            std::span<std::int8_t> out) {
  constexpr std::int32_t kMin = std::numeric_limits<std::int8_t>::min();
  constexpr std::int32_t kMax = std::numeric_limits<std::int8_t>::max();
  const std::int32_t largest = *std::ranges::max_element(row);
  const auto sum = static_cast<std::uint32_t>(SumOfExps(layer, row, largest));
  // The largest itself gives exp(0): the sum is at least 2^19.
  const int zeros = std::countl_zero(sum);
  const std::int32_t reciprocal =
      OneOverOnePlus(static_cast<std::int32_t>((sum << zeros) - (1u << 31)));
  const int shift = 12 - zeros + 31 - 8;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::int32_t difference = row[i] - largest;
    std::int32_t value = kMin;
    if (difference >= layer.least_difference && shift <= 31)
      value += RoundingShiftRight(
          HighMul(reciprocal, ExpOfNegative(Scaled(layer, difference))), shift);
    out[i] = static_cast<std::int8_t>(std::clamp(value, kMin, kMax));
  }
}

}  // namespace

void Run(const Softmax& layer, std::span<const std::int8_t> input,
         std::span<std::int8_t> output) {
  const auto depth = static_cast<std::size_t>(layer.depth);
  for (std::size_t at = 0; at < input.size(); at += depth)
    RunRow(layer, input.subspan(at, depth), output.subspan(at, depth));
}

}  // namespace cai::nn
