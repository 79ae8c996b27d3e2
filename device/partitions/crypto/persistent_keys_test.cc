// The NSPE's persistent keys, over the real storage partition: whose they are,
// and that they outlive a reset and a loss of power (label power_loss).
#include "device/partitions/crypto/test_device.h"
#include "device/platform/sim/cuts.h"

namespace cai::crypto_partition {
namespace {

using crypto_api::KeyAttributes;
using crypto_api::KeyRequest;
using crypto_api::Op;

constexpr std::uint32_t kFirst = 5, kSecond = 6;

class PersistentKeys : public CryptoPartition {
 protected:
  static psa_status_t Import(std::int32_t client, std::uint32_t id,
                             std::byte content) {
    const std::vector<std::byte> data(32, content);
    auto request = Make(client, Op::kImportKey);
    return request
        .In(KeyAttributes{.type = PSA_KEY_TYPE_RAW_DATA,
                          .bits = 0,
                          .lifetime = PSA_KEY_LIFETIME_PERSISTENT,
                          .usage = PSA_KEY_USAGE_EXPORT,
                          .algorithm = 0,
                          .key = id})
        .InBytes(data)
        .Out(4)
        .Send(cai_crypto_Serve);
  }
  static psa_status_t Use(std::int32_t client, Op op, std::uint32_t id) {
    auto request = Make(client, op);
    request.In(KeyRequest{id, 0});
    if (op == Op::kExportKey) request.Out(64);
    return request.Send(cai_crypto_Serve);
  }
  static bool Holds(std::uint32_t id, std::byte content) {
    auto request = Make(kNsId, Op::kExportKey);
    return request.In(KeyRequest{id, 0}).Out(64).Send(cai_crypto_Serve) ==
               PSA_SUCCESS &&
           request.outputs[0] == std::vector<std::byte>(32, content);
  }
};

TEST_F(PersistentKeys, OutliveAReset_AndAreDestroyedForGood) {
  ASSERT_EQ(Import(kNsId, kFirst, std::byte{0x11}), PSA_SUCCESS);
  Boot(2);
  EXPECT_TRUE(Holds(kFirst, std::byte{0x11}));
  EXPECT_EQ(Import(kNsId, kFirst, std::byte{0x22}), PSA_ERROR_ALREADY_EXISTS);
  EXPECT_TRUE(Holds(kFirst, std::byte{0x11}));
  EXPECT_EQ(Use(kNsId, Op::kDestroyKey, kFirst), PSA_SUCCESS);
  Boot(3);
  EXPECT_EQ(Use(kNsId, Op::kExportKey, kFirst), PSA_ERROR_INVALID_HANDLE);
}

TEST_F(PersistentKeys, AreTheNonSecureSidesAlone) {
  ASSERT_EQ(Import(kNsId, kFirst, std::byte{0x11}), PSA_SUCCESS);
  for (const std::int32_t client : {kAttestId, kSealId, kInferId}) {
    for (const Op op : {Op::kExportKey, Op::kDestroyKey, Op::kPurgeKey})
      EXPECT_EQ(Use(client, op, kFirst), PSA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(Import(client, kSecond, std::byte{0x33}),
              PSA_ERROR_NOT_SUPPORTED);
  }
  EXPECT_TRUE(Holds(kFirst, std::byte{0x11}));
}

// Damage in flash is a key that cannot be used, never another key.
TEST_F(PersistentKeys, OfAnotherDevice_DoNotOpen) {
  ASSERT_EQ(Import(kNsId, kFirst, std::byte{0x11}), PSA_SUCCESS);
  Boot(2, 0x78);
  EXPECT_NE(Use(kNsId, Op::kExportKey, kFirst), PSA_SUCCESS);
}

TEST_F(PersistentKeys, WithoutStorage_AreRefused_AndTheRestWorks) {
  fake_spm::Provide(spm::Sid::kIts, [](spm::Message*) -> psa_status_t {
    return PSA_ERROR_STORAGE_FAILURE;
  });
  EXPECT_NE(Import(kNsId, kFirst, std::byte{0x11}), PSA_SUCCESS);
  auto request = Make(kSealId, Op::kRandom);
  EXPECT_EQ(request.Out(32).Send(cai_crypto_Serve), PSA_SUCCESS);
}

// The storage partition's own reasons reach the caller.
TEST_F(PersistentKeys, InAFullStore_AreInsufficientStorage) {
  psa_status_t status = PSA_SUCCESS;
  std::uint32_t made = 0;
  while (made < 100 && status == PSA_SUCCESS)
    status = Import(kNsId, ++made, std::byte{0x11});
  EXPECT_EQ(status, PSA_ERROR_INSUFFICIENT_STORAGE);
  EXPECT_LT(made, 100u);
  EXPECT_TRUE(Holds(made - 1, std::byte{0x11}));
}

TEST_F(PersistentKeys, AreThereOrNot_WheneverThePowerGoes) {
  ASSERT_EQ(Import(kNsId, kFirst, std::byte{0x11}), PSA_SUCCESS);
  const auto script = [] {
    sim::Mark(0);
    ASSERT_EQ(Import(kNsId, kSecond, std::byte{0x22}), PSA_SUCCESS);
    sim::Mark(1);
    ASSERT_EQ(Use(kNsId, Op::kDestroyKey, kSecond), PSA_SUCCESS);
  };
  const auto next_boot = [&](const sim::Cut& cut) {
    Boot(2);
    EXPECT_TRUE(Holds(kFirst, std::byte{0x11})) << cut.operation;
    // The new one is whole or absent; then it can be made again, or destroyed.
    if (Holds(kSecond, std::byte{0x22})) {
      EXPECT_EQ(Use(kNsId, Op::kDestroyKey, kSecond), PSA_SUCCESS);
    } else {
      EXPECT_EQ(Use(kNsId, Op::kExportKey, kSecond), PSA_ERROR_INVALID_HANDLE);
      EXPECT_EQ(Import(kNsId, kSecond, std::byte{0x44}), PSA_SUCCESS);
    }
  };
  sim::PrintCuts("persistent key", sim::ForEachCut(script, next_boot));
}

}  // namespace
}  // namespace cai::crypto_partition
