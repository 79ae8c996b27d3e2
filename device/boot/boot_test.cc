#include "device/boot/boot.h"

#include <gtest/gtest.h>

#include "device/boot/hardened.h"
#include "device/boot/memory.h"
#include "device/boot/testing.h"
#include "device/nv/counters.h"
#include "device/platform/sim/sim.h"
#include "lib/crypto/hash.h"
#include "lib/image/boot_record.h"
#include "lib/keys/keys.h"

namespace cai::boot {
namespace {

using testing::Device;
using testing::Key;
using testing::Notes;

class Boots : public ::testing::Test {
 protected:
  Boots() {
    EXPECT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 3).ok());
    device_.InstallBoth();
  }

  std::vector<std::byte> Secure(image::Version version, int fill = 0x42) {
    return Device::Signed(Device::SecureFields(version), device_.secure_key,
                          fill);
  }
  std::vector<std::byte> NonSecure(const image::Fields& fields) {
    return Device::Signed(fields, device_.nonsecure_key);
  }

  // Slot A holds `image` alone; boot must refuse it for `why`.
  void ExpectRefused(Bytes image, Error why) {
    Notes().clear();
    Device::Install(nv::kSecureSlotA, image);
    const auto booted = device_.Boot();
    ASSERT_FALSE(booted.ok());
    EXPECT_EQ(booted.error(), Error::kBootNoImage);
    EXPECT_EQ(device_.RefusalOf(kSecure, 0), why)
        << ErrorName(device_.RefusalOf(kSecure, 0));
    EXPECT_TRUE(IsZero(device_.secure_ram()));
  }

  static bool IsZero(Bytes bytes) {
    return std::ranges::all_of(bytes,
                               [](std::byte b) { return b == std::byte{0}; });
  }
  static Bytes HandoffBytes(const Handoff& handoff) {
    return {reinterpret_cast<const std::byte*>(&handoff), sizeof handoff};
  }
  static std::string Text(const char* text, std::size_t size) {
    return {text, strnlen(text, size)};
  }

  Device device_;
};

TEST_F(Boots, AValidPair_IsLoadedMeasuredAndLaunched) {
  const auto image = Secure({1, 0, 0, 0});
  const auto vectors = device_.Boot();

  ASSERT_TRUE(vectors.ok()) << ErrorName(vectors.error());
  EXPECT_EQ(*vectors, Device::kSecureLink + 0x400);
  EXPECT_TRUE(Equal(device_.secure_ram().subspan(0x400, 80),
                    Bytes(image).subspan(0x400, 80)));

  const Handoff& handoff = device_.handoff();
  EXPECT_EQ(handoff.magic, Handoff::kMagic);
  EXPECT_EQ(handoff.version, 1);
  EXPECT_EQ(handoff.lifecycle, 0x3000);
  EXPECT_EQ(handoff.boot_count, 1u);
  EXPECT_EQ(handoff.key_generation, 0u);
  EXPECT_EQ(handoff.ns_vectors, Device::kNonSecureLink + 0x400);
  ASSERT_EQ(handoff.component_count, 3u);
  EXPECT_EQ(Text(handoff.components[0].type, 8), "BL");
  EXPECT_EQ(Text(handoff.components[1].type, 8), "SPE");
  EXPECT_EQ(Text(handoff.components[1].version, 24), "1.0.0+0");
  EXPECT_EQ(Text(handoff.components[2].type, 8), "NSPE");
  const auto parsed = image::ParseWhole(image);
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(Equal(AsBytes(handoff.components[1].measurement, 32),
                    crypto::Sha256::Of(parsed->signed_part)));
  EXPECT_TRUE(Equal(AsBytes(handoff.components[1].signer, 32),
                    device_.secure_key.hash()));
  EXPECT_TRUE(Equal(
      AsBytes(handoff.digest, 32),
      crypto::Sha256::Of(HandoffBytes(handoff).first(sizeof handoff - 32))));
}

