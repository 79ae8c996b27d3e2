#include "host/ca/enrol.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "lib/eat/test_device.h"
#include "lib/x509/certificate.h"
#include "lib/x509/csr.h"

namespace cai::ca {
namespace {

using host::State;
using host::Uuid;
using registry::Purpose;
namespace fs = host::fs;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kNowMs = kNow * 1000;
constexpr const char* kUuid = "396c7a48-a1a6-4682-ba36-70d13f3b8902";
const Requester kClass{true, ""};

class EnrolTest : public testing::Test {
 protected:
  EnrolTest() : state_(Folder()), uuid_(*host::ParseUuid(kUuid)) {
    EXPECT_TRUE(Authority::Init(state_, kNow).ok());
    authority_.emplace(*Authority::Open(state_));
    registry_.emplace(*registry::Registry::Open(state_.registry_db()));
    registry::Endorsement endorsement;
    endorsement.uuid = uuid_;
    endorsement.ueid = device_.ueid;
    endorsement.implementation_id = device_.implementation;
    endorsement.iak = device_.iak.public_key();
    endorsement.board = "an521";
    endorsement.name = "one";
    EXPECT_TRUE(registry_->Endorse(endorsement, kNow).ok());
  }
  ~EnrolTest() override { fs::remove_all(state_.root()); }

  static fs::path Folder() {
    char pattern[] = "/tmp/cai-enrol-XXXXXX";
    return mkdtemp(pattern);
  }

  static Blob Info(const x509::Name& name, const eat::TestKey& key) {
    ByteArray<x509::kMaxRequestInfo> out;
    return host::ToBlob(*x509::EncodeRequestInfo(name, key.public_key(), out));
  }
  static Blob Csr(const x509::Name& name, const eat::TestKey& key) {
    const Blob info = Info(name, key);
    const auto signature =
        crypto::SignHash(key.get(), crypto::Sha256::Of(info));
    ByteArray<x509::kMaxCsr> out;
    return host::ToBlob(*x509::EncodeCsr(info, *signature, out));
  }
  static x509::Name NameOf(std::string_view unit,
                           std::string_view common_name = kUuid) {
    return {x509::kOrganization, common_name, unit};
  }

  host::Outcome<registry::CertificateRecord> Try(
      const Blob& csr, const Requester& requester = kClass, Bytes token = {},
      Bytes nonce = {}) {
    return Enrol({csr, token, nonce}, requester, *authority_, *registry_,
                 kNowMs);
  }
  Error Refusal(const Blob& csr, const Requester& requester = kClass) {
    const auto result = Try(csr, requester);
    EXPECT_FALSE(result.ok());
    EXPECT_TRUE(registry_->Certificates(uuid_)->empty());
    return result.ok() ? Error{} : result.error().error;
  }

  // A key token for the COSE key's request under a fresh nonce, but for what
  // `alter` changes.
  Blob Token(const registry::Nonce& nonce,
             const eat::TestDevice::Alter<eat::KeyClaims>& alter = {}) {
    device_.nonce = nonce;
    device_.request = crypto::Sha256::Of(
        Info(NameOf(x509::kUnitCoseSign), device_.cose_sign));
    return device_.KeyToken(alter);
  }
  registry::Nonce NewNonce() {
    return *registry_->IssueNonce(registry::NoncePurpose::kEnrol, std::nullopt,
                                  kNowMs);
  }
  Blob CoseCsr() { return Csr(NameOf(x509::kUnitCoseSign), device_.cose_sign); }

