// Operations in progress: whose they are, of which kind, and what they keep.
#include "device/partitions/crypto/test_device.h"

namespace cai::crypto_partition {
namespace {

using crypto_api::AlgorithmRequest;
using crypto_api::Direction;
using crypto_api::HandleRequest;
using crypto_api::KeyAttributes;
using crypto_api::Op;
using crypto_api::SetupRequest;
using crypto_api::StepRequest;

constexpr psa_algorithm_t kHmac = PSA_ALG_HMAC(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kPrf = PSA_ALG_TLS12_PRF(PSA_ALG_SHA_256);

class Multipart : public CryptoPartition {
 protected:
  static std::uint32_t Number(const fake_spm::Request& request) {
    std::uint32_t value = 0;
    EXPECT_EQ(request.outputs[0].size(), sizeof(value));
    std::memcpy(&value, request.outputs[0].data(), sizeof(value));
    return value;
  }
  static std::uint32_t Key(std::int32_t client, psa_key_type_t type,
                           std::uint32_t usage, psa_algorithm_t algorithm) {
    auto request = Make(client, Op::kImportKey);
    EXPECT_EQ(request
                  .In(KeyAttributes{.type = type,
                                    .bits = 0,
                                    .lifetime = 0,
                                    .usage = usage,
                                    .algorithm = algorithm,
                                    .key = 0})
                  .InBytes(ByteArray<16>{})
                  .Out(4)
                  .Send(cai_crypto_Serve),
              PSA_SUCCESS);
    return Number(request);
  }
  static psa_status_t Setup(std::int32_t client, Op op, std::uint32_t key,
                            psa_algorithm_t algorithm, std::uint32_t& handle) {
    auto request = Make(client, op);
    if (op == Op::kDerivationSetup) {
      request.In(AlgorithmRequest{algorithm});
    } else {
      request.In(SetupRequest{key, algorithm, Direction::kForward});
    }
    const psa_status_t status = request.Out(4).Send(cai_crypto_Serve);
    handle = status == PSA_SUCCESS ? Number(request) : 0;
    return status;
  }
  static psa_status_t Feed(std::int32_t client, Op op, std::uint32_t handle) {
    auto request = Make(client, op);
    return request.In(HandleRequest{handle})
        .InBytes(ByteArray<12>{})
        .Send(cai_crypto_Serve);
  }
  static psa_status_t Input(std::uint32_t handle, std::size_t size) {
    auto request = Make(kNsId, Op::kDerivationInputBytes);
    return request.In(StepRequest{handle, PSA_KEY_DERIVATION_INPUT_SEED, 0})
        .InBytes(std::vector<std::byte>(size))
        .Send(cai_crypto_Serve);
  }
};

TEST_F(Multipart, Handles_AreTheirClientsAndTheirKindsAlone) {
  const auto key =
      Key(kNsId, PSA_KEY_TYPE_HMAC, PSA_KEY_USAGE_SIGN_MESSAGE, kHmac);
  std::uint32_t mac = 0;
  ASSERT_EQ(Setup(kNsId, Op::kMacSetup, key, kHmac, mac), PSA_SUCCESS);
  for (const std::int32_t other : {kAttestId, kSealId, kInferId})
    EXPECT_EQ(Feed(other, Op::kMacUpdate, mac), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(Feed(kNsId, Op::kAeadUpdateAd, mac), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(Feed(kNsId, Op::kAeadSetNonce, mac), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(Feed(kNsId, Op::kDerivationVerifyBytes, mac), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(Feed(kNsId, Op::kMacUpdate, mac), PSA_SUCCESS);

  // Another's key does not even begin one.
  std::uint32_t handle = 0;
  EXPECT_EQ(Setup(kSealId, Op::kMacSetup, key, kHmac, handle),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(Setup(kNsId, Op::kMacSetup, spm::kKeyIak, kHmac, handle),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(
      Setup(kNsId, Op::kAeadSetup, spm::kKeyTlsClient, PSA_ALG_GCM, handle),
      PSA_ERROR_NOT_PERMITTED);
}

TEST_F(Multipart, OfTheNonSecureSide_LeaveOneToThePartitions) {
  const auto key =
      Key(kNsId, PSA_KEY_TYPE_AES, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
  std::uint32_t handle = 0;
  int opened = 0;
  while (opened < 20 &&
         Setup(kNsId, Op::kAeadSetup, key, PSA_ALG_GCM, handle) == PSA_SUCCESS)
    ++opened;
  EXPECT_EQ(opened, 4);
  const auto own =
      Key(kSealId, PSA_KEY_TYPE_AES, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
  EXPECT_EQ(Setup(kSealId, Op::kAeadSetup, own, PSA_ALG_GCM, handle),
            PSA_SUCCESS);
}

TEST_F(Multipart, Derivations_KeepSoMuchAndNoMore) {
  std::uint32_t handles[2], third = 0;
  for (std::uint32_t& handle : handles)
    ASSERT_EQ(Setup(kNsId, Op::kDerivationSetup, 0, kPrf, handle), PSA_SUCCESS);
  EXPECT_EQ(Setup(kNsId, Op::kDerivationSetup, 0, kPrf, third),
            PSA_ERROR_INSUFFICIENT_MEMORY);
  for (std::uint32_t handle : handles) {
    EXPECT_EQ(Input(handle, 641), PSA_ERROR_INSUFFICIENT_MEMORY);
    EXPECT_EQ(Input(handle, 640), PSA_SUCCESS);
    EXPECT_EQ(Input(handle, 1), PSA_ERROR_INSUFFICIENT_MEMORY);
  }
  // A slot that was used before starts with nothing kept.
  auto abort = Make(kNsId, Op::kDerivationAbort);
  EXPECT_EQ(abort.In(HandleRequest{handles[0]}).Send(cai_crypto_Serve),
            PSA_SUCCESS);
  ASSERT_EQ(Setup(kNsId, Op::kDerivationSetup, 0, kPrf, third), PSA_SUCCESS);
  EXPECT_EQ(Input(third, 640), PSA_SUCCESS);
}

}  // namespace
}  // namespace cai::crypto_partition
