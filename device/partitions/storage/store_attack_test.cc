// Whoever can write the flash: forged, moved, cut off, exchanged and restored
// records.
#include <cstring>
#include <random>

#include "device/nv/counters.h"
#include "device/partitions/storage/testing.h"
#include "lib/crypto/openssl/nonce_record.h"

namespace cai::storage {
namespace {

class StoreAttack : public StoreTest {
 protected:
  static std::vector<std::byte> Snapshot() {
    return {RegionBytes().begin(), RegionBytes().end()};
  }
  static void Restore(const std::vector<std::byte>& image) {
    std::ranges::copy(image, RegionBytes().begin());
  }
  // Where the n-th record of the first half used begins; 0 is kBegin.
  static std::size_t RecordAt(int n) {
    std::size_t at = kRegion.size / 2;
    for (; n > 0; --n) at += RecordSize(HeaderAt(at));
    return at;
  }
  static RecordHeader HeaderAt(std::size_t at) {
    RecordHeader header;
    std::memcpy(&header, &RegionBytes()[at], sizeof(header));
    return header;
  }
  static Result<Bytes> Get(std::uint32_t boot, std::int32_t client = kNs) {
    static ByteArray<64> out;
    return Boot(boot).store.Get(client, 5, 0, out);
  }
};

TEST_F(StoreAttack, Flash_HoldsNoPlaintext) {
  const auto secret = Data(64, 3);
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, secret).ok());
  EXPECT_TRUE(std::ranges::search(RegionBytes(), secret).empty());
}

TEST_F(StoreAttack, Get_RefusesEveryFlippedBitOfTheSealedObject) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  const std::size_t sealed = RecordAt(1) + sizeof(RecordHeader);
  for (std::size_t i = 0; i < 24 + crypto::kTagSize; ++i) {
    RegionBytes()[sealed + i] ^= std::byte{4};
    EXPECT_EQ(Get(2).error(), Error::kStoreCorrupt);
    RegionBytes()[sealed + i] ^= std::byte{4};
  }
  EXPECT_EQ(Boot(2).Value(kNs, 5), Data(24, 3));
}

// Whatever is changed in a header, of the first record, a middle one or the
// last: nothing of that store is believed any more.
TEST_F(StoreAttack, EveryFlippedBitOfAHeader_DropsTheStore) {
  Boot boot(1);
  for (std::uint64_t uid = 5; uid < 8; ++uid)
    ASSERT_TRUE(boot.store.Set(kSeal, uid, 0, Data(24, 3)).ok());
  const auto image = Snapshot();
  for (const int record : {0, 1, 3}) {
    const std::size_t at = RecordAt(record);
    for (std::size_t bit = 0; bit < 8 * sizeof(RecordHeader); bit += 3) {
      RegionBytes()[at + bit / 8] ^= std::byte{1} << (bit % 8);
      Boot next(2);
      ASSERT_TRUE(next.store.Mount().ok());
      ASSERT_TRUE(next.store.rolled_back()) << record << " " << bit;
      ASSERT_EQ(next.store.objects(), 0u);
      std::ranges::fill(RegionBytes(), std::byte{0xff});
      Restore(image);
      SetVersion(4);
    }
  }
}

// A forger who knows CRC-32 and SHA-256, but no key.
TEST_F(StoreAttack, ARecordMovedToAnotherClient_DropsTheStore) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  const std::size_t at = RecordAt(1);
  RecordHeader forged = HeaderAt(at);
  forged.client = kSeal;
  Sealer stranger;
  stranger.Start(TestKey(8), 1);
  crypto::Digest chain{};
  Follow(HeaderAt(RecordAt(0)), chain);
  Close(forged, stranger, chain);
  std::memcpy(&RegionBytes()[at], &forged, sizeof(forged));
  EXPECT_EQ(Get(2, kSeal).error(), Error::kStoreNotFound);
  EXPECT_EQ(Get(2).error(), Error::kStoreNotFound);
}

TEST_F(StoreAttack, AnotherDevicesKey_OpensNothing) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  Boot other(2, kSmall, 8);
  ASSERT_TRUE(other.store.Mount().ok());
  EXPECT_TRUE(other.store.rolled_back());
  EXPECT_EQ(other.store.objects(), 0u);
}

// An older sealed value of the same object, same size, in the place of the
// newer: all of it is authentic, but the chain is of another history.
TEST_F(StoreAttack, AnOlderRecordInThePlaceOfANewer_DropsTheStore) {
  Boot boot(1);
  ASSERT_TRUE(boot.store.Set(kNs, 5, 0, Data(24, 1)).ok());
  ASSERT_TRUE(boot.store.Set(kNs, 5, 0, Data(24, 2)).ok());
  ASSERT_TRUE(boot.store.Set(kNs, 6, 0, Data(24, 3)).ok());
  const std::size_t older = RecordAt(1), newer = RecordAt(2);
  std::ranges::copy(RegionBytes().subspan(older, newer - older),
                    RegionBytes().begin() + static_cast<std::ptrdiff_t>(newer));
  Boot next(2);
  ASSERT_TRUE(next.store.Mount().ok());
  EXPECT_TRUE(next.store.rolled_back());
  EXPECT_EQ(next.Value(kNs, 5), std::nullopt);
}

