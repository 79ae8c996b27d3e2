#include "device/nv/lifecycle.h"

#include <gtest/gtest.h>

#include "device/nv/counters.h"
#include "device/platform/sim/sim.h"

namespace cai::nv {
namespace {

constexpr Lifecycle kAll[] = {Lifecycle::kAssemblyAndTest,
                              Lifecycle::kPsaRotProvisioning,
                              Lifecycle::kSecured,
                              Lifecycle::kNonPsaRotDebug,
                              Lifecycle::kRecoverablePsaRotDebug,
                              Lifecycle::kDecommissioned};

class LifecycleStates : public testing::Test {
 protected:
  // A chip that is in `state`.
  static void Enter(Lifecycle state) {
    sim::Manufacture();
    const auto digit = static_cast<std::uint32_t>(state) >> 12;
    ASSERT_TRUE(AdvanceCounter(Counter::kLifecycle, digit).ok());
  }
};

TEST_F(LifecycleStates, ABlankChip_IsInAssemblyAndTest) {
  sim::Manufacture();
  EXPECT_EQ(*ReadLifecycle(), Lifecycle::kAssemblyAndTest);
}

TEST_F(LifecycleStates, Manufacture_GoesStateByState) {
  sim::Manufacture();
  EXPECT_EQ(ChangeLifecycle(Lifecycle::kSecured).error(),
            Error::kBootTransition);
  ASSERT_TRUE(ChangeLifecycle(Lifecycle::kPsaRotProvisioning).ok());
  ASSERT_TRUE(ChangeLifecycle(Lifecycle::kSecured).ok());
  EXPECT_EQ(*ReadLifecycle(), Lifecycle::kSecured);
}

TEST_F(LifecycleStates, EveryPair_IsAllowedOrRefusedAsTheTableSays) {
  // Rows: from; columns: to; in the order of kAll.
  constexpr bool kMay[6][6] = {
      {true, true, false, false, false, true},
      {false, true, true, false, false, true},
      {false, false, true, true, true, true},
      {false, false, false, true, false, true},
      {false, false, false, false, true, true},
      {false, false, false, false, false, true},
  };
  for (std::size_t from = 0; from < 6; ++from)
    for (std::size_t to = 0; to < 6; ++to) {
      Enter(kAll[from]);
      const Status changed = ChangeLifecycle(kAll[to]);
      EXPECT_EQ(changed.ok(), kMay[from][to]) << from << " to " << to;
      EXPECT_EQ(*ReadLifecycle(), changed.ok() ? kAll[to] : kAll[from]);
    }
}

TEST_F(LifecycleStates, AValueThatIsNoState_IsDamage) {
  sim::Manufacture();
  ASSERT_TRUE(AdvanceCounter(Counter::kLifecycle, 7).ok());
  EXPECT_EQ(ReadLifecycle().error(), Error::kBootOtpDamaged);
  EXPECT_FALSE(ChangeLifecycle(Lifecycle::kDecommissioned).ok());
}

TEST_F(LifecycleStates, ACutOfPower_LeavesTheOldOrTheNewState) {
  for (std::size_t torn = 0; torn <= 8; ++torn) {
    Enter(Lifecycle::kSecured);
    sim::PowerOn();
    sim::CutPowerAt(0, torn);
    (void)ChangeLifecycle(Lifecycle::kDecommissioned);
    sim::PowerOn();
    const Lifecycle now = *ReadLifecycle();
    EXPECT_TRUE(now == Lifecycle::kSecured || now == Lifecycle::kDecommissioned)
        << torn;
    EXPECT_TRUE(ChangeLifecycle(Lifecycle::kDecommissioned).ok());
  }
}

}  // namespace
}  // namespace cai::nv
