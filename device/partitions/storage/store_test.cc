#include "device/partitions/storage/store.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "device/nv/flash.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"

namespace cai::storage {
namespace {

constexpr nv::Region kRegion{0x020000, 0x4000};  // halves of two sectors
constexpr std::int32_t kNs = -1;
constexpr std::int32_t kSeal = 4;

Secret<32> TestKey(int first = 7) {
  Secret<32> key;
  for (std::size_t i = 0; i < 32; ++i)
    key.mutable_bytes()[i] = std::byte(first + i);
  return key;
}

std::vector<std::byte> Data(std::size_t size, int seed) {
  std::vector<std::byte> data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = std::byte(seed * 31 + i);
  return data;
}

// One boot of the partition: RAM is new, flash stays.
struct Boot {
  explicit Boot(std::uint32_t count, nv::Region region = kRegion,
                std::uint8_t id = 1, int key = 7)
      : store(region, id, sealer, scratch) {
    sealer.Start(TestKey(key), count);
  }
  Sealer sealer;
  ByteArray<kMaxSealed> scratch{};
  Store store;

  std::optional<std::vector<std::byte>> Value(std::int32_t client,
                                              std::uint64_t uid) {
    std::vector<std::byte> out(storage_api::kMaxObject);
    const auto data = store.Get(client, uid, 0, out);
    if (!data.ok()) return std::nullopt;
    return std::vector<std::byte>(data->begin(), data->end());
  }
};

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    fake_spm::Reset();
    fake_spm::GrantFlash({kRegion, nv::kPs});
    sim::Manufacture();
  }
};

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
  std::ranges::fill(sim::NvForAttack(), std::byte{0});
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
  Boot boot(1, nv::kPs);
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

// ---- Attacks ----------------------------------------------------------------

std::size_t FindInNv(Bytes needle) {
  const Bytes nv = sim::NvForAttack();
  const auto at =
      std::search(nv.begin(), nv.end(), needle.begin(), needle.end());
  return at == nv.end() ? nv.size() : at - nv.begin();
}

TEST_F(StoreTest, Flash_HoldsNoPlaintext) {
  const auto secret = Data(64, 3);
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, secret).ok());
  EXPECT_EQ(FindInNv(secret), std::size_t{nv::kSize});
}

TEST_F(StoreTest, Get_RefusesEveryFlippedBitOfTheSealedObject) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  const std::size_t sealed = kRegion.offset + 16 + sizeof(RecordHeader);
  for (std::size_t i = 0; i < 24 + crypto::kTagSize; ++i) {
    sim::NvForAttack()[sealed + i] ^= std::byte{4};
    ByteArray<64> out;
    EXPECT_EQ(Boot(2).store.Get(kNs, 5, 0, out).error(), Error::kStoreCorrupt);
    sim::NvForAttack()[sealed + i] ^= std::byte{4};
  }
  EXPECT_EQ(Boot(2).Value(kNs, 5), Data(24, 3));
}

TEST_F(StoreTest, Get_RefusesARecordMovedToAnotherClientOrStore) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  // A forger who knows CRC-32: the tag still covers client, uid and flags.
  RecordHeader header;
  const std::size_t at = kRegion.offset + 16;
  std::memcpy(&header, &sim::NvForAttack()[at], sizeof(header));
  auto crc = [](const RecordHeader& h) {
    std::uint32_t sum = 0xffffffff;
    for (std::size_t i = 0; i < offsetof(RecordHeader, crc); ++i) {
      sum ^= reinterpret_cast<const std::uint8_t*>(&h)[i];
      for (int k = 0; k < 8; ++k) sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum;
  };
  ASSERT_EQ(header.crc, crc(header));
  ByteArray<64> out;

  RecordHeader forged = header;
  forged.client = kSeal;
  forged.crc = crc(forged);
  std::memcpy(&sim::NvForAttack()[at], &forged, sizeof(forged));
  EXPECT_EQ(Boot(2).store.Get(kSeal, 5, 0, out).error(), Error::kStoreCorrupt);

  forged = header;
  forged.flags = 1;
  forged.crc = crc(forged);
  std::memcpy(&sim::NvForAttack()[at], &forged, sizeof(forged));
  EXPECT_EQ(Boot(2).store.Get(kNs, 5, 0, out).error(), Error::kStoreCorrupt);

  std::memcpy(&sim::NvForAttack()[at], &header, sizeof(header));
  EXPECT_EQ(Boot(2, kRegion, 1, 8).store.Get(kNs, 5, 0, out).error(),
            Error::kStoreCorrupt)
      << "another device's key";
  EXPECT_EQ(Boot(2).Value(kNs, 5), Data(24, 3));
}

