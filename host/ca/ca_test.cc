#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "host/ca/authority.h"
#include "host/ca/broker.h"
#include "host/ca/service.h"
#include "lib/crypto/hash.h"

namespace cai::ca {
namespace {

using host::State;
namespace fs = host::fs;

constexpr std::int64_t kNow = 1'800'000'000;

class CaTest : public testing::Test {
 protected:
  CaTest() : state_(Folder()) {}
  ~CaTest() override { fs::remove_all(state_.root()); }

  static fs::path Folder() {
    char pattern[] = "/tmp/cai-ca-XXXXXX";
    return mkdtemp(pattern);
  }
  std::string Read(const fs::path& path) { return *host::ReadText(path); }
  Error InitError(std::int64_t now = kNow) {
    const auto result = Authority::Init(state_, now);
    EXPECT_FALSE(result.ok());
    if (result.ok()) return {};
    EXPECT_FALSE(result.error().hint.empty());
    return result.error().error;
  }

  State state_;
};

bool Verifies(const X509* leaf, const X509* root, int purpose,
              std::int64_t at) {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, const_cast<X509*>(root));
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, const_cast<X509*>(leaf), nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), at);
  const bool good = X509_verify_cert(context) == 1;
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return good;
}

TEST_F(CaTest, Init_MakesServersAndClientsThatVerify) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const auto root = *host::ReadCertificate(state_.ca() / "ca.crt");
  const auto server = *host::ReadCertificate(BootstrapTls(state_).certificate);
  const auto ingest = *host::ReadCertificate(IngestTls(state_).certificate);

  EXPECT_TRUE(
      Verifies(server.get(), root.get(), X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_FALSE(
      Verifies(server.get(), root.get(), X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_TRUE(
      Verifies(ingest.get(), root.get(), X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_FALSE(Verifies(ingest.get(), root.get(), X509_PURPOSE_SSL_CLIENT,
                        kNow + kServerLifetime + 1));
  EXPECT_EQ(X509_check_host(server.get(), "bootstrap.cai.local", 0, 0, nullptr),
            1);
  EXPECT_EQ(X509_check_host(server.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(server.get(), "broker.cai.local", 0, 0, nullptr),
            0);
  EXPECT_EQ(host::PeerOf(ingest.get()).common_name, "cai-ingest");
}

TEST_F(CaTest, Init_GivesTheClassCredentialItsOu) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const auto credential =
      *host::ReadCertificate(BootstrapCredential(state_).certificate);
  const auto peer = host::PeerOf(credential.get());
  ASSERT_EQ(peer.units.size(), 1u);
  EXPECT_EQ(peer.units[0], "LinaroCA Bootstrap Cert");
}

TEST_F(CaTest, Init_AgainChangesNothing) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const std::string root = Read(state_.ca() / "ca.crt");
  const std::string server = Read(BrokerTls(state_).certificate);
  const std::string key = Read(BrokerTls(state_).key);

  ASSERT_TRUE(Authority::Init(state_, kNow + kDay).ok());

  EXPECT_EQ(Read(state_.ca() / "ca.crt"), root);
  EXPECT_EQ(Read(BrokerTls(state_).certificate), server);
  EXPECT_EQ(Read(BrokerTls(state_).key), key);
}

TEST_F(CaTest, Init_RenewsWhatIsAboutToExpire) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const std::string before = Read(BrokerTls(state_).certificate);
  const std::string key = Read(BrokerTls(state_).key);
  ASSERT_TRUE(Authority::Init(state_, kNow + kServerLifetime * 3 / 4).ok());
  EXPECT_NE(Read(BrokerTls(state_).certificate), before);
  EXPECT_EQ(Read(BrokerTls(state_).key), key);
}

TEST_F(CaTest, Init_ResumesAnInterruptedOne) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const std::string key = Read(IngestTls(state_).key);
  fs::remove(IngestTls(state_).certificate);
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  EXPECT_EQ(Read(IngestTls(state_).key), key);
  EXPECT_TRUE(fs::exists(IngestTls(state_).certificate));
}

TEST_F(CaTest, Init_SaysWhatIsDamaged) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  fs::remove(state_.ca() / "ca.key");
  EXPECT_EQ(InitError(), Error::kHostDamaged);
}

TEST_F(CaTest, Init_RefusesAKeyThatDoesNotFit) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const auto other = *host::GenerateKey();
  ASSERT_TRUE(host::WriteKey(BrokerTls(state_).key, other.get()).ok());
  EXPECT_EQ(InitError(), Error::kHostDamaged);
}

TEST_F(CaTest, Init_RefusesACertificateOfAnotherCa) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  fs::remove(state_.ca() / "ca.key");
  fs::remove(state_.ca() / "ca.crt");
  EXPECT_EQ(InitError(), Error::kHostDamaged);
}

TEST_F(CaTest, Init_RefusesGarbageInAFile) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  ASSERT_TRUE(host::WriteFile(state_.ca() / "ca.crt", "garbage").ok());
  EXPECT_EQ(InitError(), Error::kHostDamaged);
}

TEST_F(CaTest, Open_BeforeInitGivesAHint) {
  const auto authority = Authority::Open(state_);
  ASSERT_FALSE(authority.ok());
  EXPECT_EQ(authority.error().error, Error::kHostNotFound);
  EXPECT_NE(authority.error().hint.find("cai ca init"), std::string::npos);
}

