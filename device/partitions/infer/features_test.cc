#include "device/partitions/infer/features.h"

#include <gtest/gtest.h>

#include <limits>

namespace cai::infer {
namespace {

sensor::SensorSample Sample(std::int32_t milli_c, std::int32_t x_nt) {
  return {milli_c, {x_nt, 0, 0}, 3};
}

TEST(Features, Quantise_RoundsHalfAwayFromZeroAndSaturates) {
  const Scaling by_ten{0, 1, 10};
  EXPECT_EQ(Quantise(14, by_ten), 1);
  EXPECT_EQ(Quantise(15, by_ten), 2);
  EXPECT_EQ(Quantise(-15, by_ten), -2);
  EXPECT_EQ(Quantise(-14, by_ten), -1);
  EXPECT_EQ(Quantise(std::numeric_limits<std::int32_t>::max(), by_ten), 127);
  EXPECT_EQ(Quantise(std::numeric_limits<std::int32_t>::min(), by_ten), -128);
}

TEST(Features, Quantise_SpansTheRangesOfTheGuide) {
  EXPECT_EQ(Quantise(-40000, kMachineScaling[0]), -124);
  EXPECT_EQ(Quantise(42500, kMachineScaling[0]), 0);
  EXPECT_EQ(Quantise(125000, kMachineScaling[0]), 124);
  EXPECT_EQ(Quantise(0, kMachineScaling[2]), -128);
  EXPECT_EQ(Quantise(120000, kMachineScaling[2]), 26);
  EXPECT_EQ(Quantise(0, kPhaseScaling), -128);
  EXPECT_EQ(Quantise(6282, kPhaseScaling), 127);
}

TEST(Features, Window_MeansOverWhatThereIs) {
  Window window;
  window.Add(Sample(22000, 40000));
  MachineInputs inputs = window.Inputs();
  EXPECT_EQ(inputs.temperature_milli_c, 22000);
  EXPECT_EQ(inputs.warming_milli_c, 0);
  EXPECT_EQ(inputs.field_nt, 40000);
  EXPECT_EQ(inputs.field_change_nt, 0);
  window.Add(Sample(24000, 30000));
  inputs = window.Inputs();
  EXPECT_EQ(inputs.warming_milli_c, 1000);
  EXPECT_EQ(inputs.field_change_nt, -5000);
}

TEST(Features, Window_ForgetsAfterEightSamplesAndWhenCleared) {
  Window window;
  window.Add(Sample(100000, 0));
  for (int i = 0; i < 8; ++i) window.Add(Sample(20000, 0));
  EXPECT_EQ(window.Inputs().warming_milli_c, 0);
  window.Add(Sample(28000, 0));
  EXPECT_EQ(window.Inputs().warming_milli_c, 7000);
  window.Clear();
  window.Add(Sample(50000, 7));
  EXPECT_EQ(window.Inputs().warming_milli_c, 0);
  EXPECT_EQ(window.Inputs().field_nt, 7);
}

TEST(Features, Magnitude_IsTheRootRoundedDown) {
  EXPECT_EQ(Magnitude({3, -4, 0}), 5);
  EXPECT_EQ(Magnitude({0, 0, 0}), 0);
  EXPECT_EQ(Magnitude({1, 1, 1}), 1);
  EXPECT_EQ(Magnitude({186000, 186000, -186000}), 322161);
  constexpr auto kMin = std::numeric_limits<std::int32_t>::min();
  EXPECT_EQ(Magnitude({kMin, kMin, kMin}), 0x7fffffff);
}

TEST(Features, Phase_GoesRoundOnceAMinute) {
  EXPECT_EQ(Phase(0), 0);
  EXPECT_EQ(Phase(15000), 1570);
  EXPECT_EQ(Phase(59999), 6282);
  EXPECT_EQ(Phase(60000), 0);
  EXPECT_EQ(Phase(1ull << 60), Phase((1ull << 60) % 60000));
}

}  // namespace
}  // namespace cai::infer