// protocol.md, C5 and attack test 8.
TEST_F(StoreTest, RestoredFlash_NeverMakesANonceRepeat) {
  std::vector<std::byte> image(sim::NvForAttack().begin(),
                               sim::NvForAttack().end());
  std::map<std::vector<std::uint8_t>, int> nonces;
  for (std::uint32_t boot = 1; boot <= 4; ++boot) {
    std::ranges::copy(image, sim::NvForAttack().begin());
    Boot run(boot);
    for (int i = 0; i < 3; ++i)
      ASSERT_TRUE(run.store.Set(kNs, 5, 0, Data(24, boot)).ok());
    for (int i = 0; i < 3; ++i) {
      RecordHeader header;
      ASSERT_TRUE(nv::Read(kRegion.offset + 16 + i * (48 + 40),
                           std::as_writable_bytes(std::span(&header, 1)))
                      .ok());
      ++nonces[{header.nonce, header.nonce + 12}];
    }
  }
  EXPECT_EQ(nonces.size(), 12u);
}

TEST_F(StoreTest, WithoutABootCount_NothingIsWritten) {
  ASSERT_TRUE(Boot(1).store.Set(kNs, 5, 0, Data(24, 3)).ok());
  Boot boot(0);
  EXPECT_EQ(boot.store.Set(kNs, 6, 0, Data(1, 1)).error(),
            Error::kStoreNoNonce);
  EXPECT_EQ(boot.Value(kNs, 5), Data(24, 3));
}

// ---- Power ------------------------------------------------------------------

// A script whose every flash operation is once the last. After each, the next
// boot finds what the script had before or after the step that was cut.
using State = std::map<std::uint64_t, std::vector<std::byte>>;

Status Step(Store& store, int i, State& model) {
  const std::uint64_t uid = 1 + i * 5 % 4;
  if (i % 6 == 5 && model.contains(uid)) {
    model.erase(uid);
    return store.Remove(kSeal, uid);
  }
  const auto data = Data(200 + i * 97 % 500, i);
  model[uid] = data;
  return store.Set(kSeal, uid, 0, data);
}

State Contents(Boot& boot) {
  State state;
  for (std::uint64_t uid = 1; uid <= 4; ++uid)
    if (auto value = boot.Value(kSeal, uid)) state[uid] = *value;
  return state;
}

TEST_F(StoreTest, PowerCutAtAnyOperation_LeavesTheOldOrTheNewValue) {
  constexpr int kSteps = 40;
  std::size_t cuts = 0;
  for (const std::size_t torn :
       {0u, 1u, 8u, 13u, 44u, 47u, 100u, 255u, 4095u}) {
    for (std::size_t cut = 0;; ++cut) {
      sim::Manufacture();
      Boot boot(1);
      sim::CutPowerAt(cut, torn);
      State before, after;
      int i = 0;
      for (; i < kSteps; ++i) {
        after = before;
        if (!Step(boot.store, i, after).ok()) break;
        before = after;
      }
      if (i == kSteps) break;  // the script needs no more operations
      ++cuts;

      sim::PowerOn();
      Boot next(2);
      ASSERT_TRUE(next.store.Mount().ok()) << "cut " << cut;
      const State found = Contents(next);
      ASSERT_TRUE(found == before || found == after)
          << "cut " << cut << ", torn " << torn << ", step " << i;

      // The store goes on from there.
      State model = found;
      for (int k = i; k < i + 8; ++k)
        ASSERT_TRUE(Step(next.store, k, model).ok()) << "cut " << cut;
      ASSERT_EQ(Contents(next), model);
    }
  }
  EXPECT_GT(cuts, 1000u);
}

TEST_F(StoreTest, PowerCutWhileMounting_LosesNothing) {
  // First a torn record, so that Mount() must move everything.
  for (std::size_t cut = 0; cut < 40; ++cut) {
    sim::Manufacture();
    State model;
    {
      Boot boot(1);
      for (int i = 0; i < 4; ++i) ASSERT_TRUE(Step(boot.store, i, model).ok());
      sim::CutPowerAt(1, 20);
      State ignored = model;
      ASSERT_FALSE(Step(boot.store, 4, ignored).ok());
    }
    sim::PowerOn();
    {
      Boot boot(2);
      sim::CutPowerAt(cut, 9);
      (void)boot.store.Mount();
    }
    sim::PowerOn();
    Boot boot(3);
    ASSERT_TRUE(boot.store.Mount().ok());
    ASSERT_EQ(Contents(boot), model) << "cut " << cut;
  }
}

}  // namespace
}  // namespace cai::storage
