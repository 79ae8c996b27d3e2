#include <map>

#include "device/partitions/storage/testing.h"

namespace cai::storage {
namespace {

TEST_F(StoreTest, Get_ReturnsWhatWasSet_AlsoAfterReset) {
  {
    Boot boot(1);
    ASSERT_TRUE(boot.store.Set(kNs, 5, 0, Data(100, 1)).ok());
    ASSERT_TRUE(boot.store.Set(kNs, 6, 0, Data(0, 1)).ok());
    ASSERT_TRUE(boot.store.Set(kNs, 7, 0, Data(2048, 2)).ok());
    EXPECT_EQ(boot.Value(kNs, 5), Data(100, 1));
  }
  Boot boot(2);
  EXPECT_EQ(boot.Value(kNs, 5), Data(100, 1));
  EXPECT_EQ(boot.Value(kNs, 6), Data(0, 1));
  EXPECT_EQ(boot.Value(kNs, 7), Data(2048, 2));
}

TEST_F(StoreTest, Mount_OfZeroedFlash_StartsEmpty) {
  std::ranges::fill(sim::NvForAttack().subspan(kRegion.offset, kRegion.size),
                    std::byte{0});
  Boot boot(1);
  ASSERT_TRUE(boot.store.Mount().ok());
  EXPECT_EQ(boot.store.objects(), 0u);
  ASSERT_TRUE(boot.store.Set(kNs, 1, 0, Data(9, 9)).ok());
  EXPECT_EQ(Boot(2).Value(kNs, 1), Data(9, 9));
}

TEST_F(StoreTest, Clients_DoNotSeeEachOthersObjects) {
  Boot boot(1);
  ASSERT_TRUE(boot.store.Set(kNs, 5, 0, Data(10, 1)).ok());
  ASSERT_TRUE(boot.store.Set(kSeal, 5, 0, Data(20, 2)).ok());
  EXPECT_EQ(boot.Value(kNs, 5), Data(10, 1));
  EXPECT_EQ(boot.Value(kSeal, 5), Data(20, 2));
  ASSERT_TRUE(boot.store.Remove(kNs, 5).ok());
  EXPECT_EQ(boot.Value(kNs, 5), std::nullopt);
  EXPECT_EQ(boot.Value(kSeal, 5), Data(20, 2));
  EXPECT_EQ(boot.store.Remove(-2, 5).error(), Error::kStoreNotFound);
}

TEST_F(StoreTest, Get_FromAnOffset_ReturnsTheRestThatFits) {
  Boot boot(1);
  ASSERT_TRUE(boot.store.Set(kNs, 5, 0, Data(100, 1)).ok());
  ByteArray<16> out;
  const auto data = Data(100, 1);

  auto part = boot.store.Get(kNs, 5, 10, out);
  ASSERT_TRUE(part.ok());
  EXPECT_TRUE(Equal(*part, Bytes(data).subspan(10, 16)));
  part = boot.store.Get(kNs, 5, 95, out);
  ASSERT_TRUE(part.ok());
  EXPECT_TRUE(Equal(*part, Bytes(data).subspan(95)));
  part = boot.store.Get(kNs, 5, 100, out);
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->size(), 0u);
  EXPECT_EQ(boot.store.Get(kNs, 5, 101, out).error(), Error::kStoreBadOffset);
}

TEST_F(StoreTest, WriteOnce_CanNeitherBeReplacedNorRemoved_AlsoAfterReset) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 1, Data(10, 1)).ok());
  Boot boot(2);
  EXPECT_EQ(boot.store.Set(kNs, 5, 0, Data(10, 2)).error(),
            Error::kStoreWriteOnce);
  EXPECT_EQ(boot.store.Remove(kNs, 5).error(), Error::kStoreWriteOnce);
  EXPECT_EQ(boot.Value(kNs, 5), Data(10, 1));
  const auto info = boot.store.GetInfo(kNs, 5);
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->flags, 1u);
  EXPECT_EQ(info->size, 10u);
}