  State state_;
  Uuid uuid_;
  eat::TestDevice device_;
  eat::TestKey tls_{0x77};
  std::optional<Authority> authority_;
  std::optional<registry::Registry> registry_;
};

TEST_F(EnrolTest, Issue_FollowsTheProfile) {
  const auto record = Try(Csr(NameOf(x509::kUnitTlsClient), tls_));
  ASSERT_TRUE(record.ok()) << record.error().Text();

  EXPECT_LE(record->der.size(), kMaxCertificate);
  const auto certificate = x509::ParseCertificate(record->der);
  ASSERT_TRUE(certificate.ok());
  EXPECT_EQ(certificate->not_before, kNow - 60);
  EXPECT_EQ(certificate->not_after, kNow + kDeviceLifetime);
  EXPECT_EQ(certificate->subject.common_name, kUuid);
  EXPECT_EQ(certificate->subject.unit, "Device Client TLS");
  EXPECT_EQ(certificate->key, tls_.public_key());
  EXPECT_LE(certificate->serial.size(), 8u);
  const auto root = host::PublicOf(X509_get0_pubkey(authority_->certificate()));
  EXPECT_TRUE(certificate->VerifySignature(*root).ok());
}

TEST_F(EnrolTest, Issue_OfTheLongestNamesStillFits) {
  const std::string organization(64, 'o');
  const auto record =
      Try(Csr({organization, kUuid, x509::kUnitCoseSign}, tls_));
  ASSERT_TRUE(record.ok());
  EXPECT_LE(record->der.size(), kMaxCertificate);
}

TEST_F(EnrolTest, Issue_IsRecordedAndNeverRepeatsASerial) {
  const Blob csr = Csr(NameOf(x509::kUnitTlsClient), tls_);
  const auto first = Try(csr), second = Try(csr);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->serial, second->serial);
  EXPECT_EQ(registry_->Certificate(first->serial)->der, first->der);
}

TEST_F(EnrolTest, Issue_KeysAreForOnePurpose) {
  const auto cose = host::ParseCertificate(Try(CoseCsr())->der);
  const auto tls =
      host::ParseCertificate(Try(Csr(NameOf(x509::kUnitTlsClient), tls_))->der);
  EXPECT_EQ(X509_check_purpose(tls->get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
  EXPECT_EQ(X509_check_purpose(tls->get(), X509_PURPOSE_SSL_SERVER, 0), 0);
  EXPECT_EQ(X509_check_purpose(cose->get(), X509_PURPOSE_SSL_CLIENT, 0), 0);
  EXPECT_EQ(X509_check_ca(tls->get()), 0);
}

TEST_F(EnrolTest, Refuses_AFlippedSignature) {
  Blob csr = Csr(NameOf(x509::kUnitTlsClient), tls_);
  csr.back() ^= std::byte{1};
  EXPECT_EQ(Refusal(csr), Error::kCaCsrBadSignature);
}

TEST_F(EnrolTest, Refuses_AnotherKeysSignature) {
  const Blob info = Info(NameOf(x509::kUnitTlsClient), tls_);
  const auto signature =
      crypto::SignHash(device_.other.get(), crypto::Sha256::Of(info));
  ByteArray<x509::kMaxCsr> out;
  EXPECT_EQ(Refusal(host::ToBlob(*x509::EncodeCsr(info, *signature, out))),
            Error::kCaCsrBadSignature);
}

TEST_F(EnrolTest, Refuses_TheBootstrapOu) {
  EXPECT_EQ(Refusal(Csr(NameOf(kBootstrapUnit), tls_)), Error::kCaCsrUnit);
}

TEST_F(EnrolTest, Refuses_NoOuAndAnUnknownOne) {
  EXPECT_EQ(Refusal(Csr(NameOf(""), tls_)), Error::kCaCsrUnit);
  EXPECT_EQ(Refusal(Csr(NameOf("Signing"), tls_)), Error::kCaCsrUnit);
}

TEST_F(EnrolTest, Refuses_ANameThatIsNoUuid) {
  EXPECT_EQ(Refusal(Csr(NameOf(x509::kUnitTlsClient, "cai-ingest"), tls_)),
            Error::kCaCsrSubject);
  std::string upper(kUuid);
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(Refusal(Csr(NameOf(x509::kUnitTlsClient, upper), tls_)),
            Error::kCaCsrSubject);
}

TEST_F(EnrolTest, Refuses_AnUnknownDevice) {
  EXPECT_EQ(Refusal(Csr(NameOf(x509::kUnitTlsClient,
                               "00000000-0000-4000-8000-000000000000"),
                        tls_)),
            Error::kRegistryUnknownDevice);
}

TEST_F(EnrolTest, Refuses_AnUnenrolledDevice) {
  ASSERT_TRUE(
      registry_->SetStatus(uuid_, registry::DeviceStatus::kUnenrolled).ok());
  EXPECT_EQ(Refusal(Csr(NameOf(x509::kUnitTlsClient), tls_)),
            Error::kRegistryUnenrolled);
}

TEST_F(EnrolTest, Refuses_ADeviceThatAsksForAnother) {
  const Blob csr = Csr(NameOf(x509::kUnitTlsClient), tls_);
  EXPECT_EQ(Refusal(csr, {false, "00000000-0000-4000-8000-000000000000"}),
            Error::kCaCsrSubject);
  EXPECT_TRUE(Try(csr, {false, kUuid}).ok());
}

TEST_F(EnrolTest, Refuses_EveryTruncationAndTrailingBytes) {
  const Blob csr = Csr(NameOf(x509::kUnitTlsClient), tls_);
  for (std::size_t size = 0; size < csr.size(); ++size)
    EXPECT_FALSE(Try(Blob(csr.begin(), csr.begin() + size)).ok()) << size;
  Blob longer = csr;
  longer.push_back(std::byte{0});
  EXPECT_EQ(Refusal(longer), Error::kCaCsrMalformed);
}

TEST_F(EnrolTest, Plain_PinsTheCoseKeyButNotAsAttested) {
  const auto record = Try(CoseCsr());
  ASSERT_TRUE(record.ok());
  EXPECT_FALSE(record->attested);
  EXPECT_EQ(record->purpose, Purpose::kCoseSign);
  const auto device = registry_->Find(uuid_);
  EXPECT_EQ(device->cose_sign, device_.cose_sign.public_key());
  EXPECT_FALSE(device->cose_sign_attested);
}

TEST_F(EnrolTest, Plain_RefusesASecondCoseKey) {
  ASSERT_TRUE(Try(CoseCsr()).ok());
  const auto second = Try(Csr(NameOf(x509::kUnitCoseSign), device_.other));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().error, Error::kRegistryKeyMismatch);
  EXPECT_EQ(registry_->Certificates(uuid_)->size(), 1u);
}

TEST_F(EnrolTest, Token_MakesTheKeyAttested) {
  const auto nonce = NewNonce();
  const auto record = Try(CoseCsr(), kClass, Token(nonce), nonce);
  ASSERT_TRUE(record.ok()) << record.error().Text();
  EXPECT_TRUE(record->attested);
  EXPECT_TRUE(registry_->Certificate(record->serial)->attested);
  EXPECT_TRUE(registry_->Find(uuid_)->cose_sign_attested);
}

TEST_F(EnrolTest, Token_NonceServesOnce) {
  const auto nonce = NewNonce();
  const Blob token = Token(nonce);
  ASSERT_TRUE(Try(CoseCsr(), kClass, token, nonce).ok());
  const auto again = Try(CoseCsr(), kClass, token, nonce);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().error, Error::kCaTokenMismatch);
}

TEST_F(EnrolTest, Token_OfAFailedAttemptLeavesNothingBehind) {
  const auto nonce = NewNonce();
  const Blob bad = Token(nonce, [&](eat::KeyClaims& claims) {
    claims.purpose = eat::kPurposeTlsClient;
  });
  EXPECT_FALSE(Try(CoseCsr(), kClass, bad, nonce).ok());
  EXPECT_FALSE(registry_->Find(uuid_)->cose_sign.has_value());
  EXPECT_TRUE(registry_->Certificates(uuid_)->empty());
  EXPECT_TRUE(Try(CoseCsr(), kClass, Token(nonce), nonce).ok());
}

// Each wrong by one thing; all look the same outside.
TEST_F(EnrolTest, Token_RefusesEachDefect) {
  const auto other_key = device_.other.public_key();
  const crypto::Digest other_digest = eat::TestDevice::Hash("another request");
  const ByteArray<32> other_nonce = eat::Filled<32>(9);
  const std::vector<eat::TestDevice::Alter<eat::KeyClaims>> defects = {
      [&](eat::KeyClaims& c) { c.confirmation = other_key; },
      [&](eat::KeyClaims& c) { c.request_digest = other_digest; },
      [&](eat::KeyClaims& c) { c.purpose = eat::kPurposeTlsClient; },
      [&](eat::KeyClaims& c) { c.nonce = other_nonce; },
  };
  for (std::size_t i = 0; i < defects.size(); ++i) {
    const auto nonce = NewNonce();
    const auto result = Try(CoseCsr(), kClass, Token(nonce, defects[i]), nonce);
    ASSERT_FALSE(result.ok()) << i;
    EXPECT_EQ(result.error().error, Error::kCaTokenMismatch) << i;
  }
}

TEST_F(EnrolTest, Token_RefusesANonceThatWasNeverIssued) {
  const registry::Nonce nonce = eat::Filled<32>(5);
  EXPECT_EQ(Try(CoseCsr(), kClass, Token(nonce), nonce).error().error,
            Error::kCaTokenMismatch);
}

TEST_F(EnrolTest, Token_RefusesAStaleNonce) {
  const auto nonce =
      *registry_->IssueNonce(registry::NoncePurpose::kEnrol, std::nullopt,
                             kNowMs - registry::kNonceTtlMs - 1);
  EXPECT_EQ(Try(CoseCsr(), kClass, Token(nonce), nonce).error().error,
            Error::kCaTokenMismatch);
}

TEST_F(EnrolTest, Token_RefusesATokenWithoutItsNonceAndTheReverse) {
  const auto nonce = NewNonce();
  EXPECT_EQ(Try(CoseCsr(), kClass, Token(nonce), {}).error().error,
            Error::kCaTokenMismatch);
  EXPECT_EQ(Try(CoseCsr(), kClass, {}, nonce).error().error,
            Error::kCaTokenMismatch);
}

TEST_F(EnrolTest, Token_CannotReplaceAnAttestedKey) {
  auto nonce = NewNonce();
  ASSERT_TRUE(Try(CoseCsr(), kClass, Token(nonce), nonce).ok());
  nonce = NewNonce();
  const Blob csr = Csr(NameOf(x509::kUnitCoseSign), device_.other);
  const crypto::Digest digest =
      crypto::Sha256::Of(Info(NameOf(x509::kUnitCoseSign), device_.other));
  const Blob token = Token(nonce, [&](eat::KeyClaims& claims) {
    claims.confirmation = device_.other.public_key();
    claims.request_digest = digest;
  });
  const auto result = Try(csr, kClass, token, nonce);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().error, Error::kRegistryKeyMismatch);
}

TEST_F(EnrolTest, Limit_GivesTheNewestCertificateAgain) {
  const Blob csr = Csr(NameOf(x509::kUnitTlsClient), tls_);
  std::string last;
  for (int i = 0; i < kMaxLiveCertificates; ++i) last = Try(csr)->serial;
  const auto again = Try(csr);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(registry_->Certificates(uuid_)->size(),
            std::size_t{kMaxLiveCertificates});
  EXPECT_EQ(Try(Csr(NameOf(x509::kUnitTlsClient), device_.other)).error().error,
            Error::kCaTooManyCertificates);
}

}  // namespace
}  // namespace cai::ca
