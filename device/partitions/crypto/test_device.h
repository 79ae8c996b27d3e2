// A crypto partition freshly started on a simulated chip, for its tests.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "device/partitions/crypto/api.h"
#include "device/partitions/crypto/state.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"
#include "mbedtls/memory_buffer_alloc.h"

extern "C" psa_status_t cai_crypto_Start();
extern "C" psa_status_t cai_crypto_Serve(cai::spm::Message*);
extern "C" psa_status_t cai_storage_Start();
extern "C" psa_status_t cai_storage_Serve(cai::spm::Message*);

namespace cai::crypto_partition {

constexpr std::int32_t kNsId = -1;
constexpr auto kAttestId = static_cast<std::int32_t>(spm::PartitionId::kAttest);
constexpr auto kSealId = static_cast<std::int32_t>(spm::PartitionId::kSeal);
constexpr auto kInferId = static_cast<std::int32_t>(spm::PartitionId::kInfer);

class CryptoPartition : public testing::Test {
 protected:
  void SetUp() override {
    sim::Manufacture();
    Boot(1);
  }
  void TearDown() override { PowerOff(); }

  // RAM is new, NV stays.
  void Boot(std::uint32_t boot_count, std::uint8_t root = 0x77,
            std::uint8_t seed = 0x66) {
    StartCrypto(boot_count, root, seed);
    StartStorage();
  }

  void StartCrypto(std::uint32_t boot_count, std::uint8_t root,
                   std::uint8_t seed) {
    PowerOff();
    fake_spm::Reset();
    fake_spm::RunAs(spm::PartitionId::kCrypto);
    fake_spm::GrantFlash({nv::kCarry, nv::kConfig, nv::kIts, nv::kPs});
    boot_data_.boot_count = boot_count;
    boot_data_.key_generation = 0;
    boot_data_.uuid.fill(std::byte{0xAB});
    boot_data_.ueid.fill(std::byte{0xCD});
    fake_spm::SetBootData(boot_data_);
    fake_spm::SetSpeRoot(std::vector<std::byte>(32, std::byte{root}));
    std::vector<std::byte> bytes(64);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = std::byte(seed + 7 * i);
    fake_spm::SetSeed(bytes);
    ASSERT_EQ(cai_crypto_Start(), PSA_SUCCESS);
  }

  // Where the core's persistent keys go.
  static void StartStorage() {
    fake_spm::RunAs(spm::PartitionId::kStorage);
    ASSERT_EQ(cai_storage_Start(), PSA_SUCCESS);
    fake_spm::Provide(spm::Sid::kIts, cai_storage_Serve);
    fake_spm::RunAs(spm::PartitionId::kCrypto);
  }

  static fake_spm::Request Make(std::int32_t client, crypto_api::Op op) {
    return {.sid = spm::Sid::kCrypto,
            .client = client,
            .op = static_cast<std::int32_t>(op)};
  }
  static fake_spm::Request Make(std::int32_t client, spm::IdentityOp op) {
    return {.sid = spm::Sid::kIdentity,
            .client = client,
            .op = static_cast<std::int32_t>(op)};
  }
  static psa_status_t Send(fake_spm::Request& request) {
    return request.Send(cai_crypto_Serve);
  }
  static std::vector<std::byte> PublicKey(std::uint32_t purpose) {
    auto request = Make(kSealId, spm::IdentityOp::kPublicKey);
    EXPECT_EQ(request.In(purpose).Out(64).Send(cai_crypto_Serve), PSA_SUCCESS);
    return request.outputs[0];
  }

  spm::BootData boot_data_{};

  // The core and the partition lose their RAM.
  static void PowerOff() {
    if (state.started) mbedtls_psa_crypto_free();
    std::destroy_at(&state);
    std::construct_at(&state);
  }
};

}  // namespace cai::crypto_partition
