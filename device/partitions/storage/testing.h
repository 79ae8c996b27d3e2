// A store on a simulated chip, for its tests.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "device/nv/counters.h"
#include "device/partitions/storage/store.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"

namespace cai::storage {

constexpr nv::Region kRegion{0x020000, 0x4000};  // halves of two sectors
constexpr Place kSmall{kRegion, 1, nv::Counter::kItsVersion, nv::kItsVersions};
constexpr std::int32_t kNs = -1;
constexpr std::int32_t kSeal = 4;

inline Secret<32> TestKey(int first = 7) {
  Secret<32> key;
  for (std::size_t i = 0; i < 32; ++i)
    key.mutable_bytes()[i] = std::byte(first + i);
  return key;
}

inline std::vector<std::byte> Data(std::size_t size, int seed) {
  std::vector<std::byte> data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = std::byte(seed * 31 + i);
  return data;
}

// One boot of the partition: RAM is new, flash stays.
struct Boot {
  explicit Boot(std::uint32_t count, const Place& place = kSmall, int key = 7)
      : store(place, sealer, scratch) {
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
  // OTP as a chip has it that went this far: past all rules.
  static void SetVersion(std::uint32_t version) {
    const std::vector<std::byte> region(RegionBytes().begin(),
                                        RegionBytes().end());
    sim::Manufacture();
    ASSERT_TRUE(nv::AdvanceCounter(nv::Counter::kItsVersion, version).ok());
    std::ranges::copy(region, RegionBytes().begin());
  }
  static MutableBytes RegionBytes() {
    return sim::NvForAttack().subspan(kRegion.offset, kRegion.size);
  }
};

}  // namespace cai::storage
