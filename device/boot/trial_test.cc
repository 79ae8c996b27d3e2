// An update's life: installed, tried, confirmed, or erased.
#include <gtest/gtest.h>

#include "device/boot/slots.h"
#include "device/boot/testing.h"
#include "device/nv/counters.h"
#include "device/platform/sim/sim.h"
#include "lib/image/trailer.h"

namespace cai::boot {
namespace {

using testing::Device;
using testing::Mark;
using testing::Notes;

class Trials : public ::testing::Test {
 protected:
  Trials() {
    EXPECT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 3).ok());
    device_.InstallBoth();  // 1.0.0, security counter 1, confirmed
  }

  void InstallSecure(Mark mark) {
    auto fields = Device::SecureFields({2, 0, 0, 0});
    fields.security_counter = 7;
    Device::Install(nv::kSecureSlotB,
                    Device::Signed(fields, device_.secure_key, 0x52), mark);
  }
  void InstallNonSecure(Mark mark) {
    auto fields = Device::NonSecureFields({2, 0, 0, 0});
    fields.security_counter = 8;
    Device::Install(nv::kNonSecureSlotB,
                    Device::Signed(fields, device_.nonsecure_key, 0x53), mark);
  }
  void ExpectRuns(int secure, int nonsecure) {
    ASSERT_TRUE(device_.Boot().ok());
    EXPECT_EQ(device_.running_secure(), secure);
    EXPECT_EQ(device_.running_nonsecure(), nonsecure);
  }
  static std::uint32_t Floor(nv::Counter counter) {
    return *nv::ReadCounter(counter);
  }
  static bool IsBlank(const nv::Region& slot) {
    const auto bytes = sim::NvForAttack().subspan(slot.offset, slot.size);
    return std::ranges::all_of(
        bytes, [](std::byte b) { return b == std::byte{0xFF}; });
  }

  Device device_;
};

TEST_F(Trials, AnUpdate_RunsOnceAndIsErasedUnlessConfirmed) {
  InstallSecure(Mark::kTest);
  InstallNonSecure(Mark::kTest);
  ExpectRuns(0x52, 0x53);
  Notes().clear();
  ExpectRuns(0x42, 0x42);
  EXPECT_EQ(device_.RefusalOf(kSecure, 1), Error::kImageUnconfirmed);
  EXPECT_TRUE(IsBlank(nv::kSecureSlotB));
  EXPECT_TRUE(IsBlank(nv::kNonSecureSlotB));
  EXPECT_EQ(Floor(nv::Counter::kSecureImage), 1u);
}

TEST_F(Trials, AConfirmedUpdate_StaysAndRaisesTheFloors) {
  InstallSecure(Mark::kTest);
  InstallNonSecure(Mark::kTest);
  ExpectRuns(0x52, 0x53);
  EXPECT_EQ(Floor(nv::Counter::kSecureImage), 0u);
  ASSERT_TRUE(Device::Confirm(nv::kSecureSlotB).ok());
  ASSERT_TRUE(Device::Confirm(nv::kNonSecureSlotB).ok());
  ExpectRuns(0x52, 0x53);
  EXPECT_EQ(Floor(nv::Counter::kSecureImage), 7u);
  EXPECT_EQ(Floor(nv::Counter::kNonSecureImage), 8u);
}

TEST_F(Trials, AnImageInstalledAsConfirmed_NeedsNoTrial) {
  InstallSecure(Mark::kConfirmed);
  for (int boot = 0; boot < 3; ++boot) ExpectRuns(0x52, 0x42);
  EXPECT_EQ(Floor(nv::Counter::kSecureImage), 7u);
}

TEST_F(Trials, WhatWasNeverReleased_DoesNotRun) {
  InstallSecure(Mark::kNone);
  ExpectRuns(0x42, 0x42);
  EXPECT_EQ(device_.RefusalOf(kSecure, 1), Error::kImageTrailer);
  EXPECT_FALSE(IsBlank(nv::kSecureSlotB));
}

