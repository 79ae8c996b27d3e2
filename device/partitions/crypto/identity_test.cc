#include "device/nv/flash.h"
#include "device/partitions/crypto/test_device.h"
#include "lib/crypto/hash.h"
#include "lib/keys/keys.h"
#include "lib/x509/csr.h"

namespace cai::crypto_partition {
namespace {

using spm::IdentityOp;
using spm::Purpose;

class Identity : public CryptoPartition {
 protected:
  void SetUp() override {
    scalar_.fill(std::byte{0x31});
    const auto root = crypto::ImportScalar(scalar_);
    ASSERT_TRUE(root.ok());
    root_ = *root;
    const auto key = crypto::PublicKey(root_);
    ASSERT_TRUE(key.ok());
    root_public_ = *key;
    bootstrap_scalar_.fill(std::byte{0x42});
    certificate_.assign(300, std::byte{0x30});
    boot_data_.service_roots[1] = crypto::Sha256::Of(root_public_.xy);
    CryptoPartition::SetUp();
  }
  void TearDown() override {
    CryptoPartition::TearDown();
    crypto::Release(root_);
  }

  wire::Configuration Configuration() {
    wire::Configuration c;
    c.bootstrap = {"bootstrap.cai.local", {}, 1443};
    c.broker = {"broker.cai.local", {}, 8883};
    c.ca_certificate = certificate_;
    c.interval_ms = 500;
    c.bootstrap_certificate = certificate_;
    c.bootstrap_scalar = bootstrap_scalar_;
    c.uuid.fill(std::byte{0xAB});
    c.issued_at = 1770000000;
    c.root = root_public_;
    return c;
  }

  std::vector<std::byte> Message(const wire::Configuration& configuration) {
    std::vector<std::byte> scratch(4096), out(4096);
    const auto message =
        wire::MakeConfiguration(configuration, root_, scratch, out);
    EXPECT_TRUE(message.ok());
    return {message->begin(), message->end()};
  }

  // As `cai device install` leaves it in NV.
  static void Install(const std::vector<std::byte>& message) {
    std::vector<std::byte> stored(4);
    for (int i = 0; i < 4; ++i)
      stored[i] = std::byte(message.size() >> (8 * i));
    stored.insert(stored.end(), message.begin(), message.end());
    ASSERT_TRUE(nv::Replace(nv::kConfig, stored).ok());
  }

  static psa_status_t GetConfig(std::vector<std::byte>& out) {
    auto request = Make(kNsId, IdentityOp::kConfig);
    const psa_status_t status = request.Out(4096).Send(cai_crypto_Serve);
    out = request.outputs[0];
    return status;
  }
  static bool HasEvent(events::EventId id) {
    return std::ranges::any_of(fake_spm::events(), [&](const auto& event) {
      return event.id == static_cast<std::uint16_t>(id);
    });
  }
  void ExpectRefused(const std::vector<std::byte>& message) {
    Install(message);
    Boot(2);
    std::vector<std::byte> out;
    EXPECT_EQ(GetConfig(out), PSA_ERROR_DOES_NOT_EXIST);
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(HasEvent(events::EventId::kCryptoBadConfiguration));
    auto sign = Make(kNsId, crypto_api::Op::kGetKeyAttributes);
    EXPECT_EQ(sign.In(crypto_api::KeyRequest{spm::kKeyBootstrap, 0})
                  .Out(sizeof(crypto_api::KeyAttributes))
                  .Send(cai_crypto_Serve),
              PSA_ERROR_INVALID_HANDLE);
  }