// ---- Rollback (protocol.md, section 3, 8) -----------------------------------

TEST_F(StoreAttack, ARestoredImage_OfBeforeAPartitionsWrite_IsDropped) {
  Boot boot(1);
  ASSERT_TRUE(boot.store.Set(kSeal, 5, 0, Data(24, 1)).ok());
  const auto image = Snapshot();
  ASSERT_TRUE(boot.store.Set(kSeal, 5, 0, Data(24, 2)).ok());
  Restore(image);

  Boot next(2);
  ASSERT_TRUE(next.store.Mount().ok());
  EXPECT_TRUE(next.store.rolled_back());
  EXPECT_EQ(next.Value(kSeal, 5), std::nullopt);
  ASSERT_TRUE(next.store.Set(kSeal, 5, 0, Data(24, 3)).ok());
  Boot third(3);
  EXPECT_EQ(third.Value(kSeal, 5), Data(24, 3));
  EXPECT_FALSE(third.store.rolled_back());
}

// Each sector from another time, from the other store, erased, or noise: what
// is read is what was written last or nothing, and the store goes on.
TEST_F(StoreAttack, SectorsOfAnyOrigin_GiveTheNewestValueOrNone) {
  constexpr Place kOther{{nv::kPs.offset, kRegion.size},
                         2,
                         nv::Counter::kPsVersion,
                         nv::kPsVersions};
  std::mt19937 random(1);
  std::vector<std::vector<std::byte>> times;
  const auto take_sector = [&](std::size_t at) -> void {
    const auto to = RegionBytes().subspan(at, nv::kSectorSize);
    const auto& then = times[random() % times.size()];
    switch (random() % 8) {
      case 0:
        std::ranges::fill(to, std::byte{0xff});
        return;
      case 1:
        std::ranges::generate(to, [&] { return std::byte(random()); });
        return;
      case 2:
        CopyInto(to,
                 sim::NvForAttack().subspan(nv::kPs.offset + at, to.size()));
        return;
      case 3:
      case 4:
        CopyInto(to, Bytes(then).subspan(at, to.size()));
        return;
      default:
        return;  // as it is
    }
  };
  std::uint32_t boots = 1;
  int kept = 0, dropped = 0, value = 0;
  for (int round = 0; round < 300; ++round) {
    Boot writer(++boots), other(++boots, kOther);
    for (int i = 0; i < 9; ++i) {
      const auto data = Data(24, ++value);
      ASSERT_TRUE(other.store.Set(kSeal, 5, 0, data).ok());
      // A write may meet what was planted there; the next makes room.
      ASSERT_TRUE(writer.store.Set(kSeal, 5, 0, data).ok() ||
                  writer.store.Set(kSeal, 5, 0, data).ok());
    }
    times.push_back(Snapshot());
    for (std::size_t at = 0; at < kRegion.size; at += nv::kSectorSize)
      take_sector(at);
    Boot reader(++boots);
    ASSERT_TRUE(reader.store.Mount().ok());
    const auto read = reader.Value(kSeal, 5);
    if (read) {
      ASSERT_EQ(read, Data(24, value)) << round;
    }
    ++(read ? kept : dropped);
  }
  EXPECT_GT(kept, 20);
  EXPECT_GT(dropped, 20);
}

// Also a removal must not be taken back.
TEST_F(StoreAttack, ARestoredImage_OfBeforeARemoval_IsDropped) {
  Boot boot(1);
  ASSERT_TRUE(boot.store.Set(kSeal, 5, 0, Data(24, 1)).ok());
  const auto image = Snapshot();
  ASSERT_TRUE(boot.store.Remove(kSeal, 5).ok());
  Restore(image);
  EXPECT_EQ(Get(2, kSeal).error(), Error::kStoreNotFound);
}

TEST_F(StoreAttack, AnImageOfAnEarlierBoot_IsDroppedOnceTheNspeWroteAgain) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 1)).ok());
  const auto image = Snapshot();
  ASSERT_TRUE(Boot(2).store.Set(kNs, 5, 0, Data(24, 2)).ok());
  Restore(image);
  EXPECT_EQ(Get(3).error(), Error::kStoreNotFound);
}

