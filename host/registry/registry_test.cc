#include "host/registry/registry.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "host/common/keys.h"

namespace cai::registry {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kNowMs = kNow * 1000;

crypto::P256Public NewKey() {
  return *host::PublicOf(host::GenerateKey()->get());
}

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    char pattern[] = "/tmp/cai-registry-XXXXXX";
    folder_ = mkdtemp(pattern);
    registry_.emplace(*Registry::Open(folder_ / "registry.db"));
  }
  ~RegistryTest() override { host::fs::remove_all(folder_); }

  static Endorsement Sample(std::uint8_t tag) {
    Endorsement endorsement;
    endorsement.uuid.bytes.fill(std::byte(tag));
    endorsement.ueid.fill(std::byte(tag));
    endorsement.iak = NewKey();
    endorsement.board = "an521";
    endorsement.name = "device-" + std::to_string(tag);
    return endorsement;
  }

  CertificateRecord Certificate(const Uuid& uuid, std::string serial) {
    return {std::move(serial),
            uuid,
            Purpose::kTlsClient,
            Blob(10),
            kNow,
            kNow + 100,
            true,
            false};
  }

  host::fs::path folder_;
  std::optional<Registry> registry_;
};

TEST_F(RegistryTest, Endorse_IsFoundAgainWhole) {
  const Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());

  const auto device = registry_->Find(sample.uuid);

  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device->endorsement.iak, sample.iak);
  EXPECT_EQ(device->endorsement.ueid, sample.ueid);
  EXPECT_EQ(device->endorsement.name, "device-1");
  EXPECT_EQ(device->status, DeviceStatus::kActive);
  EXPECT_FALSE(device->cose_sign.has_value());
  EXPECT_EQ(registry_->FindByName("device-1")->endorsement.uuid, sample.uuid);
}

TEST_F(RegistryTest, Endorse_AgainIsFineAndAnotherIsAConflict) {
  Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());
  EXPECT_TRUE(registry_->Endorse(sample, kNow).ok());

  sample.iak = NewKey();
  EXPECT_EQ(registry_->Endorse(sample, kNow).error().error,
            Error::kRegistryConflict);
  Endorsement other = Sample(2);
  other.name = "device-1";
  EXPECT_EQ(registry_->Endorse(other, kNow).error().error,
            Error::kRegistryConflict);
}

TEST_F(RegistryTest, Replace_DropsThePinAndRevokesCertificates) {
  Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());
  ASSERT_TRUE(registry_->PinCoseSign(sample.uuid, NewKey(), true).ok());
  ASSERT_TRUE(registry_->Record(Certificate(sample.uuid, "77")).ok());

  sample.iak = NewKey();
  ASSERT_TRUE(registry_->Endorse(sample, kNow, true).ok());

  EXPECT_FALSE(registry_->Find(sample.uuid)->cose_sign.has_value());
  EXPECT_FALSE(registry_->Certificate("77")->valid);
}

TEST_F(RegistryTest, Replace_TakesTheNameFromALostDevice) {
  const Endorsement lost = Sample(1);
  ASSERT_TRUE(registry_->Endorse(lost, kNow).ok());
  ASSERT_TRUE(registry_->Record(Certificate(lost.uuid, "77")).ok());
  Endorsement next = Sample(2);
  next.name = lost.name;

  ASSERT_TRUE(registry_->Endorse(next, kNow, true).ok());

  EXPECT_EQ(registry_->FindByName(lost.name)->endorsement.uuid, next.uuid);
  EXPECT_EQ(registry_->Find(lost.uuid)->status, DeviceStatus::kUnenrolled);
  EXPECT_FALSE(registry_->Certificate("77")->valid);
}

TEST_F(RegistryTest, Find_RefusesAnUnknownDevice) {
  EXPECT_EQ(registry_->Find(Uuid()).error().error,
            Error::kRegistryUnknownDevice);
  EXPECT_EQ(
      registry_->SetStatus(Uuid(), DeviceStatus::kSuspended).error().error,
      Error::kRegistryUnknownDevice);
}

TEST_F(RegistryTest, Pin_RefusesAnotherKeyUnlessItIsTheFirstAttestedOne) {
  const Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());
  const auto first = NewKey(), second = NewKey(), third = NewKey();

  EXPECT_TRUE(registry_->PinCoseSign(sample.uuid, first, false).ok());
  EXPECT_TRUE(registry_->PinCoseSign(sample.uuid, first, false).ok());
  EXPECT_EQ(registry_->PinCoseSign(sample.uuid, second, false).error().error,
            Error::kRegistryKeyMismatch);
  EXPECT_TRUE(registry_->PinCoseSign(sample.uuid, second, true).ok());
  EXPECT_EQ(registry_->PinCoseSign(sample.uuid, third, true).error().error,
            Error::kRegistryKeyMismatch);
  EXPECT_EQ(registry_->PinCoseSign(sample.uuid, first, false).error().error,
            Error::kRegistryKeyMismatch);
  EXPECT_EQ(registry_->Find(sample.uuid)->cose_sign, second);
}

TEST_F(RegistryTest, Pin_OfTheSameKeyWithoutTokenStaysAttested) {
  const Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());
  const auto key = NewKey();
  ASSERT_TRUE(registry_->PinCoseSign(sample.uuid, key, true).ok());
  ASSERT_TRUE(registry_->PinCoseSign(sample.uuid, key, false).ok());
  EXPECT_TRUE(registry_->Find(sample.uuid)->cose_sign_attested);
}