  ByteArray<32> scalar_, bootstrap_scalar_;
  crypto::P256Private root_;
  crypto::P256Public root_public_;
  std::vector<std::byte> certificate_;
};

TEST_F(Identity, Uuid_IsThatOfBoot) {
  auto request = Make(kNsId, IdentityOp::kUuid);
  ASSERT_EQ(request.Out(16).Out(33).Send(cai_crypto_Serve), PSA_SUCCESS);
  EXPECT_TRUE(Equal(request.outputs[0], boot_data_.uuid));
  EXPECT_TRUE(Equal(request.outputs[1], boot_data_.ueid));
}

TEST_F(Identity, Configuration_ComesOutWithoutItsSecret) {
  std::vector<std::byte> out;
  EXPECT_EQ(GetConfig(out), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_TRUE(HasEvent(events::EventId::kCryptoNoConfiguration));

  Install(Message(Configuration()));
  Boot(2);
  ASSERT_EQ(GetConfig(out), PSA_SUCCESS);
  EXPECT_EQ(std::ranges::search(out, bootstrap_scalar_).size(), 0u);
  const auto parsed = wire::ParseConfiguration(out);
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->bootstrap_scalar.empty());
  EXPECT_EQ(parsed->broker.host, "broker.cai.local");
  EXPECT_EQ(parsed->interval_ms, 500u);
  EXPECT_EQ(parsed->root, root_public_);
}

TEST_F(Identity, BootstrapKey_SignsForTheNonSecureSideAlone) {
  Install(Message(Configuration()));
  Boot(2);
  const auto bootstrap = crypto::ImportScalar(bootstrap_scalar_);
  ASSERT_TRUE(bootstrap.ok());
  const auto key = crypto::PublicKey(*bootstrap);
  ASSERT_TRUE(key.ok());
  const crypto::Digest hash = crypto::Sha256::Of(AsBytes("hello"));
  auto sign = Make(kNsId, crypto_api::Op::kSignHash);
  ASSERT_EQ(sign.In(crypto_api::KeyRequest{spm::kKeyBootstrap,
                                           PSA_ALG_ECDSA(PSA_ALG_SHA_256)})
                .InBytes(hash)
                .Out(64)
                .Send(cai_crypto_Serve),
            PSA_SUCCESS);
  EXPECT_TRUE(
      crypto::Verify(*key, hash, Bytes(sign.outputs[0]).first<64>()).ok());
  auto other = Make(kSealId, crypto_api::Op::kSignHash);
  EXPECT_EQ(other
                .In(crypto_api::KeyRequest{spm::kKeyBootstrap,
                                           PSA_ALG_ECDSA(PSA_ALG_SHA_256)})
                .InBytes(hash)
                .Out(64)
                .Send(cai_crypto_Serve),
            PSA_ERROR_INVALID_HANDLE);
  crypto::Release(*bootstrap);
}

TEST_F(Identity, Configuration_OfAnotherDevice_IsRefused) {
  auto c = Configuration();
  c.uuid[0] ^= std::byte{1};
  ExpectRefused(Message(c));
}

TEST_F(Identity, Configuration_OfAnUnknownRoot_IsRefused) {
  boot_data_.service_roots[1].fill(std::byte{9});
  ExpectRefused(Message(Configuration()));
}

// An unused OTP entry is zeros, and no hash is.
TEST_F(Identity, Configuration_WithNoRootInOtp_IsRefused) {
  boot_data_.service_roots[1].fill(std::byte{0});
  ExpectRefused(Message(Configuration()));
}

TEST_F(Identity, Configuration_WithAnyByteChanged_IsRefused) {
  const auto message = Message(Configuration());
  for (std::size_t i = 0; i < message.size(); i += 37) {
    auto changed = message;
    changed[i] ^= std::byte{1};
    ExpectRefused(changed);
  }
  auto changed = message;
  changed.back() ^= std::byte{1};
  ExpectRefused(changed);
  auto shorter = message;
  shorter.pop_back();
  ExpectRefused(shorter);
}

TEST_F(Identity, Configuration_LongerThanAnyCanBe_IsRefused) {
  std::vector<std::byte> message(wire::Configuration::kMaxEncoded + 1);
  ExpectRefused(message);
}

TEST_F(Identity, Csr_ProvesThatTheDeviceHasTheKey) {
  const struct {
    Purpose purpose;
    std::string_view unit;
  } cases[] = {{Purpose::kTlsClient, "Device Client TLS"},
               {Purpose::kCoseSign, "Device COSE SIGN/Encrypt"}};
  for (const auto& c : cases) {
    auto request = Make(kNsId, IdentityOp::kCsr);
    ASSERT_EQ(request.In(c.purpose).Out(512).Send(cai_crypto_Serve),
              PSA_SUCCESS);
    const auto csr = x509::ParseCsr(request.outputs[0]);
    ASSERT_TRUE(csr.ok());
    EXPECT_TRUE(csr->VerifyProofOfPossession().ok());
    EXPECT_EQ(csr->subject.unit, c.unit);
    EXPECT_EQ(csr->subject.common_name, "abababab-abab-abab-abab-abababababab");
    EXPECT_TRUE(
        Equal(csr->key.xy, PublicKey(static_cast<std::uint32_t>(c.purpose))));

    auto digest = Make(kAttestId, IdentityOp::kCriDigest);
    ASSERT_EQ(digest.In(c.purpose).Out(32).Out(64).Send(cai_crypto_Serve),
              PSA_SUCCESS);
    EXPECT_TRUE(Equal(digest.outputs[0], csr->InfoDigest()));
    EXPECT_TRUE(Equal(digest.outputs[1], csr->key.xy));
  }
}

TEST_F(Identity, Csr_ForTheAttestationKeyOrNothing_IsRefused) {
  for (std::uint32_t purpose : {0u, 3u, 4u, 0xffffffffu}) {
    auto csr = Make(kNsId, IdentityOp::kCsr);
    EXPECT_EQ(csr.In(purpose).Out(512).Send(cai_crypto_Serve),
              PSA_ERROR_PROGRAMMER_ERROR);
    auto digest = Make(kAttestId, IdentityOp::kCriDigest);
    EXPECT_EQ(digest.In(purpose).Out(32).Out(64).Send(cai_crypto_Serve),
              PSA_ERROR_PROGRAMMER_ERROR);
  }
}

TEST_F(Identity, EveryOutputTooShort_IsRefused) {
  for (std::size_t room = 0; room < 16; ++room) {
    auto request = Make(kNsId, IdentityOp::kUuid);
    EXPECT_EQ(request.Out(room).Out(33).Send(cai_crypto_Serve),
              PSA_ERROR_BUFFER_TOO_SMALL);
  }
  for (std::size_t room : {0u, 1u, 100u, 200u}) {
    auto request = Make(kNsId, IdentityOp::kCsr);
    EXPECT_EQ(request.In(Purpose::kTlsClient).Out(room).Send(cai_crypto_Serve),
              PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT_TRUE(request.outputs[0].empty());
  }
}

// The scalars are lib/keys', so `cai device make` knows the endorsement's key.
TEST_F(Identity, PublicKeys_AreThoseOfTheDerivedScalars) {
  const std::vector<std::byte> root(32, std::byte{0x77});
  const struct {
    std::string_view label;
    std::uint32_t purpose;
  } cases[] = {{keys::kTlsClient, 1}, {keys::kCoseSign, 2}, {keys::kIak, 3}};
  for (const auto& c : cases) {
    ByteArray<32> scalar;
    ASSERT_TRUE(keys::Scalar(root, c.label, 0, scalar).ok());
    const auto key = crypto::ImportScalar(scalar);
    ASSERT_TRUE(key.ok());
    const auto expected = crypto::PublicKey(*key);
    ASSERT_TRUE(expected.ok());
    EXPECT_TRUE(Equal(expected->xy, PublicKey(c.purpose))) << c.label;
    crypto::Release(*key);
  }
}

}  // namespace
}  // namespace cai::crypto_partition
