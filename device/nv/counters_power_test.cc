// Power cut at every operation of a counter, torn at any byte (label
// power_loss).
#include <gtest/gtest.h>

#include "device/nv/counters.h"
#include "device/platform/sim/cuts.h"
#include "device/platform/sim/sim.h"

namespace cai::nv {
namespace {

class CountersPower : public testing::Test {
 protected:
  void SetUp() override { sim::Manufacture(); }
};

// The boot loop: each step is one start of the device.
TEST_F(CountersPower, ABootNumber_IsNeverGivenTwice) {
  constexpr int kBoots = 200;
  std::uint32_t given[kBoots + 1] = {};
  const auto boots = [&] {
    for (int i = 1; i <= kBoots; ++i) {
      sim::Mark(i);
      given[i] = *BumpCounter(Counter::kBoot);
    }
  };
  const auto next_boot = [&](const sim::Cut& cut) {
    const std::uint32_t before = given[cut.mark - 1];
    const std::uint32_t now = *ReadCounter(Counter::kBoot);
    ASSERT_TRUE(now == before || now == before + 1) << cut.operation;
    ASSERT_EQ(*BumpCounter(Counter::kBoot), now + 1);
  };
  sim::PrintCuts("boot counter", sim::ForEachCut(boots, next_boot));
}

TEST_F(CountersPower, EveryCounter_StandsAtItsOldOrNewValue) {
  constexpr int kSteps = 12;  // the smallest counters have 16 places
  std::size_t cuts = 0;
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Counter::kCount);
       ++i) {
    const auto counter = static_cast<Counter>(i);
    const auto bump = [&] {
      for (int step = 0; step < kSteps; ++step) {
        sim::Mark(step);
        ASSERT_TRUE(BumpCounter(counter).ok());
      }
    };
    cuts += sim::ForEachCut(bump, [&](const sim::Cut& cut) {
      const auto before = static_cast<std::uint32_t>(cut.mark);
      const std::uint32_t now = *ReadCounter(counter);
      ASSERT_TRUE(now == before || now == before + 1);
      ASSERT_TRUE(AdvanceCounter(counter, before + 2).ok());
      ASSERT_EQ(*ReadCounter(counter), before + 2);
    });
  }
  sim::PrintCuts("all counters", cuts);
}

}  // namespace
}  // namespace cai::nv
