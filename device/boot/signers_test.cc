#include "device/boot/signers.h"

#include <gtest/gtest.h>

#include "device/boot/testing.h"
#include "device/nv/counters.h"
#include "device/platform/sim/sim.h"

namespace cai::boot {
namespace {

using nv::Lifecycle;
using testing::Device;
using testing::Key;

class SignerTest : public ::testing::Test {
 protected:
  SignerTest() {
    EXPECT_TRUE(page_.secure_image_keys.Add(first_).ok());
    EXPECT_TRUE(page_.secure_image_keys.Add(second_).ok());
    EXPECT_TRUE(page_.nonsecure_image_keys.Add(nonsecure_).ok());
    EXPECT_TRUE(page_.debug_keys.Add(debug_).ok());
  }
  // Error{} if the key counts.
  Error Find(std::uint32_t image, const ByteArray<32>& hash,
             Lifecycle lifecycle = Lifecycle::kSecured) const {
    const auto signers = SignersOf(image, page_, lifecycle);
    EXPECT_TRUE(signers.ok());
    const auto found = FindSigner(*signers, hash);
    return found.ok() ? Error{} : found.error();
  }

  Device device_;  // a new chip
  ByteArray<32> huk_{};
  const ByteArray<32> first_ = Key(1).hash(), second_ = Key(3).hash(),
                      nonsecure_ = Key(2).hash(), debug_ = Key(4).hash();
  otp::Page page_{huk_, {}, {}, {}, {}, {}, {}};
};

TEST_F(SignerTest, EachImage_HasItsOwnKeys) {
  EXPECT_EQ(Find(kSecure, first_), Error{});
  EXPECT_EQ(Find(kSecure, second_), Error{});
  EXPECT_EQ(Find(kSecure, nonsecure_), Error::kImageKeyUnknown);
  EXPECT_EQ(Find(kNonSecure, nonsecure_), Error{});
  EXPECT_EQ(Find(kNonSecure, first_), Error::kImageKeyUnknown);
}

TEST_F(SignerTest, ARevokedKey_NeverCountsAgain) {
  ASSERT_TRUE(RevokeKey(kSecure, page_, first_).ok());
  EXPECT_EQ(Find(kSecure, first_), Error::kImageKeyRevoked);
  EXPECT_EQ(Find(kSecure, second_), Error{});
  EXPECT_EQ(Find(kNonSecure, nonsecure_), Error{});
  EXPECT_TRUE(RevokeKey(kSecure, page_, first_).ok());  // again: done
}

TEST_F(SignerTest, TheLastKey_StaysWhicheverWasFirst) {
  EXPECT_EQ(RevokeKey(kNonSecure, page_, nonsecure_).error(),
            Error::kBootLastKey);
  ASSERT_TRUE(RevokeKey(kSecure, page_, second_).ok());
  EXPECT_EQ(RevokeKey(kSecure, page_, first_).error(), Error::kBootLastKey);
  EXPECT_EQ(Find(kSecure, first_), Error{});
  EXPECT_EQ(RevokeKey(kSecure, page_, debug_).error(), Error::kImageKeyUnknown);
}

TEST_F(SignerTest, DebugKeys_CountByLifecycle) {
  struct Row {
    Lifecycle lifecycle;
    bool secure, nonsecure;
  };
  constexpr Row kRows[] = {
      {Lifecycle::kAssemblyAndTest, true, true},
      {Lifecycle::kPsaRotProvisioning, true, true},
      {Lifecycle::kSecured, false, false},
      {Lifecycle::kNonPsaRotDebug, false, true},
      {Lifecycle::kRecoverablePsaRotDebug, true, true},
      {Lifecycle::kDecommissioned, false, false},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(Find(kSecure, debug_, row.lifecycle),
              row.secure ? Error{} : Error::kImageDebugKey);
    EXPECT_EQ(Find(kNonSecure, debug_, row.lifecycle),
              row.nonsecure ? Error{} : Error::kImageDebugKey);
    EXPECT_EQ(Find(kSecure, first_, row.lifecycle), Error{});
  }
}

// ---- the same through boot
// ---------------------------------------------------

TEST_F(SignerTest, Boot_RefusesARevokedKeysImageAndTakesTheOther) {
  ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 3).ok());
  device_.InstallBoth();
  Device::Install(nv::kSecureSlotB,
                  Device::Signed(Device::SecureFields({0, 9, 0, 0}),
                                 device_.second_key, 0x77));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.running_secure(), 0x42);
  ASSERT_TRUE(RevokeKey(kSecure, page_, first_).ok());
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.running_secure(), 0x77);
  EXPECT_EQ(device_.RefusalOf(kSecure, 0), Error::kImageKeyRevoked);
}

TEST_F(SignerTest, Boot_OfASecuredDevice_RefusesDebugSignedImages) {
  ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 3).ok());
  device_.InstallBoth();
  Device::Install(nv::kSecureSlotB,
                  Device::Signed(Device::SecureFields({9, 0, 0, 0}),
                                 device_.debug_key, 0x77));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.running_secure(), 0x42);
  EXPECT_EQ(device_.RefusalOf(kSecure, 1), Error::kImageDebugKey);

  ASSERT_TRUE(nv::ChangeLifecycle(Lifecycle::kRecoverablePsaRotDebug).ok());
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.running_secure(), 0x77);
  EXPECT_EQ(device_.handoff().lifecycle, 0x5000);
}

TEST_F(SignerTest, Boot_OfADecommissionedDevice_Halts) {
  device_.InstallBoth();
  ASSERT_TRUE(nv::ChangeLifecycle(Lifecycle::kDecommissioned).ok());
  EXPECT_EQ(device_.Boot().error(), Error::kBootDecommissioned);
}

}  // namespace
}  // namespace cai::boot