TEST_F(Boots, Identity_ComesFromTheHukByTheKeySchedule) {
  ASSERT_TRUE(device_.Boot().ok());

  ByteArray<32> root;
  keys::SpeRoot(device_.huk, 3, 0, root);
  EXPECT_TRUE(Equal(AsBytes(device_.handoff().spe_root, 32), root));
  EXPECT_TRUE(
      Equal(AsBytes(device_.handoff().uuid, 16), keys::Uuid(device_.huk)));
  EXPECT_TRUE(
      Equal(AsBytes(device_.handoff().ueid, 33), keys::Ueid(device_.huk)));
}

TEST_F(Boots, Identity_IsTheSameAfterAnUpdateAndAnotherInAnotherLife) {
  ASSERT_TRUE(device_.Boot().ok());
  const Handoff before = device_.handoff();

  Device::Install(nv::kSecureSlotB, Secure({2, 0, 0, 0}, 0x55));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_TRUE(Equal(AsBytes(before.spe_root, 32),
                    AsBytes(device_.handoff().spe_root, 32)));

  ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 5).ok());
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.handoff().lifecycle, 0x5000);
  EXPECT_FALSE(Equal(AsBytes(before.spe_root, 32),
                     AsBytes(device_.handoff().spe_root, 32)));
  EXPECT_TRUE(
      Equal(AsBytes(before.uuid, 16), AsBytes(device_.handoff().uuid, 16)));
}

TEST_F(Boots, AnotherHuk_IsAnotherDevice) {
  ASSERT_TRUE(device_.Boot().ok());
  const Handoff before = device_.handoff();

  device_.huk[31] ^= std::byte{1};
  ASSERT_TRUE(device_.Boot().ok());

  EXPECT_FALSE(
      Equal(AsBytes(before.uuid, 16), AsBytes(device_.handoff().uuid, 16)));
  EXPECT_FALSE(Equal(AsBytes(before.spe_root, 32),
                     AsBytes(device_.handoff().spe_root, 32)));
}

TEST_F(Boots, Secrets_AreGoneFromMemoryAfterwards) {
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_TRUE(IsZero(device_.otp_page()));
  EXPECT_TRUE(IsZero(device_.seed()));
  EXPECT_FALSE(IsZero(AsBytes(device_.handoff().seed, 64)));
}

TEST_F(Boots, ARefusal_LeavesNoSecretAndNoHandoff) {
  Device::Install(nv::kSecureSlotA, {});
  ASSERT_FALSE(device_.Boot().ok());
  EXPECT_TRUE(IsZero(device_.otp_page()));
  EXPECT_TRUE(IsZero(device_.seed()));
  EXPECT_TRUE(IsZero(HandoffBytes(device_.handoff())));
  EXPECT_EQ(Notes().back().step, Step::kHalted);
}

TEST_F(Boots, TheHigherVersion_WinsFromEitherSlot) {
  Device::Install(nv::kSecureSlotB, Secure({1, 0, 1, 0}, 0x55));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.secure_ram()[0x400], std::byte{0x55});

  Device::Install(nv::kSecureSlotA, Secure({1, 1, 0, 0}, 0x66));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.secure_ram()[0x400], std::byte{0x66});
}

TEST_F(Boots, ATamperedNewerImage_YieldsToTheOlderOne) {
  auto newer = Secure({2, 0, 0, 0}, 0x55);
  newer[0x410] ^= std::byte{1};
  Device::Install(nv::kSecureSlotB, newer);

  ASSERT_TRUE(device_.Boot().ok());

  EXPECT_EQ(device_.secure_ram()[0x400], std::byte{0x42});
  EXPECT_EQ(device_.RefusalOf(kSecure, 1), Error::kImageHash);
}

TEST_F(Boots, AnyFlippedBit_IsRefused) {
  const auto image = Secure({1, 0, 0, 0});
  for (std::size_t i = 0; i < image.size(); ++i) {
    auto tampered = image;
    tampered[i] ^= std::byte(1 << i % 8);
    Device::Install(nv::kSecureSlotA, tampered);
    ASSERT_FALSE(device_.Boot().ok()) << i;
  }
}

TEST_F(Boots, AnyCutImage_IsRefused) {
  const auto image = Secure({1, 0, 0, 0});
  for (std::size_t size = 0; size < image.size(); ++size) {
    Device::Install(nv::kSecureSlotA, Bytes(image).first(size));
    ASSERT_FALSE(device_.Boot().ok()) << size;
  }
}

