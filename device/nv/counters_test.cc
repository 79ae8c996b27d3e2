#include "device/nv/counters.h"

#include <gtest/gtest.h>

#include <set>

#include "device/platform/sim/sim.h"

namespace cai::nv {
namespace {

class Counters : public testing::Test {
 protected:
  void SetUp() override { sim::Manufacture(); }
};

constexpr std::array kAll = {Counter::kBoot,
                             Counter::kKeyGeneration,
                             Counter::kServiceGeneration,
                             Counter::kSecureImage,
                             Counter::kNonSecureImage,
                             Counter::kItsVersion,
                             Counter::kReading,
                             Counter::kModelOwner,
                             Counter::kLifecycle,
                             Counter::kPsVersion,
                             Counter::kSecureKeysRevoked,
                             Counter::kNonSecureKeysRevoked};
static_assert(kAll.size() == static_cast<std::size_t>(Counter::kCount));

TEST_F(Counters, Read_IsZeroOnANewChip) {
  for (const Counter counter : kAll) EXPECT_EQ(*ReadCounter(counter), 0u);
}

TEST_F(Counters, Advance_MovesOneCounterAlone) {
  for (std::uint32_t i = 0; i < kAll.size(); ++i)
    ASSERT_TRUE(AdvanceCounter(kAll[i], 100 + i).ok());
  for (std::uint32_t i = 0; i < kAll.size(); ++i)
    EXPECT_EQ(*ReadCounter(kAll[i]), 100 + i);
}

TEST_F(Counters, Advance_RefusesToGoBack) {
  ASSERT_TRUE(AdvanceCounter(Counter::kSecureImage, 7).ok());

  const Status back = AdvanceCounter(Counter::kSecureImage, 6);

  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error(), Error::kCounterBackwards);
  EXPECT_EQ(*ReadCounter(Counter::kSecureImage), 7u);
}

TEST_F(Counters, Advance_ToTheSameValueCostsNoRecord) {
  ASSERT_TRUE(AdvanceCounter(Counter::kLifecycle, 3).ok());
  const std::uint32_t left = *RecordsLeft(Counter::kLifecycle);

  ASSERT_TRUE(AdvanceCounter(Counter::kLifecycle, 3).ok());

  EXPECT_EQ(*RecordsLeft(Counter::kLifecycle), left);
}

TEST_F(Counters, Bump_RunsOutWithAnErrorAndKeepsTheValue) {
  std::uint32_t last = 0;
  while (*RecordsLeft(Counter::kKeyGeneration) != 0)
    last = *BumpCounter(Counter::kKeyGeneration);

  const auto more = BumpCounter(Counter::kKeyGeneration);

  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error(), Error::kCounterExhausted);
  EXPECT_EQ(*ReadCounter(Counter::kKeyGeneration), last);
  EXPECT_EQ(last, 64u);
}

TEST_F(Counters, EveryCounter_RefusesANumberThatIsNone) {
  EXPECT_FALSE(ReadCounter(Counter::kCount).ok());
  EXPECT_FALSE(AdvanceCounter(static_cast<Counter>(255), 1).ok());
}

TEST_F(Counters, Records_TakeTheExtremeValues) {
  ASSERT_TRUE(AdvanceCounter(Counter::kModelOwner, 0xffffffffu).ok());
  EXPECT_EQ(*ReadCounter(Counter::kModelOwner), 0xffffffffu);
  EXPECT_FALSE(BumpCounter(Counter::kModelOwner).ok());
}

TEST_F(Counters, Fuses_RefuseAJumpPastTheEndAndChangeNothing) {
  ASSERT_TRUE(AdvanceCounter(Counter::kItsVersion, 100).ok());

  const Status jump = AdvanceCounter(Counter::kItsVersion, 0xffffffffu);

  ASSERT_FALSE(jump.ok());
  EXPECT_EQ(jump.error(), Error::kCounterExhausted);
  EXPECT_EQ(*ReadCounter(Counter::kItsVersion), 100u);
}

// The non-secure side may reset as often as it likes.
TEST_F(Counters, BootNumbers_LastForThreeHundredThousandStarts) {
  constexpr std::uint32_t kStarts = 327'680;
  for (std::uint32_t b = 1; b <= kStarts; ++b)
    ASSERT_EQ(*BumpCounter(Counter::kBoot), b);
  const auto more = BumpCounter(Counter::kBoot);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error(), Error::kCounterExhausted);
  EXPECT_EQ(*ReadCounter(Counter::kBoot), kStarts);
}

// Whatever the value and wherever the power went, the counter stands at the old
// value or at the new one, and goes on from there.
TEST_F(Counters, ACutAtAnyByte_NeverMakesAnotherValue) {
  for (const std::uint32_t to :
       {1u, 2u, 0xffu, 0x100u, 0xff00u, 0x10000u, 0x00ffffffu, 0x01000000u,
        0xfffffffeu, 0x80000000u}) {
    for (std::size_t torn = 0; torn <= 8; ++torn) {
      sim::Manufacture();
      ASSERT_TRUE(AdvanceCounter(Counter::kSecureImage, to - 1).ok());
      sim::CutPowerAt(0, torn);

      EXPECT_FALSE(AdvanceCounter(Counter::kSecureImage, to).ok());

      sim::PowerOn();
      const std::uint32_t now = *ReadCounter(Counter::kSecureImage);
      EXPECT_TRUE(now == to || now == to - 1) << to << " " << torn;
      EXPECT_EQ(*BumpCounter(Counter::kSecureImage), now + 1);
    }
  }
}

// A thousand boots, the power going at every second one: no b is used twice.
TEST_F(Counters, Bump_NeverReturnsAValueTwice) {
  std::set<std::uint32_t> seen;
  for (std::size_t boot = 0; boot < 1000; ++boot) {
    sim::PowerOn();
    if (boot % 2 != 0) sim::CutPowerAt(0, boot / 2 % 2);
    const auto b = BumpCounter(Counter::kBoot);
    if (!b.ok()) continue;
    EXPECT_TRUE(seen.insert(*b).second) << *b;
    EXPECT_EQ(*b, *seen.rbegin());
  }
  EXPECT_EQ(seen.size(), 500u);
}

}  // namespace
}  // namespace cai::nv
