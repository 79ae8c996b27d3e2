// Power cut at every operation that carries entropy to the next start, torn at
// any byte (label power_loss).
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "device/nv/counters.h"
#include "device/partitions/crypto/entropy.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/cuts.h"
#include "device/platform/sim/sim.h"

namespace cai::crypto_partition {
namespace {

// The worst case: one seed for ever.
class EntropyPower : public testing::Test {
 protected:
  using Prk = std::vector<std::byte>;

  void SetUp() override {
    fake_spm::Reset();
    sim::Manufacture();
  }
  // As a start does it: the boot counter first.
  static Prk Start() {
    const auto b = nv::BumpCounter(nv::Counter::kBoot);
    if (!b.ok()) return {};
    const auto entropy = StartEntropy(ByteArray<32>{}, ByteArray<64>{}, *b);
    if (!entropy.ok()) return {};
    return {entropy->prk.bytes().begin(), entropy->prk.bytes().end()};
  }
};

TEST_F(EntropyPower, NoCut_MakesAStartRepeatAnother) {
  constexpr int kStarts = 6;
  std::map<int, Prk> given;
  const auto script = [&] {
    for (int i = 1; i <= kStarts; ++i) {
      sim::Mark(i);
      given[i] = Start();
      ASSERT_EQ(given[i].size(), 32u);
    }
  };
  const auto next_starts = [&](const sim::Cut& cut) {
    // What was given before the cut; in the start that was cut nothing was.
    std::set<Prk> seen;
    for (int i = 1; i < cut.mark; ++i) seen.insert(given[i]);
    for (int i = 0; i < 3; ++i) {
      const Prk prk = Start();
      ASSERT_EQ(prk.size(), 32u) << "the device starts again";
      ASSERT_TRUE(seen.insert(prk).second);
    }
  };
  sim::PrintCuts("boot counter and carried entropy",
                 sim::ForEachCut(script, next_starts));
}

// After a cut the carry is that of the last whole start or of the one that was
// cut, never none and never an older one: the same b gives one of two keys.
TEST_F(EntropyPower, NoCut_LosesTheCarry) {
  const auto key_of_a_start_from_here = [] {
    const auto entropy = StartEntropy(ByteArray<32>{}, ByteArray<64>{}, 99);
    return Prk(entropy->prk.bytes().begin(), entropy->prk.bytes().end());
  };
  const Prk without_carry = key_of_a_start_from_here();
  sim::Manufacture();
  Start();
  Start();
  std::set<Prk> found;
  const std::size_t cuts = sim::ForEachCut(
      [] { Start(); },
      [&](const sim::Cut&) { found.insert(key_of_a_start_from_here()); });
  found.insert(key_of_a_start_from_here());
  EXPECT_EQ(found.size(), 2u);
  EXPECT_FALSE(found.contains(without_carry));
  sim::PrintCuts("the carry is the last or the one before", cuts);
}

}  // namespace
}  // namespace cai::crypto_partition