TEST_F(Boots, AnotherKeysImage_IsRefused) {
  const Key stranger(9);
  ExpectRefused(Device::Signed(Device::SecureFields({1, 0, 0, 0}), stranger),
                Error::kImageKeyUnknown);
}

TEST_F(Boots, TheOtherWorldsKey_IsRefused) {
  ExpectRefused(
      Device::Signed(Device::SecureFields({1, 0, 0, 0}), device_.nonsecure_key),
      Error::kImageKeyUnknown);
}

// The stranger's signature under our public key.
TEST_F(Boots, ABorrowedPublicKey_IsRefused) {
  const Key stranger(9);
  auto image = Device::Signed(Device::SecureFields({1, 0, 0, 0}), stranger);
  const auto parsed = image::ParseWhole(image);
  ASSERT_TRUE(parsed.ok());
  const auto info =
      image::EncodePublicKey(*crypto::PublicKey(device_.secure_key.get()));
  const auto at = parsed->public_key.data() - image.data();
  CopyInto(MutableBytes(image).subspan(static_cast<std::size_t>(at)), info);
  ExpectRefused(image, Error::kImageSignature);
}

TEST_F(Boots, AnotherLoadAddress_IsRefused) {
  auto fields = Device::SecureFields({1, 0, 0, 0});
  fields.load_address = Device::kNonSecureLink;
  ExpectRefused(Device::Signed(fields, device_.secure_key),
                Error::kImageLoadAddress);
}

TEST_F(Boots, AnImageNotMarkedForRam_IsRefused) {
  auto fields = Device::SecureFields({1, 0, 0, 0});
  fields.flags = 0;
  ExpectRefused(Device::Signed(fields, device_.secure_key), Error::kImageFlags);
  fields.flags = image::kFlagRamLoad | image::kFlagNonBootable;
  ExpectRefused(Device::Signed(fields, device_.secure_key), Error::kImageFlags);
}

TEST_F(Boots, AnImageLargerThanItsMemory_IsRefused) {
  const std::vector<std::byte> payload(8192, std::byte{1});
  const auto fields = Device::SecureFields({1, 0, 0, 0});
  std::vector<std::byte> out(image::MaxSize(fields, payload.size()));
  const auto image =
      image::Sign(fields, payload, device_.secure_key.get(), out);
  ASSERT_TRUE(image.ok());
  ExpectRefused(*image, Error::kImageNoRoom);
}

TEST_F(Boots, ARolledBackImage_IsRefusedOnceANewerOneRan) {
  auto fields = Device::SecureFields({2, 0, 0, 0});
  fields.security_counter = 5;
  const auto old = Secure({1, 0, 0, 0});
  Device::Install(nv::kSecureSlotA, Device::Signed(fields, device_.secure_key));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(*nv::ReadCounter(nv::Counter::kSecureImage), 5u);

  // Also under a higher version number: the counter decides.
  ExpectRefused(old, Error::kImageRollback);
  ExpectRefused(Secure({9, 0, 0, 0}), Error::kImageRollback);
}

TEST_F(Boots, ARefusedImage_RaisesNoFloor) {
  auto fields = Device::SecureFields({2, 0, 0, 0});
  fields.security_counter = 5;
  auto image = Device::Signed(fields, device_.secure_key);
  image[0x400] ^= std::byte{1};
  Device::Install(nv::kSecureSlotB, image);
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(*nv::ReadCounter(nv::Counter::kSecureImage), 1u);
}

TEST_F(Boots, ATamperedNonSecureImage_StopsBootAsWell) {
  auto image = NonSecure(Device::NonSecureFields({1, 0, 0, 0}));
  image[0x420] ^= std::byte{0x80};
  Device::Install(nv::kNonSecureSlotA, image);
  ASSERT_FALSE(device_.Boot().ok());
  EXPECT_EQ(device_.RefusalOf(kNonSecure, 0), Error::kImageHash);
  EXPECT_TRUE(IsZero(HandoffBytes(device_.handoff())));
}