TEST_F(CaTest, Keys_AreReadableByTheirOwnerAlone) {
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  for (const auto& entry : fs::recursive_directory_iterator(state_.root())) {
    if (entry.path().extension() != ".key") continue;
    EXPECT_EQ(entry.status().permissions() &
                  (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none)
        << entry.path();
  }
}

TEST_F(CaTest, TlsContexts_LoadAndRefuseAForeignKey) {
  ASSERT_TRUE(Authority::Init(state_, host::NowSeconds()).ok());
  EXPECT_TRUE(host::ServerTls(BootstrapTls(state_)).ok());
  host::TlsFiles files = BootstrapTls(state_);
  files.key = BrokerTls(state_).key;
  EXPECT_EQ(host::ServerTls(files).error().error, Error::kHostDamaged);
  files.key = state_.root() / "nowhere";
  EXPECT_EQ(host::ServerTls(files).error().error, Error::kHostNotFound);
}

// ---- Broker ----------------------------------------------------------------

TEST_F(CaTest, Broker_ConfigurationClosesTheDoor) {
  EXPECT_FALSE(WriteBrokerConfig(state_, 8883).ok());
  ASSERT_TRUE(Authority::Init(state_, kNow).ok());
  const auto path = WriteBrokerConfig(state_, 18883);
  ASSERT_TRUE(path.ok());
  const std::string text = Read(*path);
  for (const char* line :
       {"listener 18883 127.0.0.1\n", "require_certificate true\n",
        "use_identity_as_username true\n", "allow_anonymous false\n",
        "tls_version tlsv1.2\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
  EXPECT_NE(Read(state_.broker() / "acl").find("pattern readwrite cai/%u/#\n"),
            std::string::npos);
}

// ---- Service keys ----------------------------------------------------------

TEST_F(CaTest, Service_StatementIsWhatADeviceAccepts) {
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  const auto service = Service::Open(state_);
  ASSERT_TRUE(service.ok());
  const Blob message = *ServiceKeyMessage(state_);

  const ByteArray<32> hashes[] = {service->RootHash()};
  EXPECT_TRUE(wire::CheckRoot(service->root, hashes).ok());
  const auto key = wire::OpenServiceKey(message, service->root, service->svc);

  ASSERT_TRUE(key.ok()) << ErrorName(key.error());
  EXPECT_EQ(key->generation, 1u);
  EXPECT_EQ(key->min_generation, 1u);
  const auto encryption = *host::ReadKey(state_.service() / "enc-1.key");
  EXPECT_EQ(key->encryption, *host::PublicOf(encryption.get()));
  EXPECT_TRUE(key->Allows(wire::Suite::kChaCha20Poly1305));
}

TEST_F(CaTest, Service_InitAgainChangesNothing) {
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  const std::string toml = Read(state_.service() / "service.toml");
  const Blob message = *ServiceKeyMessage(state_);
  ASSERT_TRUE(Service::Init(state_, kNow + 1).ok());
  EXPECT_EQ(Read(state_.service() / "service.toml"), toml);
  EXPECT_EQ(*ServiceKeyMessage(state_), message);
}

TEST_F(CaTest, Rotate_KeepsTheOldKeyUntilItsSessionsAreOver) {
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  auto service = Service::Rotate(state_, kNow + 10, false);
  ASSERT_TRUE(service.ok());
  EXPECT_EQ(service->newest().number, 2u);
  EXPECT_EQ(service->min_generation, 1u);
  EXPECT_TRUE(fs::exists(state_.service() / "enc-1.key"));

  service = Service::Rotate(state_, kNow + 10 + kGenerationLinger - 1, false);
  EXPECT_TRUE(fs::exists(state_.service() / "enc-1.key"));
  service = Service::Rotate(state_, kNow + 10 + kGenerationLinger, false);
  ASSERT_TRUE(service.ok());
  EXPECT_FALSE(fs::exists(state_.service() / "enc-1.key"));
  EXPECT_TRUE(fs::exists(state_.service() / "enc-2.key"));
  EXPECT_FALSE(service->generations.front().live);
}

// protocol.md, 1.6: 26 hours after the next one was published, also if nobody
// rotates again.
TEST_F(CaTest, Expire_DestroysAKeyWhoseTimeIsOver) {
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  EXPECT_FALSE(*Service::Expire(state_, kNow + 100 * kGenerationLinger));
  ASSERT_TRUE(Service::Rotate(state_, kNow + 10, false).ok());
  EXPECT_FALSE(*Service::Expire(state_, kNow + 9 + kGenerationLinger));
  EXPECT_TRUE(Service::Open(state_)->generations[0].live);
  EXPECT_TRUE(*Service::Expire(state_, kNow + 10 + kGenerationLinger));
  const auto service = Service::Open(state_);
  EXPECT_FALSE(service->generations[0].live);
  EXPECT_TRUE(service->newest().live);
  EXPECT_FALSE(*Service::Expire(state_, kNow + 100 * kGenerationLinger));
}

TEST_F(CaTest, Rotate_RevokeEndsOlderSessionsAtOnce) {
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  const auto service = Service::Rotate(state_, kNow + 10, true);
  ASSERT_TRUE(service.ok());
  EXPECT_FALSE(fs::exists(state_.service() / "enc-1.key"));
  const auto key = wire::OpenServiceKey(*ServiceKeyMessage(state_),
                                        service->root, service->svc);
  EXPECT_EQ(key->min_generation, 2u);
}

TEST_F(CaTest, Service_SaysWhatIsDamaged) {
  EXPECT_EQ(Service::Open(state_).error().error, Error::kHostNotFound);
  ASSERT_TRUE(Service::Init(state_, kNow).ok());
  const auto file = state_.service() / "service.toml";
  for (const char* bad :
       {"", "svc = \"00\"", "not toml [", "svc = \"0011223344556677\""}) {
    ASSERT_TRUE(host::WriteFile(file, bad).ok());
    EXPECT_EQ(Service::Open(state_).error().error, Error::kHostDamaged) << bad;
  }
}

}  // namespace
}  // namespace cai::ca
