// Power is cut at every flash operation of an image's life, torn at every byte.
// After each cut the device starts a valid pair, and what was committed stands.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <set>

#include "device/boot/install.h"
#include "device/boot/signers.h"
#include "device/boot/testing.h"
#include "device/nv/counters.h"
#include "device/platform/sim/sim.h"
#include "lib/image/trailer.h"

namespace cai::boot {
namespace {

using testing::Device;
using testing::Mark;

constexpr int kOld = 0x42, kNew = 0x52;

class PowerCuts : public ::testing::Test {
 protected:
  PowerCuts() {
    auto secure = Device::SecureFields({2, 0, 0, 0});
    auto nonsecure = Device::NonSecureFields({2, 0, 0, 0});
    secure.security_counter = nonsecure.security_counter = 7;
    // The new pair belongs together: crosswise it does not run.
    const image::Dependency on_secure{image::kSecureImage, {2, 0, 0, 0}};
    const image::Dependency on_nonsecure{image::kNonSecureImage, {2, 0, 0, 0}};
    secure.dependencies = {&on_nonsecure, 1};
    nonsecure.dependencies = {&on_secure, 1};
    secure_ = Device::Signed(secure, device_.secure_key, kNew);
    nonsecure_ = Device::Signed(nonsecure, device_.nonsecure_key, kNew);
  }

  void Manufacture() {
    sim::Manufacture();
    ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 3).ok());
    device_.InstallBoth();
  }
  void InstallNew(Mark mark) {
    Device::Install(nv::kSecureSlotB, secure_, mark);
    Device::Install(nv::kNonSecureSlotB, nonsecure_, mark);
  }

  // `prepare` a device, cut `act` at its n-th operation for every n and every
  // number of bytes that still arrive, then `check` what is left. Prints and
  // returns the number of cuts.
  std::size_t Cut(const char* what, const std::function<void()>& prepare,
                  const std::function<void()>& act,
                  const std::function<void()>& check) {
    std::size_t cuts = 0;
    for (const std::size_t torn : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 4095})
      for (std::size_t operation = 0; !HasFailure(); ++operation) {
        Manufacture();
        prepare();
        sim::PowerOn();
        sim::CutPowerAt(operation, torn);
        act();
        if (sim::powered()) break;
        ++cuts;
        sim::PowerOn();
        SCOPED_TRACE(::testing::Message() << operation << " torn " << torn);
        check();
      }
    std::printf("power cuts: %zu (%s)\n", cuts, what);
    return cuts;
  }

  // One valid pair, old or new, never a mixture.
  int Runs() {
    const auto booted = device_.Boot();
    EXPECT_TRUE(booted.ok()) << ErrorName(booted.error());
    EXPECT_EQ(device_.running_secure(), device_.running_nonsecure());
    return device_.running_secure();
  }

  Device device_;
  std::vector<std::byte> secure_, nonsecure_;
};

TEST_F(PowerCuts, OfInstalling_LeaveTheOldPairOrTheNewOnTrial) {
  EXPECT_GT(Cut(
                "install", [&] {},
                [&] {
                  (void)WriteSlot(nv::kSecureSlotB, secure_, false);
                  (void)WriteSlot(nv::kNonSecureSlotB, nonsecure_, false);
                },
                [&] {
                  const int first = Runs();
                  EXPECT_TRUE(first == kOld || first == kNew);
                  EXPECT_EQ(Runs(), kOld);  // nobody confirmed it
                }),
            100u);
}

// A slot that held another image: its remains are never taken for the new one.
TEST_F(PowerCuts, OfInstallingOverAnImage_NeverStartRemains) {
  Cut(
      "install over an image", [&] { InstallNew(Mark::kTest); },
      [&] { (void)WriteSlot(nv::kSecureSlotB, secure_, false); },
      [&] {
        Runs();
        EXPECT_EQ(Runs(), kOld);
      });
}

TEST_F(PowerCuts, OfATrial_EndInATrialOrTheOldPair) {
  EXPECT_GT(Cut(
                "first boot of an update", [&] { InstallNew(Mark::kTest); },
                [&] { (void)device_.Boot(); },
                [&] {
                  Runs();
                  EXPECT_EQ(Runs(), kOld);
                }),
            20u);
}