TEST_F(Boots, ADependency_IsCheckedBothWays) {
  image::Dependency on{.image = kSecure, .minimum = {1, 0, 1, 0}};
  auto fields = Device::NonSecureFields({1, 0, 0, 0});
  fields.dependencies = {&on, 1};
  Device::Install(nv::kNonSecureSlotA, NonSecure(fields));
  EXPECT_EQ(device_.Boot().error(), Error::kBootNoPair);

  image::Dependency back{.image = kNonSecure, .minimum = {1, 0, 0, 0}};
  auto secure = Device::SecureFields({1, 0, 1, 0});
  secure.dependencies = {&back, 1};
  Device::Install(nv::kSecureSlotA, Device::Signed(secure, device_.secure_key));
  EXPECT_TRUE(device_.Boot().ok());

  back.minimum = {1, 0, 0, 1};
  Device::Install(nv::kSecureSlotA, Device::Signed(secure, device_.secure_key));
  EXPECT_EQ(device_.Boot().error(), Error::kBootNoPair);
}

TEST_F(Boots, ADependencyOnAnImageThatIsNotThere_NeverHolds) {
  const image::Dependency on{.image = 2, .minimum = {}};
  auto fields = Device::SecureFields({1, 0, 0, 0});
  fields.dependencies = {&on, 1};
  Device::Install(nv::kSecureSlotA, Device::Signed(fields, device_.secure_key));
  EXPECT_EQ(device_.Boot().error(), Error::kBootNoPair);
}

// The newest secure image wants a non-secure one that nobody installed.
TEST_F(Boots, AHighestPairThatDoesNotFit_YieldsToTheBestThatDoes) {
  const image::Dependency on{.image = kNonSecure, .minimum = {3, 0, 0, 0}};
  auto fields = Device::SecureFields({3, 0, 0, 0});
  fields.dependencies = {&on, 1};
  Device::Install(nv::kSecureSlotB,
                  Device::Signed(fields, device_.secure_key, 0x33));
  Device::Install(nv::kNonSecureSlotB,
                  Device::Signed(Device::NonSecureFields({2, 0, 0, 0}),
                                 device_.nonsecure_key, 0x22));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.running_secure(), 0x42);
  EXPECT_EQ(device_.running_nonsecure(), 0x22);
  EXPECT_EQ(device_.handoff().slots[kSecure], 0);
  EXPECT_EQ(device_.handoff().slots[kNonSecure], 1);
}

// It fits, and turns out to be tampered with: the same as if it were not there.
TEST_F(Boots, AnInvalidPartner_LeavesTheBestValidPair) {
  const image::Dependency on{.image = kNonSecure, .minimum = {2, 0, 0, 0}};
  auto fields = Device::SecureFields({3, 0, 0, 0});
  fields.dependencies = {&on, 1};
  Device::Install(nv::kSecureSlotB,
                  Device::Signed(fields, device_.secure_key, 0x33));
  auto partner = Device::Signed(Device::NonSecureFields({2, 0, 0, 0}),
                                device_.nonsecure_key, 0x22);
  partner[0x410] ^= std::byte{1};
  Device::Install(nv::kNonSecureSlotB, partner);
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.running_secure(), 0x42);
  EXPECT_EQ(device_.running_nonsecure(), 0x42);
}

TEST_F(Boots, ABootRecord_NamesTheComponent) {
  const auto signer = device_.secure_key.hash();
  ByteArray<image::BootRecord::kMaxEncoded> buffer;
  auto fields = Device::SecureFields({1, 0, 0, 0});
  fields.boot_record =
      *image::EncodeBootRecord({"SPE-X", "1.0.0", signer}, buffer);
  Device::Install(nv::kSecureSlotA, Device::Signed(fields, device_.secure_key));
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(Text(device_.handoff().components[1].type, 8), "SPE-X");
  EXPECT_EQ(Text(device_.handoff().components[2].type, 8), "NSPE");
}

TEST_F(Boots, ABootRecordThatLies_IsRefused) {
  const auto stranger = device_.nonsecure_key.hash();
  const auto signer = device_.secure_key.hash();
  ByteArray<image::BootRecord::kMaxEncoded> buffer;
  auto fields = Device::SecureFields({1, 0, 0, 0});
  const auto refused = [&](Bytes record) {
    fields.boot_record = record;
    ExpectRefused(Device::Signed(fields, device_.secure_key),
                  Error::kImageBootRecord);
  };
  refused(*image::EncodeBootRecord({"SPE", "1.0.0", stranger}, buffer));
  refused(*image::EncodeBootRecord({"NINE-LONG", "1.0.0", signer}, buffer));
  refused(AsBytes("no record"));
}