TEST_F(RegistryTest, Certificates_AreRecordedFoundAndRevoked) {
  const Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());
  // Beyond 2^63: as a number it would not survive.
  const std::string serial = "18446744073709551617";
  ASSERT_TRUE(registry_->Record(Certificate(sample.uuid, serial)).ok());
  ASSERT_TRUE(registry_->Record(Certificate(sample.uuid, "007")).ok());

  EXPECT_TRUE(registry_->Certificate(serial)->valid);
  EXPECT_EQ(registry_->Certificate("7").error().error,
            Error::kRegistryUnknownSerial);
  EXPECT_EQ(registry_->Certificates(sample.uuid)->size(), 2u);
  ASSERT_TRUE(registry_->Revoke(serial).ok());
  EXPECT_FALSE(registry_->Certificate(serial)->valid);
  EXPECT_EQ(
      *registry_->LiveCertificates(sample.uuid, Purpose::kTlsClient, kNow), 1);
  EXPECT_EQ(*registry_->LiveCertificates(sample.uuid, Purpose::kTlsClient,
                                         kNow + 100),
            0);
  EXPECT_EQ(registry_->Record(Certificate(sample.uuid, "007")).error().error,
            Error::kHostExists);
}

TEST_F(RegistryTest, Record_RefusesACertificateOfNobody) {
  EXPECT_FALSE(registry_->Record(Certificate(Uuid(), "1")).ok());
}

TEST_F(RegistryTest, EnrolNonce_ServesOnce) {
  const auto nonce =
      registry_->IssueNonce(NoncePurpose::kEnrol, std::nullopt, kNowMs);
  ASSERT_TRUE(nonce.ok());
  const ByteArray<32> by{std::byte{1}};
  const auto spend = [&](std::int64_t at) {
    return registry_->SpendNonce(NoncePurpose::kEnrol, *nonce, std::nullopt, by,
                                 at);
  };

  EXPECT_EQ(*spend(kNowMs + 5), kNowMs);
  EXPECT_EQ(spend(kNowMs + 6).error().error, Error::kRegistryNonceSpent);
}

TEST_F(RegistryTest, Nonce_RefusesAStaleOne) {
  const auto nonce =
      registry_->IssueNonce(NoncePurpose::kEnrol, std::nullopt, kNowMs);
  const auto late =
      registry_->SpendNonce(NoncePurpose::kEnrol, *nonce, std::nullopt,
                            ByteArray<32>{}, kNowMs + kNonceTtlMs + 1);
  EXPECT_EQ(late.error().error, Error::kRegistryNonceExpired);
}

TEST_F(RegistryTest, TokenNonce_ServesItsDeviceItsPurposeAndItsToken) {
  const Uuid mine{ByteArray<16>{std::byte{1}}};
  const Uuid other{ByteArray<16>{std::byte{2}}};
  const ByteArray<32> token{std::byte{7}}, another{std::byte{8}};
  const Nonce nonce =
      *registry_->IssueNonce(NoncePurpose::kToken, mine, kNowMs);
  const auto spend = [&](NoncePurpose purpose, const Uuid& who, Bytes by) {
    return registry_->SpendNonce(purpose, nonce, who, by, kNowMs + 1);
  };

  EXPECT_EQ(spend(NoncePurpose::kToken, other, token).error().error,
            Error::kRegistryNonceUnknown);
  EXPECT_EQ(spend(NoncePurpose::kEnrol, mine, token).error().error,
            Error::kRegistryNonceUnknown);
  EXPECT_TRUE(spend(NoncePurpose::kToken, mine, token).ok());
  EXPECT_TRUE(spend(NoncePurpose::kToken, mine, token).ok());
  EXPECT_EQ(spend(NoncePurpose::kToken, mine, another).error().error,
            Error::kRegistryNonceSpent);
}

TEST_F(RegistryTest, Nonce_UnknownIsRefused) {
  const auto spent = registry_->SpendNonce(NoncePurpose::kEnrol, Nonce{},
                                           std::nullopt, Nonce{}, kNowMs);
  EXPECT_EQ(spent.error().error, Error::kRegistryNonceUnknown);
}

TEST_F(RegistryTest, Begin_RollsBackWhatWasNotCommitted) {
  const Endorsement sample = Sample(1);
  ASSERT_TRUE(registry_->Endorse(sample, kNow).ok());
  {
    const auto transaction = registry_->Begin();
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(registry_->Record(Certificate(sample.uuid, "5")).ok());
  }
  EXPECT_FALSE(registry_->Certificate("5").ok());
}

TEST_F(RegistryTest, Open_RefusesAFileThatIsNoDatabase) {
  const auto path = folder_ / "broken.db";
  ASSERT_TRUE(host::WriteFile(path, std::string(4096, 'x')).ok());
  const auto opened = Registry::Open(path);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().error, Error::kHostDamaged);
  EXPECT_FALSE(opened.error().hint.empty());
}

TEST_F(RegistryTest, File_IsReadableByItsOwnerAlone) {
  const auto mode = host::fs::status(folder_ / "registry.db").permissions();
  EXPECT_EQ(mode, host::fs::perms::owner_read | host::fs::perms::owner_write);
}

}  // namespace
}  // namespace cai::registry