TEST_F(StoreTest, Set_RefusesBadArguments) {
  Boot boot(1);
  EXPECT_EQ(boot.store.Set(kNs, 0, 0, {}).error(), Error::kStoreBadUid);
  EXPECT_EQ(boot.store.Set(kNs, 1, 8, {}).error(), Error::kStoreBadFlags);
  EXPECT_EQ(boot.store.Set(kNs, 1, 0, Data(2049, 1)).error(),
            Error::kStoreTooLarge);
  EXPECT_EQ(boot.store.Get(kNs, 1, 0, {}).error(), Error::kStoreNotFound);
  EXPECT_EQ(boot.store.GetInfo(kNs, 1).error(), Error::kStoreNotFound);
  EXPECT_EQ(boot.store.Remove(kNs, 1).error(), Error::kStoreNotFound);
}

TEST_F(StoreTest, ManyWrites_AreCollected_AndNothingIsLost) {
  Boot boot(1);
  std::map<std::uint64_t, std::vector<std::byte>> expected;
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t uid = 1 + i * 7 % 5;
    if (i % 11 == 10) {
      const bool existed = expected.erase(uid) > 0;
      EXPECT_EQ(boot.store.Remove(kNs, uid).ok(), existed) << i;
      continue;
    }
    const auto data = Data(i * 37 % 300, i);
    ASSERT_TRUE(boot.store.Set(kNs, uid, 0, data).ok()) << i;
    expected[uid] = data;
  }
  Boot again(2);
  ASSERT_TRUE(again.store.Mount().ok());
  EXPECT_EQ(again.store.objects(), expected.size());
  for (const auto& [uid, data] : expected)
    EXPECT_EQ(again.Value(kNs, uid), data);
}

TEST_F(StoreTest, TheNonSecureSide_CannotFillTheStore) {
  Boot boot(1);
  std::uint64_t uid = 1;
  while (boot.store.Set(kNs, uid, 0, Data(512, 1)).ok()) ++uid;
  EXPECT_EQ(boot.store.Set(kNs, uid, 0, Data(512, 1)).error(),
            Error::kStoreFull);
  EXPECT_LE((uid - 1) * 512, kRegion.size / 4);
  EXPECT_TRUE(boot.store.Set(kSeal, 1, 0, Data(2048, 1)).ok());
  // What is there can still be replaced and removed.
  EXPECT_TRUE(boot.store.Set(kNs, 1, 0, Data(512, 3)).ok());
  EXPECT_TRUE(boot.store.Remove(kNs, 1).ok());
  EXPECT_TRUE(boot.store.Set(kNs, uid, 0, Data(512, 1)).ok());
}

TEST_F(StoreTest, TheNonSecureSide_CannotTakeAllEntries) {
  Boot boot(1, kPsPlace);
  for (std::uint64_t uid = 1; uid <= kMaxNonSecureObjects; ++uid)
    ASSERT_TRUE(boot.store.Set(kNs, uid, 0, {}).ok());
  EXPECT_EQ(boot.store.Set(kNs, 100, 0, {}).error(), Error::kStoreFull);
  for (std::uint64_t uid = kMaxNonSecureObjects; uid < kMaxObjects; ++uid)
    ASSERT_TRUE(boot.store.Set(kSeal, 1000 + uid, 0, {}).ok());
  EXPECT_EQ(boot.store.Set(kSeal, 1, 0, {}).error(), Error::kStoreFull);
}

TEST_F(StoreTest, Remove_WorksInAFullStore) {
  Boot boot(1);
  std::uint64_t uid = 1;
  while (boot.store.Set(kSeal, uid, 0, Data(300, 1)).ok()) ++uid;
  for (std::uint64_t i = 1; i < uid; ++i)
    EXPECT_TRUE(boot.store.Remove(kSeal, i).ok()) << i;
  EXPECT_EQ(boot.store.objects(), 0u);
  ASSERT_TRUE(Boot(2).store.Mount().ok());
}

}  // namespace
}  // namespace cai::storage