TEST_F(Boots, ADamagedOtpPage_StopsBoot) {
  device_.damage_otp = true;
  const auto booted = device_.Boot();
  ASSERT_FALSE(booted.ok());
  EXPECT_EQ(booted.error(), Error::kBootOtpDamaged);
  EXPECT_TRUE(IsZero(device_.otp_page()));
}

TEST_F(Boots, ALeftoverOfALongerImage_DoesNotStayInRam) {
  const std::vector<std::byte> payload(4000, std::byte{0x77});
  const auto fields = Device::SecureFields({0, 9, 0, 0});
  std::vector<std::byte> out(image::MaxSize(fields, payload.size()));
  const auto longer =
      image::Sign(fields, payload, device_.secure_key.get(), out);
  Device::Install(nv::kSecureSlotA, *longer);
  ASSERT_TRUE(device_.Boot().ok());

  device_.InstallBoth();
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_TRUE(IsZero(device_.secure_ram().subspan(2048)));
}

TEST_F(Boots, EachBoot_HasItsOwnNumber) {
  for (std::uint32_t b = 1; b < 20; ++b) {
    ASSERT_TRUE(device_.Boot().ok());
    EXPECT_EQ(device_.handoff().boot_count, b);
  }
}

TEST_F(Boots, AnExhaustedCounter_BootsWithNumberZero) {
  ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kBoot,
                                 *nv::RecordsLeft(nv::Counter::kBoot))
                  .ok());
  ASSERT_TRUE(device_.Boot().ok());
  EXPECT_EQ(device_.handoff().boot_count, 0u);
}

TEST(HardenedBool, IsTrueOnlyWithEveryShareOnce) {
  constexpr std::uint32_t kShare = 0x12345678;
  HardenedBool decision;
  EXPECT_FALSE(decision.IsTrue());
  decision.Give(kShare);
  EXPECT_FALSE(decision.IsTrue());
  decision.Give(HardenedBool::kTrue ^ kShare);
  EXPECT_TRUE(decision.IsTrue());
  decision.Give(kShare);
  EXPECT_FALSE(decision.IsTrue());
}

TEST(HardenedBool, WhatSpeaksAgainstIt_IsNeverTakenBack) {
  constexpr std::uint32_t kShare = 0x12345678;
  HardenedBool decision;
  decision.Give(kShare, 4);
  decision.Give(HardenedBool::kTrue ^ kShare, 4);
  EXPECT_FALSE(decision.IsTrue());
}

TEST(Difference, IsZeroForEqualBytesAlone) {
  ByteArray<40> a{}, b{};
  EXPECT_EQ(Difference(a, b), 0u);
  EXPECT_NE(Difference(a, Bytes(b).first(39)), 0u);
  for (std::size_t bit = 0; bit < 320; ++bit) {
    b = a;
    b[bit / 8] ^= std::byte(1 << bit % 8);
    EXPECT_NE(Difference(a, b), 0u);
    EXPECT_NE(DifferenceOfWords(a, b), 0u);
  }
}

// Every size and alignment around the blocks that are moved at once.
TEST(Memory, CopyAndClear_TouchExactlyTheirBytes) {
  for (std::size_t at = 0; at < 5; ++at)
    for (std::size_t size = 0; size < 100; ++size) {
      ByteArray<128> from, to;
      for (std::size_t i = 0; i < from.size(); ++i) from[i] = std::byte(i);
      to.fill(std::byte{0xee});
      CopyWords(MutableBytes(to).subspan(at, size), Bytes(from).first(size));
      EXPECT_TRUE(Equal(Bytes(to).subspan(at, size), Bytes(from).first(size)));
      EXPECT_EQ(to[at + size], std::byte{0xee});
      Clear(MutableBytes(to).subspan(at, size));
      const auto nonzero = std::ranges::count_if(
          to, [](std::byte b) { return b != std::byte{0}; });
      EXPECT_EQ(static_cast<std::size_t>(nonzero), to.size() - size);
    }
}

}  // namespace
}  // namespace cai::boot
