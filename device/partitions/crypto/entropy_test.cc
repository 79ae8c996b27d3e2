#include "device/partitions/crypto/entropy.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"
#include "lib/crypto/hash.h"
#include "lib/keys/keys.h"

namespace cai::crypto_partition {
namespace {

class Entropy : public testing::Test {
 protected:
  void SetUp() override {
    fake_spm::Reset();
    fake_spm::GrantFlash({nv::kCarry});
    sim::Manufacture();
    for (std::size_t i = 0; i < seed_.size(); ++i)
      seed_[i] = std::byte(i * 37 + 1);
    key_.fill(std::byte{0x11});
  }

  std::vector<std::byte> Start(std::uint32_t boot) {
    const auto entropy = StartEntropy(key_, seed_, boot);
    if (!entropy.ok()) return {};
    last_fault_ = entropy->fault;
    last_repeated_ = entropy->seed_repeated;
    return {entropy->prk.bytes().begin(), entropy->prk.bytes().end()};
  }
  static std::vector<std::byte> Flash() {
    const auto at = sim::NvForAttack().begin() + nv::kCarry.offset;
    return {at, at + 2 * nv::kSectorSize};
  }
  static void Restore(const std::vector<std::byte>& flash) {
    std::ranges::copy(flash, sim::NvForAttack().begin() + nv::kCarry.offset);
  }

  ByteArray<32> key_;
  ByteArray<64> seed_;
  SeedFault last_fault_ = SeedFault::kNone;
  bool last_repeated_ = false;
};

TEST_F(Entropy, FirstStart_IsAsSpecified) {
  const ByteArray<32> no_carry{};
  crypto::Digest expected;
  crypto::Hmac(key_, {seed_, no_carry, BigEndian(std::uint32_t{7})}, expected);
  EXPECT_TRUE(Equal(Start(7), expected));
}

TEST_F(Entropy, NextStart_MixesTheCarriedValue) {
  const auto first = Start(7);
  ByteArray<32> carry;
  keys::Expand(first, "carry", 7, carry);
  crypto::Digest expected;
  crypto::Hmac(key_, {seed_, carry, BigEndian(std::uint32_t{8})}, expected);
  EXPECT_TRUE(Equal(Start(8), expected));
}

// Attack test 1: the same seed, flash kept; and 3: the generator stuck.
TEST_F(Entropy, SameSeed_NeverGivesTheSameKeyTwice) {
  seed_.fill(std::byte{0});
  std::set<std::vector<std::byte>> seen;
  for (std::uint32_t boot = 1; boot <= 50; ++boot) seen.insert(Start(boot));
  EXPECT_EQ(seen.size(), 50u);
}

// Attack test 2: the same seed, flash restored; the counter still moved.
TEST_F(Entropy, SameSeedAndRestoredFlash_DifferByTheBootCounter) {
  Start(1);
  const auto flash = Flash();
  const auto second = Start(2);
  Restore(flash);
  EXPECT_NE(Start(3), second);
  // The limit that SECURITY.md states: counter restored, too.
  Restore(flash);
  EXPECT_EQ(Start(2), second);
}

TEST_F(Entropy, OldCarry_IsGoneFromFlash) {
  Start(1);
  const auto before = Flash();
  ByteArray<32> carry;
  std::copy_n(before.begin() + 8, 32, carry.begin());
  Start(2);
  const auto after = Flash();
  EXPECT_EQ(std::ranges::search(after, carry).size(), 0u);
}

TEST_F(Entropy, ForgedCarry_CountsAsNone) {
  Start(1);
  for (auto& byte : sim::NvForAttack().subspan(nv::kCarry.offset + 8, 32))
    byte ^= std::byte{1};
  const ByteArray<32> no_carry{};
  crypto::Digest expected;
  crypto::Hmac(key_, {seed_, no_carry, BigEndian(std::uint32_t{2})}, expected);
  EXPECT_TRUE(Equal(Start(2), expected));
}

TEST_F(Entropy, AHealthySeed_IsNotReported) {
  Start(1);
  EXPECT_EQ(last_fault_, SeedFault::kNone);
  EXPECT_FALSE(last_repeated_);
}

TEST_F(Entropy, ADeadSource_IsNoticed_AndStillGivesAKey) {
  seed_.fill(std::byte{0});
  EXPECT_EQ(Start(1).size(), 32u);
  EXPECT_EQ(last_fault_, SeedFault::kRepetition);
}

TEST_F(Entropy, TheSeedOfTheStartBefore_IsNoticed) {
  Start(1);
  Start(2);
  EXPECT_TRUE(last_repeated_);
  seed_[63] ^= std::byte{1};
  Start(3);
  EXPECT_FALSE(last_repeated_);
}

TEST(SeedHealth, RunsShorterThanTheCutoff_AreChance) {
  ByteArray<64> seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = std::byte(i);
  std::fill_n(seed.begin() + 20, kRepetitionCutoff - 1, std::byte{9});
  EXPECT_EQ(CheckSeed(seed), SeedFault::kNone);
  seed[20 + kRepetitionCutoff - 1] = std::byte{9};
  EXPECT_EQ(CheckSeed(seed), SeedFault::kRepetition);
}

TEST(SeedHealth, AFewValues_ThatTakeTurns_AreNoEntropy) {
  for (std::size_t values = 2; values <= 6; ++values) {
    ByteArray<64> seed;
    for (std::size_t i = 0; i < seed.size(); ++i)
      seed[i] = std::byte(i % values * 41);
    EXPECT_EQ(CheckSeed(seed), SeedFault::kProportion) << values;
  }
}

TEST(SeedHealth, TheCutoffOfProportion_IsExact) {
  ByteArray<64> seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = std::byte(i + 1);
  for (std::size_t i = 0; i < kProportionCutoff - 1; ++i)
    seed[2 * i] = std::byte{0xEE};
  EXPECT_EQ(CheckSeed(seed), SeedFault::kNone);
  seed[2 * kProportionCutoff] = std::byte{0xEE};
  EXPECT_EQ(CheckSeed(seed), SeedFault::kProportion);
}

TEST_F(Entropy, FlashThatFails_GivesNothing) {
  sim::CutPowerAt(0, 0);
  EXPECT_TRUE(Start(1).empty());
}

}  // namespace
}  // namespace cai::crypto_partition
