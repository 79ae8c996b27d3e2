// Power cut at every flash and OTP operation of the store, torn at any byte
// (label power_loss). After each cut the device boots again, and each object
// has the value before or after the change that was cut.
#include <map>

#include "device/nv/counters.h"
#include "device/partitions/storage/testing.h"
#include "device/platform/sim/cuts.h"
#include "lib/crypto/openssl/nonce_record.h"

namespace cai::storage {
namespace {

using Objects = std::map<std::uint64_t, std::vector<std::byte>>;
using sim::Cut;

// Halves of one sector, so that the log moves often.
constexpr Place kTiny{
    {kRegion.offset, 0x2000}, 1, nv::Counter::kItsVersion, nv::kItsVersions};

// The next boot of the device, with its own number.
struct NextBoot : Boot {
  NextBoot() : Boot(*nv::BumpCounter(nv::Counter::kBoot), kTiny) {}
};

Objects Contents(Boot& boot, std::int32_t client) {
  Objects objects;
  for (std::uint64_t uid = 1; uid <= 4; ++uid)
    if (auto value = boot.Value(client, uid)) objects[uid] = *value;
  return objects;
}

// One of a mixture of new, replaced and removed objects of all sizes, in the
// store and in the model of it.
void Change(Store& store, std::int32_t client, int step, Objects& model) {
  const std::uint64_t uid = 1 + step * 5 % 4;
  if (step % 6 == 5 && model.contains(uid)) {
    model.erase(uid);
    ASSERT_TRUE(store.Remove(client, uid).ok());
    return;
  }
  model[uid] = Data(step % 7 == 0 ? 500 : step * 97 % 300, step);
  ASSERT_TRUE(store.Set(client, uid, 0, model[uid]).ok()) << step;
}

class StorePower : public StoreTest {
 protected:
  // Script and check of `steps` changes by one client.
  static std::size_t CutChanges(std::int32_t client, int steps) {
    std::vector<Objects> states(steps + 2);
    NextBoot boot;
    crypto::Nonces() = {};
    const auto script = [&] {
      for (int i = 1; i <= steps; ++i) {
        sim::Mark(i);
        states[i + 1] = states[i];
        Change(boot.store, client, i, states[i + 1]);
      }
    };
    crypto::NonceRecord before;
    return sim::ForEachCut(script, [&](const Cut& cut) {
      if (before.seen.empty()) before = crypto::Nonces();
      crypto::Nonces() = {};
      LookAfter(cut, client, states);
      for (const auto& nonce : crypto::Nonces().seen)
        ASSERT_FALSE(before.seen.contains(nonce));
      ASSERT_EQ(crypto::Nonces().repeats + before.repeats, 0u);
    });
  }

  static void LookAfter(const Cut& cut, std::int32_t client,
                        const std::vector<Objects>& states) {
    NextBoot boot;
    ASSERT_TRUE(boot.store.Mount().ok());
    ASSERT_FALSE(boot.store.rolled_back());
    const Objects found = Contents(boot, client);
    ASSERT_TRUE(found == states[cut.mark] || found == states[cut.mark + 1])
        << "operation " << cut.operation << ", torn " << cut.torn;

    // The store goes on from there, and loses nothing of it either.
    Objects model = found;
    Change(boot.store, client, cut.mark + 1, model);
    if (cut.torn % 8 != 0) return;
    NextBoot again;
    ASSERT_EQ(Contents(again, client), model);
  }
};

TEST_F(StorePower, EachChangeOfAPartition_IsMadeOrNot) {
  sim::PrintCuts("storage: set, replace, remove, move; a version each",
                 CutChanges(kSeal, 24));
}

TEST_F(StorePower, EachChangeOfTheNonSecureSide_IsMadeOrNot) {
  sim::PrintCuts("storage: the same by the NSPE, a version each 64",
                 CutChanges(kNs, 12));
}

TEST_F(StorePower, TheFirstStart_MakesAnEmptyStore) {
  const auto script = [] { ASSERT_TRUE(NextBoot().store.Mount().ok()); };
  const auto check = [](const Cut&) {
    NextBoot boot;
    ASSERT_TRUE(boot.store.Mount().ok());
    ASSERT_EQ(boot.store.objects(), 0u);
    ASSERT_FALSE(boot.store.rolled_back());
    ASSERT_TRUE(boot.store.Set(kSeal, 1, 0, Data(9, 9)).ok());
    ASSERT_EQ(NextBoot().Value(kSeal, 1), Data(9, 9));
  };
  sim::PrintCuts("storage: first start", sim::ForEachCut(script, check));
}

// A write was cut in every possible way; the write after it, which clears that
// away, is cut again.
TEST_F(StorePower, ClearingAwayACut_CanBeCutAgain) {
  std::size_t cuts = 0;
  for (const std::size_t torn : {1u, 63u}) {
    for (const std::size_t operation : {0u, 2u}) {
      sim::Manufacture();
      std::vector<Objects> states(4);
      NextBoot first;
      for (int i = 1; i < 4; ++i) Change(first.store, kSeal, i, states[1]);
      sim::CutPowerAt(operation, torn);
      (void)first.store.Set(kSeal, 4, 0, Data(300, 44));
      sim::PowerOn();
      NextBoot boot;
      ASSERT_TRUE(boot.store.Mount().ok());
      states[1] = Contents(boot, kSeal);
      states[2] = states[1];
      const auto script = [&] {
        sim::Mark(1);
        Change(boot.store, kSeal, 4, states[2]);
      };
      cuts += sim::ForEachCut(
          script, [&](const Cut& cut) { LookAfter(cut, kSeal, states); });
    }
  }
  sim::PrintCuts("storage: write after a cut", cuts);
}

// The mount of an older image makes an empty store; cut there, no later start
// shows an object of it.
TEST_F(StorePower, DroppingAnOlderImage_CanBeCut) {
  NextBoot boot;
  ASSERT_TRUE(boot.store.Set(kSeal, 1, 0, Data(100, 1)).ok());
  const auto region = sim::NvForAttack().subspan(kRegion.offset, kRegion.size);
  const std::vector<std::byte> old(region.begin(), region.end());
  ASSERT_TRUE(boot.store.Set(kSeal, 1, 0, Data(100, 2)).ok());
  std::ranges::copy(old, region.begin());

  const auto script = [] { ASSERT_TRUE(NextBoot().store.Mount().ok()); };
  const auto check = [](const Cut&) {
    NextBoot next;
    ASSERT_TRUE(next.store.Mount().ok());
    ASSERT_EQ(next.store.objects(), 0u);
    ASSERT_TRUE(next.store.Set(kSeal, 2, 0, Data(9, 9)).ok());
    ASSERT_EQ(NextBoot().Value(kSeal, 2), Data(9, 9));
  };
  sim::PrintCuts("storage: dropping an older image",
                 sim::ForEachCut(script, check));
}

}  // namespace
}  // namespace cai::storage