// Were one floor to rise while the other image is on trial, and the trial to
// fail, the confirmed one might have no partner left.
TEST_F(Trials, FloorsRise_OnlyWhenBothAreConfirmed) {
  const image::Dependency on{.image = kNonSecure, .minimum = {2, 0, 0, 0}};
  auto fields = Device::SecureFields({2, 0, 0, 0});
  fields.security_counter = 7;
  fields.dependencies = {&on, 1};
  Device::Install(nv::kSecureSlotB,
                  Device::Signed(fields, device_.secure_key, 0x52));
  InstallNonSecure(Mark::kTest);
  ExpectRuns(0x52, 0x53);
  EXPECT_EQ(Floor(nv::Counter::kSecureImage), 0u);
  ExpectRuns(0x42, 0x42);
}

TEST_F(Trials, AnUntriedImageOfAFailedPair_StaysWhereItIs) {
  InstallSecure(Mark::kTried);
  InstallNonSecure(Mark::kTest);
  ExpectRuns(0x42, 0x53);
  EXPECT_TRUE(IsBlank(nv::kSecureSlotB));
}

TEST_F(Trials, AStartThatCannotNoteTheTrial_DoesNotHappen) {
  InstallSecure(Mark::kTest);
  sim::PowerOn();
  sim::CutPowerAt(0, 0);
  EXPECT_FALSE(device_.Boot().ok());
  sim::PowerOn();
  ExpectRuns(0x52, 0x42);
}

TEST_F(Trials, TheTrailersSector_IsNoPartOfAnImage) {
  // An image that claims to reach into it.
  auto image =
      Device::Signed(Device::SecureFields({3, 0, 0, 0}), device_.secure_key);
  const std::uint32_t size = nv::kSecureSlotB.size - 0x400 - 64;
  for (std::size_t i = 0; i < 4; ++i) image[12 + i] = std::byte(size >> 8 * i);
  Device::Install(nv::kSecureSlotB, image);
  ExpectRuns(0x42, 0x42);
  EXPECT_EQ(device_.RefusalOf(kSecure, 1), Error::kImageTruncated);
}

// OTP has room for so many floors and no more. An image that would need another
// one is refused while there is still something else to start.
TEST_F(Trials, AFloorThatOtpHasNoRoomFor_IsRefusedAndNotFatal) {
  for (const auto counter :
       {nv::Counter::kSecureImage, nv::Counter::kNonSecureImage})
    for (std::uint32_t left = *nv::RecordsLeft(counter), to = 1; left > 0;
         --left)
      ASSERT_TRUE(nv::AdvanceCounter(counter, to++).ok());
  auto secure = Device::SecureFields({1, 0, 0, 0});
  auto nonsecure = Device::NonSecureFields({1, 0, 0, 0});
  secure.security_counter = Floor(nv::Counter::kSecureImage);
  nonsecure.security_counter = Floor(nv::Counter::kNonSecureImage);
  Device::Install(nv::kSecureSlotA, Device::Signed(secure, device_.secure_key));
  Device::Install(nv::kNonSecureSlotA,
                  Device::Signed(nonsecure, device_.nonsecure_key));
  ExpectRuns(0x42, 0x42);

  secure.version = nonsecure.version = {2, 0, 0, 0};
  ++secure.security_counter;
  ++nonsecure.security_counter;
  Device::Install(nv::kSecureSlotB,
                  Device::Signed(secure, device_.secure_key, 0x52));
  Device::Install(nv::kNonSecureSlotB,
                  Device::Signed(nonsecure, device_.nonsecure_key, 0x53));
  Notes().clear();
  ExpectRuns(0x42, 0x42);
  EXPECT_EQ(device_.RefusalOf(kSecure, 1), Error::kCounterExhausted);
  EXPECT_EQ(device_.RefusalOf(kNonSecure, 1), Error::kCounterExhausted);
}

}  // namespace
}  // namespace cai::boot