// What is promised, and no more (docs/design/0020): between two versions lie
// at most 64 writes of the NSPE.
TEST_F(StoreAttack, AnImageOf64NspeWritesAgo_IsDropped_ALaterOneIsNot) {
  Boot boot(1);
  std::vector<std::vector<std::byte>> images;
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(boot.store.Set(kNs, 5, 0, Data(8, i)).ok());
    images.push_back(Snapshot());
  }
  Restore(images[60]);
  EXPECT_EQ(Boot(2).Value(kNs, 5), Data(8, 60));
  Restore(images[63]);
  Boot again(3);
  ASSERT_TRUE(again.store.Mount().ok());
  ASSERT_TRUE(again.store.Set(kNs, 6, 0, Data(8, 1)).ok());
  Restore(images[63]);
  EXPECT_EQ(Get(4).error(), Error::kStoreNotFound);
}

// The writer says itself that it does not mind.
TEST_F(StoreAttack, NoReplayProtection_SpendsNoVersion) {
  Boot boot(1);
  ASSERT_TRUE(boot.store.Mount().ok());
  const auto before = *nv::ReadCounter(nv::Counter::kItsVersion);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(boot.store.Set(kSeal, 5, 4, Data(8, i)).ok());
  EXPECT_EQ(*nv::ReadCounter(nv::Counter::kItsVersion), before);
  EXPECT_EQ(Boot(2).Value(kSeal, 5), Data(8, 99));
}

TEST_F(StoreAttack, ErasedFlash_IsReported_ButNotOnANewChip) {
  Boot first(1);
  ASSERT_TRUE(first.store.Mount().ok());
  EXPECT_TRUE(first.store.formatted());
  EXPECT_FALSE(first.store.rolled_back());
  std::ranges::fill(RegionBytes(), std::byte{0xff});
  Boot next(2);
  ASSERT_TRUE(next.store.Mount().ok());
  EXPECT_TRUE(next.store.rolled_back());
}

// The log cut off behind any record but the last, by one who can only erase.
TEST_F(StoreAttack, ALogThatWasCutOff_IsDropped) {
  Boot boot(1);
  for (int i = 0; i < 6; ++i)
    ASSERT_TRUE(boot.store.Set(kSeal, 5, 0, Data(24, i)).ok());
  for (int kept = 1; kept <= 6; ++kept) {
    const auto image = Snapshot();
    std::ranges::fill(RegionBytes().subspan(RecordAt(kept)), std::byte{0xff});
    EXPECT_EQ(Get(2, kSeal).error(), Error::kStoreNotFound) << kept;
    std::ranges::fill(RegionBytes(), std::byte{0xff});
    Restore(image);
    SetVersion(7);
  }
}

TEST_F(StoreAttack, RestoredFlash_NeverMakesANonceRepeat) {
  crypto::Nonces() = {};
  const auto image = Snapshot();
  for (std::uint32_t boot = 1; boot <= 4; ++boot) {
    Restore(image);
    Boot run(boot);
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(run.store.Set(kNs, 5, 0, Data(24, i)).ok());
  }
  EXPECT_EQ(crypto::Nonces().seen.size(), 12u);
  EXPECT_EQ(crypto::Nonces().repeats, 0u);
}

TEST_F(StoreAttack, WithoutABootCount_NothingIsSealed) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  Boot boot(0);
  EXPECT_EQ(boot.store.Set(kNs, 6, 0, Data(1, 1)).error(),
            Error::kStoreNoNonce);
  EXPECT_EQ(boot.Value(kNs, 5), Data(24, 3));
}

// ---- Exhaustion -------------------------------------------------------------

TEST_F(StoreAttack, VersionsRunOut_WithAnErrorAndNothingLost) {
  constexpr std::uint32_t kVersions = 16;
  const Place small{kRegion, 1, nv::Counter::kItsVersion, kVersions};
  Boot boot(1, small);
  ASSERT_TRUE(boot.store.Set(kSeal, 1, 0, Data(8, 1)).ok());  // versions 1, 2
  int nonsecure = 0;
  while (nonsecure < 10'000 &&
         boot.store.Set(kNs, 1, 0, Data(8, nonsecure)).ok())
    ++nonsecure;
  EXPECT_EQ(nonsecure, 12 * 64);  // up to 14: the last eighth is not theirs
  ASSERT_TRUE(boot.store.Set(kSeal, 2, 0, Data(8, 2)).ok());
  ASSERT_TRUE(boot.store.Set(kSeal, 3, 0, Data(8, 3)).ok());
  EXPECT_EQ(boot.store.Set(kSeal, 4, 0, Data(8, 4)).error(), Error::kStoreFull);
  EXPECT_EQ(boot.store.Remove(kSeal, 2).error(), Error::kStoreFull);

  Boot next(2, small);
  EXPECT_EQ(next.Value(kNs, 1), Data(8, nonsecure - 1));
  EXPECT_EQ(next.Value(kSeal, 3), Data(8, 3));
  EXPECT_EQ(next.Value(kSeal, 4), std::nullopt);
}

}  // namespace
}  // namespace cai::storage
