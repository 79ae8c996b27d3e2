#include "lib/nn/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cai::nn {
namespace {

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

TEST(Quantize, RoundingDoublingHighMul_RoundsHalfAwayFromZero) {
  EXPECT_EQ(RoundingDoublingHighMul(1 << 30, 3), 2);    // 1.5
  EXPECT_EQ(RoundingDoublingHighMul(1 << 30, -3), -1);  // -1.5, then truncated
  EXPECT_EQ(RoundingDoublingHighMul(1 << 30, 1), 1);    // 0.5
  EXPECT_EQ(RoundingDoublingHighMul(-(1 << 30), 1), 0);
  EXPECT_EQ(RoundingDoublingHighMul(kMin, kMin), kMax);
  EXPECT_EQ(RoundingDoublingHighMul(kMin, kMax), -kMax);
}

TEST(Quantize, RoundingShiftRight_RoundsHalfAwayFromZero) {
  EXPECT_EQ(RoundingShiftRight(5, 1), 3);
  EXPECT_EQ(RoundingShiftRight(-5, 1), -3);
  EXPECT_EQ(RoundingShiftRight(-6, 2), -2);
  EXPECT_EQ(RoundingShiftRight(6, 2), 2);
  EXPECT_EQ(RoundingShiftRight(7, 0), 7);
  EXPECT_EQ(RoundingShiftRight(kMin, 31), -1);
  EXPECT_EQ(RoundingShiftRight(kMax, 31), 1);
}

TEST(Quantize, ToMultiplier_IsFrexpAndRound) {
  for (const double real :
       {1.0, 0.5, 0.75, 1e-3, 3.14159, 1e-9, 0.99999999999, 12345.678}) {
    const auto made = ToMultiplier(real);
    ASSERT_TRUE(made.ok()) << real;
    int shift;
    auto value = static_cast<std::int64_t>(
        std::round(std::frexp(real, &shift) * 2147483648.0));
    if (value == 1ll << 31) value /= 2, ++shift;
    EXPECT_EQ(made->value, value) << real;
    EXPECT_EQ(made->shift, shift) << real;
  }
}

TEST(Quantize, ToMultiplier_RefusesWhatIsNoFactor) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double real : {-1.0, -1e-300, infinity, 1073741824.0,
                            std::numeric_limits<double>::quiet_NaN()})
    EXPECT_FALSE(ToMultiplier(real).ok()) << real;
  for (const double tiny : {0.0, 1e-12, 1e-320}) {
    ASSERT_TRUE(ToMultiplier(tiny).ok()) << tiny;
    EXPECT_EQ(ToMultiplier(tiny)->value, 0) << tiny;
  }
}

TEST(Quantize, ActivationRange_ClampsAtTheQuantaOfTheBounds) {
  EXPECT_EQ(ActivationRange(0, 0.1f, 5)->min, -128);
  EXPECT_EQ(ActivationRange(1, 0.1f, 5)->min, 5);
  EXPECT_EQ(ActivationRange(1, 0.1f, 5)->max, 127);
  EXPECT_EQ(ActivationRange(3, 0.1f, 5)->max, 65);
  EXPECT_EQ(ActivationRange(2, 0.1f, 5)->min, -5);
  EXPECT_EQ(ActivationRange(2, 0.1f, 5)->max, 15);
  EXPECT_EQ(ActivationRange(3, 1e-20f, -128)->max, 127);
  EXPECT_FALSE(ActivationRange(4, 0.1f, 0).ok());  // TANH
}

TEST(Quantize, AddBias_Wraps) { EXPECT_EQ(AddBias(kMax, 1), kMin); }

}  // namespace
}  // namespace cai::nn
