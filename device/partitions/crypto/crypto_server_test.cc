#include <set>

#include "device/partitions/crypto/test_device.h"
#include "lib/keys/keys.h"

namespace cai::crypto_partition {

namespace {

using crypto_api::AeadRequest;
using crypto_api::AlgorithmRequest;
using crypto_api::HandleRequest;
using crypto_api::KeyAttributes;
using crypto_api::KeyRequest;
using crypto_api::Op;

constexpr psa_algorithm_t kDeterministic =
    PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);

template <typename T>
T Value(const std::vector<std::byte>& bytes) {
  T value{};
  EXPECT_EQ(bytes.size(), sizeof(T));
  if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

class CryptoServer : public CryptoPartition {
 protected:
  static psa_status_t Sign(std::int32_t client, std::uint32_t key) {
    const ByteArray<32> hash{};
    auto request = Make(client, Op::kSignHash);
    return request.In(KeyRequest{key, kDeterministic})
        .InBytes(hash)
        .Out(64)
        .Send(cai_crypto_Serve);
  }
  static psa_status_t Agree(std::int32_t client, std::uint32_t key) {
    crypto_api::P256EcdhRequest request{};
    request.key = key;
    const auto peer = PublicKey(1);
    std::memcpy(request.peer, peer.data(), 64);
    auto call = Make(client, Op::kP256Ecdh);
    return call.In(request).Out(32).Send(cai_crypto_Serve);
  }
  static psa_status_t Import(std::int32_t client, std::uint32_t& key) {
    auto request = Make(client, Op::kImportKey);
    const ByteArray<16> data{};
    const psa_status_t status =
        request
            .In(KeyAttributes{.type = PSA_KEY_TYPE_RAW_DATA,
                              .bits = 0,
                              .lifetime = 0,
                              .usage = PSA_KEY_USAGE_EXPORT,
                              .algorithm = 0,
                              .key = 0})
            .InBytes(data)
            .Out(4)
            .Send(cai_crypto_Serve);
    key = status == PSA_SUCCESS ? Value<std::uint32_t>(request.outputs[0]) : 0;
    return status;
  }
  static psa_status_t Export(std::int32_t client, std::uint32_t key) {
    auto request = Make(client, Op::kExportKey);
    return request.In(KeyRequest{key, 0}).Out(64).Send(cai_crypto_Serve);
  }
  static std::vector<std::byte> Random(std::int32_t client) {
    auto request = Make(client, Op::kRandom);
    EXPECT_EQ(request.Out(32).Send(cai_crypto_Serve), PSA_SUCCESS);
    return request.outputs[0];
  }
};

TEST_F(CryptoServer, DeviceKeys_AreTheirOwnersAlone) {
  const struct {
    std::uint32_t key;
    std::int32_t owner;
  } keys[] = {{spm::kKeyTlsClient, kNsId},
              {spm::kKeyCoseSign, kSealId},
              {spm::kKeyIak, kAttestId}};
  for (const auto& key : keys)
    for (std::int32_t client = -3; client < 10; ++client) {
      if (client == 0) continue;
      const bool owner = client == key.owner || (client < 0 && key.owner < 0);
      const psa_status_t status = Sign(client, key.key);
      if (client >= static_cast<std::int32_t>(kClients))
        EXPECT_EQ(status, PSA_ERROR_BAD_STATE);
      else
        EXPECT_EQ(status, owner ? PSA_SUCCESS : PSA_ERROR_INVALID_HANDLE)
            << "client " << client << ", key " << key.key;
    }
  EXPECT_EQ(Agree(kInferId, spm::kKeyModelKek), PSA_SUCCESS);
  EXPECT_EQ(Agree(kSealId, spm::kKeyModelKek), PSA_ERROR_INVALID_HANDLE);
}

TEST_F(CryptoServer, DeviceKeys_HaveOneUseEach) {
  EXPECT_EQ(Sign(kInferId, spm::kKeyModelKek), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(Agree(kSealId, spm::kKeyCoseSign), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(Agree(kAttestId, spm::kKeyIak), PSA_ERROR_NOT_PERMITTED);
  for (const auto& [client, key] : {std::pair{kNsId, spm::kKeyTlsClient},
                                    {kSealId, spm::kKeyCoseSign},
                                    {kAttestId, spm::kKeyIak},
                                    {kInferId, spm::kKeyModelKek}}) {
    EXPECT_EQ(Export(client, key), PSA_ERROR_NOT_PERMITTED);
    auto destroy = Make(client, Op::kDestroyKey);
    EXPECT_EQ(destroy.In(KeyRequest{key, 0}).Send(cai_crypto_Serve),
              PSA_ERROR_NOT_PERMITTED);
  }
}

// The core's own numbers for the device's keys are nobody's.
TEST_F(CryptoServer, VolatileNumbers_DoNotReachDeviceKeys) {
  for (std::int32_t client : {kNsId, kAttestId, kSealId, kInferId})
    for (std::uint32_t id = 0x40000000; id < 0x40000020; ++id) {
      EXPECT_EQ(Sign(client, id), PSA_ERROR_INVALID_HANDLE);
      auto destroy = Make(client, Op::kDestroyKey);
      EXPECT_EQ(destroy.In(KeyRequest{id, 0}).Send(cai_crypto_Serve),
                PSA_ERROR_INVALID_HANDLE);
    }
  EXPECT_EQ(Sign(kSealId, spm::kKeyCoseSign), PSA_SUCCESS);
}

TEST_F(CryptoServer, Keys_OfAnotherClient_DoNotExist) {
  std::uint32_t key = 0;
  ASSERT_EQ(Import(kSealId, key), PSA_SUCCESS);
  EXPECT_EQ(Export(kSealId, key), PSA_SUCCESS);
  EXPECT_EQ(Export(kNsId, key), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(Export(kAttestId, key), PSA_ERROR_INVALID_HANDLE);
}

TEST_F(CryptoServer, Keys_OfAllClientsTogether_FitTheCore) {
  std::uint32_t key = 0;
  for (int i = 0; i < kMaxNonSecureKeys; ++i)
    ASSERT_EQ(Import(kNsId, key), PSA_SUCCESS) << i;
  EXPECT_EQ(Import(kNsId, key), PSA_ERROR_INSUFFICIENT_MEMORY);
  EXPECT_EQ(Import(-2, key), PSA_ERROR_INSUFFICIENT_MEMORY);
  for (std::int32_t client : {kAttestId, kSealId, kInferId})
    for (int i = 0; i < kMaxSecureKeys; ++i)
      ASSERT_EQ(Import(client, key), PSA_SUCCESS) << client;
  // And still a key in passing.
  auto check = Make(kSealId, Op::kP256CheckPoint);
  EXPECT_EQ(check.InBytes(PublicKey(2)).Send(cai_crypto_Serve), PSA_SUCCESS);
}

TEST_F(CryptoServer, Hashes_OfAnotherClient_DoNotExist) {
  auto setup = Make(kSealId, Op::kHashSetup);
  ASSERT_EQ(
      setup.In(AlgorithmRequest{PSA_ALG_SHA_256}).Out(4).Send(cai_crypto_Serve),
      PSA_SUCCESS);
  const auto handle = Value<std::uint32_t>(setup.outputs[0]);
  auto finish = Make(kNsId, Op::kHashFinish);
  EXPECT_EQ(finish.In(HandleRequest{handle}).Out(32).Send(cai_crypto_Serve),
            PSA_ERROR_BAD_STATE);
  auto abort = Make(kNsId, Op::kHashAbort);
  EXPECT_EQ(abort.In(HandleRequest{handle}).Send(cai_crypto_Serve),
            PSA_SUCCESS);
  auto own = Make(kSealId, Op::kHashFinish);
  EXPECT_EQ(own.In(HandleRequest{handle}).Out(32).Send(cai_crypto_Serve),
            PSA_SUCCESS);
}

TEST_F(CryptoServer, NonSecureSide_CannotTakeEveryHash) {
  for (int i = 0; i < 20; ++i) {
    auto setup = Make(kNsId, Op::kHashSetup);
    (void)setup.In(AlgorithmRequest{PSA_ALG_SHA_256})
        .Out(4)
        .Send(cai_crypto_Serve);
  }
  for (std::int32_t client : {kAttestId, kSealId}) {
    auto setup = Make(client, Op::kHashSetup);
    EXPECT_EQ(setup.In(AlgorithmRequest{PSA_ALG_SHA_256})
                  .Out(4)
                  .Send(cai_crypto_Serve),
              PSA_SUCCESS);
  }
}

// Attack test 5: what NS draws does not move what seal gets.
TEST_F(CryptoServer, Random_OfOneClient_IsNotMovedByAnother) {
  const auto undisturbed = Random(kSealId);
  Boot(1);  // the same seed and counter, but the carry moved
  EXPECT_NE(Random(kSealId), undisturbed);

  for (int draws : {0, 1, 64}) {
    sim::Manufacture();
    Boot(1);
    for (int i = 0; i < draws; ++i) Random(kNsId);
    EXPECT_EQ(Random(kSealId), undisturbed) << draws;
  }
  std::set<std::vector<std::byte>> streams;
  for (std::int32_t client : {kNsId, 1, 2, 3, 4, 5, 6, 7})
    streams.insert(Random(client));
  EXPECT_EQ(streams.size(), 8u);
}

// Attack test 50 in part: keys are the device's, not the flash's.
TEST_F(CryptoServer, DeviceKeys_AreRepeatable_AndDependOnTheRoot) {
  const auto tls = PublicKey(1), cose = PublicKey(2), iak = PublicKey(3);
  EXPECT_NE(tls, cose);
  EXPECT_NE(cose, iak);
  sim::Manufacture();
  Boot(9, 0x77, 0x01);
  EXPECT_EQ(PublicKey(1), tls);
  EXPECT_EQ(PublicKey(2), cose);
  EXPECT_EQ(PublicKey(3), iak);
  Boot(10, 0x78, 0x01);
  EXPECT_NE(PublicKey(1), tls);
  EXPECT_NE(PublicKey(2), cose);
  EXPECT_NE(PublicKey(3), iak);
}

TEST_F(CryptoServer, Start_HandsOutTheKeysThatKeysDefines) {
  StartCrypto(2, 0x77, 0x66);  // and nobody takes them
  const std::vector<std::byte> root(32, std::byte{0x77});
  ByteArray<32> expected, taken;
  keys::Expand(root, keys::kStorage, 0, expected);
  fake_spm::RunAs(spm::PartitionId::kStorage);
  ASSERT_TRUE(spm::TakeKey(taken).ok());
  EXPECT_EQ(taken, expected);
  keys::Expand(root, keys::kSealHedge, 0, expected);
  fake_spm::RunAs(spm::PartitionId::kSeal);
  ASSERT_TRUE(spm::TakeKey(taken).ok());
  EXPECT_EQ(taken, expected);
}

TEST_F(CryptoServer, Start_WithoutACarryInFlash_GivesNothing) {
  PowerOff();
  fake_spm::SetSpeRoot(std::vector<std::byte>(32));
  fake_spm::SetSeed(std::vector<std::byte>(64));
  sim::CutPowerAt(0, 0);
  EXPECT_NE(cai_crypto_Start(), PSA_SUCCESS);
  auto request = Make(kSealId, Op::kRandom);
  EXPECT_EQ(request.Out(32).Send(cai_crypto_Serve), PSA_ERROR_BAD_STATE);
  sim::PowerOn();
}

TEST_F(CryptoServer, P256Operations_AreForSecurePartitions) {
  for (int op = 64; op < 80; ++op) {
    auto request = Make(kNsId, static_cast<Op>(op));
    EXPECT_EQ(request.InBytes(ByteArray<64>{}).Out(64).Send(cai_crypto_Serve),
              PSA_ERROR_NOT_PERMITTED);
  }
}

TEST_F(CryptoServer, P256CheckPoint_RefusesWhatIsNotOnTheCurve) {
  auto point = PublicKey(1);
  auto good = Make(kSealId, Op::kP256CheckPoint);
  EXPECT_EQ(good.InBytes(point).Send(cai_crypto_Serve), PSA_SUCCESS);
  point[63] ^= std::byte{1};
  auto off = Make(kSealId, Op::kP256CheckPoint);
  EXPECT_EQ(off.InBytes(point).Send(cai_crypto_Serve),
            PSA_ERROR_INVALID_ARGUMENT);
  auto zero = Make(kSealId, Op::kP256CheckPoint);
  EXPECT_EQ(zero.InBytes(ByteArray<64>{}).Send(cai_crypto_Serve),
            PSA_ERROR_INVALID_ARGUMENT);
}

// Every operation, every number of vectors, every size around its request's.
TEST_F(CryptoServer, MalformedRequests_AreRefused) {
  const std::vector<std::byte> junk(200, std::byte{0xA5});
  for (int op = 0; op < 256; ++op)
    for (std::int32_t client : {kNsId, kSealId})
      for (int ins = 0; ins <= 3; ++ins)
        for (int outs = 0; ins + outs <= 4; ++outs)
          for (std::size_t size :
               {0u, 3u, 4u, 8u, 12u, 24u, 28u, 32u, 64u, 68u, 160u}) {
            auto request = Make(client, static_cast<Op>(op));
            for (int i = 0; i < ins; ++i)
              request.InBytes(Bytes(junk).first(size));
            for (int i = 0; i < outs; ++i) request.Out(size);
            (void)Send(request);
          }
  EXPECT_EQ(Sign(kSealId, spm::kKeyCoseSign), PSA_SUCCESS);
  EXPECT_EQ(Sign(kNsId, spm::kKeyTlsClient), PSA_SUCCESS);
}

TEST_F(CryptoServer, AeadNonce_LongerThanTheRequestHolds_IsRefused) {
  AeadRequest request{};
  request.nonce_size = 17;
  auto call = Make(kNsId, Op::kAeadEncrypt);
  EXPECT_EQ(
      call.In(request).InBytes({}).InBytes({}).Out(16).Send(cai_crypto_Serve),
      PSA_ERROR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace cai::crypto_partition