TEST_F(PowerCuts, OfConfirming_KeepAPairThatFits) {
  bool confirmed = false;
  EXPECT_GT(Cut(
                "confirm",
                [&] {
                  InstallNew(Mark::kTest);
                  ASSERT_EQ(Runs(), kNew);
                },
                [&] {
                  confirmed = Device::Confirm(nv::kSecureSlotB).ok() &&
                              Device::Confirm(nv::kNonSecureSlotB).ok();
                },
                [&] {
                  const int after = Runs();
                  EXPECT_TRUE(!confirmed || after == kNew);
                  EXPECT_EQ(Runs(), after);
                }),
            20u);
}

TEST_F(PowerCuts, OfReverting_EndWithTheOldPair) {
  EXPECT_GT(Cut(
                "revert", [&] { InstallNew(Mark::kTried); },
                [&] { (void)device_.Boot(); },
                [&] {
                  EXPECT_EQ(Runs(), kOld);
                  EXPECT_EQ(Inspect(nv::kSecureSlotB).error(),
                            Error::kBootSlotEmpty);
                }),
            20u);
}

TEST_F(PowerCuts, OfRaisingTheFloors_LeaveThemWhereTheyWereOrAbove) {
  EXPECT_GT(Cut(
                "security counters", [&] { InstallNew(Mark::kConfirmed); },
                [&] { (void)device_.Boot(); },
                [&] {
                  EXPECT_EQ(Runs(), kNew);
                  EXPECT_EQ(*nv::ReadCounter(nv::Counter::kSecureImage), 7u);
                  EXPECT_EQ(*nv::ReadCounter(nv::Counter::kNonSecureImage), 7u);
                }),
            20u);
}

TEST_F(PowerCuts, OfRevocation_RevokeOrDoNot) {
  ByteArray<32> huk{};
  otp::Page page{huk, {}, {}, {}, {}, {}, {}};
  ASSERT_TRUE(page.secure_image_keys.Add(device_.secure_key.hash()).ok());
  ASSERT_TRUE(page.secure_image_keys.Add(device_.second_key.hash()).ok());
  bool revoked = false;
  EXPECT_GT(
      Cut(
          "key revocation",
          [&] {
            Device::Install(nv::kSecureSlotB,
                            Device::Signed(Device::SecureFields({0, 9, 0, 0}),
                                           device_.second_key, 0x77));
          },
          [&] {
            revoked = RevokeKey(kSecure, page, device_.secure_key.hash()).ok();
          },
          [&] {
            ASSERT_TRUE(device_.Boot().ok());
            EXPECT_TRUE(!revoked || device_.running_secure() == 0x77);
            ASSERT_TRUE(
                RevokeKey(kSecure, page, device_.secure_key.hash()).ok());
            ASSERT_TRUE(device_.Boot().ok());
            EXPECT_EQ(device_.running_secure(), 0x77);
          }),
      5u);
}

TEST_F(PowerCuts, OfALifecycleChange_EndInOneOfTheTwo) {
  using nv::Lifecycle;
  EXPECT_GT(
      Cut(
          "lifecycle", [&] {},
          [&] { (void)nv::ChangeLifecycle(Lifecycle::kNonPsaRotDebug); },
          [&] {
            EXPECT_EQ(Runs(), kOld);
            const int now = device_.handoff().lifecycle;
            EXPECT_TRUE(now == 0x3000 || now == 0x4000);
            EXPECT_TRUE(nv::ChangeLifecycle(Lifecycle::kNonPsaRotDebug).ok());
          }),
      5u);
}

// No two hand-offs ever carry one number.
TEST_F(PowerCuts, OfABoot_NeverGiveANumberTwice) {
  std::uint32_t before = 0;
  EXPECT_GT(
      Cut(
          "boot counter", [&] {},
          [&] {
            (void)device_.Boot();
            before = device_.handoff().boot_count;
          },
          [&] {
            std::set<std::uint32_t> seen = {before};
            for (int again = 0; again < 2; ++again) {
              Runs();
              EXPECT_TRUE(seen.insert(device_.handoff().boot_count).second);
            }
          }),
      5u);
}

}  // namespace
}  // namespace cai::boot
