// How the store spends the flash's erases.
#include "device/partitions/storage/testing.h"

namespace cai::storage {
namespace {

struct Wear {
  std::uint32_t least, most;
  std::uint64_t all;
};

Wear WearOf(const nv::Region& region) {
  Wear wear{UINT32_MAX, 0, 0};
  for (std::uint32_t at = 0; at < region.size; at += nv::kSectorSize) {
    const std::uint32_t erases = sim::Erases(region.offset + at);
    wear.least = std::min(wear.least, erases);
    wear.most = std::max(wear.most, erases);
    wear.all += erases;
  }
  return wear;
}

// One object changes for ever, most of the others never: the sectors of the
// ones that rest wear as fast as the rest.
TEST_F(StoreTest, AllSectors_WearAlike) {
  Boot boot(1);
  for (std::uint64_t uid = 2; uid < 12; ++uid)
    ASSERT_TRUE(boot.store.Set(kSeal, uid, 0, Data(200, 1)).ok());
  for (int i = 0; i < 5000; ++i)
    ASSERT_TRUE(boot.store.Set(kSeal, 1, 0, Data(100, i)).ok());
  const Wear wear = WearOf(kRegion);
  EXPECT_LE(wear.most - wear.least, 1u);
  EXPECT_GT(wear.least, 50u);
  RecordProperty("most", static_cast<int>(wear.most));
  RecordProperty("least", static_cast<int>(wear.least));
}

// Also with cuts: a sector is erased again only where the power went.
TEST_F(StoreTest, AllSectors_WearAlike_WithCutsAndStarts) {
  std::uint32_t cuts_while_erasing = 0;
  for (std::uint32_t start = 1; start < 400; ++start) {
    Boot boot(start);
    ASSERT_TRUE(boot.store.Mount().ok());
    const std::uint64_t before = WearOf(kRegion).all;
    sim::CutPowerAt(start * 13 % 97, 33);
    for (int i = 0; sim::powered(); ++i)
      (void)boot.store.Set(kSeal, 1 + i % 4, 0, Data(150, i));
    if (WearOf(kRegion).all != before) ++cuts_while_erasing;
    sim::PowerOn();
  }
  const Wear wear = WearOf(kRegion);
  EXPECT_GT(wear.least, 100u);
  EXPECT_LE(wear.most - wear.least, cuts_while_erasing / 4);
}

// What a write costs in the worst case the store allows, seven eighths full: an
// eighth of a half is gained by each move.
TEST_F(StoreTest, ANearlyFullStore_StillGainsByEachMove) {
  Boot boot(1);
  std::uint64_t uid = 1;
  while (boot.store.Set(kSeal, uid, 0, Data(136, 1)).ok()) ++uid;
  const std::uint64_t before = WearOf(kRegion).all;
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(boot.store.Set(kSeal, 1, 0, Data(136, i)).ok());
  const std::uint64_t sectors = kRegion.size / 2 / nv::kSectorSize;
  EXPECT_LE((WearOf(kRegion).all - before) / sectors, 100u / 4 + 1);
  for (std::uint64_t i = 2; i < uid; ++i)
    EXPECT_EQ(boot.Value(kSeal, i), Data(136, 1));
}

}  // namespace
}  // namespace cai::storage
