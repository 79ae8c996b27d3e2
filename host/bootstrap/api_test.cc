#include "host/bootstrap/api.h"

#include <gtest/gtest.h>

#include "host/bootstrap/body.h"
#include "host/common/json.h"
#include "lib/cbor/reader.h"
#include "lib/eat/test_device.h"
#include "lib/x509/csr.h"

namespace cai::bootstrap {
namespace {

using host::Blob;
namespace fs = host::fs;

constexpr std::int64_t kNowMs = 1'800'000'000'000;
constexpr const char* kUuid = "396c7a48-a1a6-4682-ba36-70d13f3b8902";
constexpr const char* kCbor = "application/cbor";
constexpr const char* kJson = "application/json";

std::string Text(Bytes bytes) { return std::string(AsText(bytes)); }

// A file of the captured bytes, if this machine has them.
std::optional<std::string> Fixture(const char* name) {
  const auto text =
      host::ReadText(fs::path("../shared/fixtures/lite-bootstrap") / name);
  if (!text.ok()) return std::nullopt;
  return *text;
}

// ---- Bodies, byte for byte -------------------------------------------------

TEST(Body, Cbor_MatchesLite) {
  EXPECT_EQ(host::Hex(AsBytes(CborStatus(true))), "a10101");
  EXPECT_EQ(host::Hex(AsBytes(CborSerials({}))), "a2010002f6");
  EXPECT_EQ(host::Hex(AsBytes(CborBroker("myhub", 8883))),
            "a201656d79687562021922b3");
  EXPECT_EQ(host::Hex(AsBytes(CborSerials({"1795407983016607382"}))),
            "a2010102811b18ea920c4e9afe96");
  EXPECT_EQ(host::Hex(AsBytes(CborCertificate(Blob(3)))), "a201000243000000");
}

TEST(Body, Json_MatchesLite) {
  EXPECT_EQ(JsonStatus(true), "{\"Status\":1}\n");
  EXPECT_EQ(JsonSerials({}), "{\"Status\":0,\"Serials\":null}\n");
  EXPECT_EQ(JsonSerials({"1", "18446744073709551617"}),
            "{\"Status\":1,\"Serials\":[1,18446744073709551617]}\n");
  EXPECT_EQ(JsonBroker("myhub", 8883),
            "{\"Hubname\":\"myhub\",\"Port\":8883}\n");
  EXPECT_EQ(JsonCertificate(AsBytes("abcd")),
            "{\"Status\":0,\"Cert\":\"YWJjZA==\"}\n");
  EXPECT_EQ(JsonPem("a\nb\n"), "{\"Status\":0,\"Cert\":\"a\\nb\\n\"}\n");
}

TEST(Body, Cbor_MatchesTheCapturedBytes) {
  if (!Fixture("cs.cbor")) GTEST_SKIP() << "no captured bytes here";
  EXPECT_EQ(CborStatus(true), *Fixture("cs.cbor"));
  EXPECT_EQ(CborSerials({}), *Fixture("ds0.cbor"));
  EXPECT_EQ(CborBroker("myhub", 8883), *Fixture("ccs.cbor"));
  EXPECT_EQ(CborSerials({"1795407983016607382", "1795407983091065460",
                         "1795407983236248250", "1795407984820587291",
                         "1795407986316515052"}),
            *Fixture("ds.cbor"));
  const std::string response = *Fixture("cr_response.cbor");
  EXPECT_EQ(CborCertificate(AsBytes(response).subspan(7)), response);
}

TEST(Body, Request_ReadsTheCapturedOne) {
  const auto captured = Fixture("cr_request.cbor");
  if (!captured) GTEST_SKIP() << "no captured bytes here";
  const auto request = ParseCborRequest(AsBytes(*captured));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->csr.size(), 274u);
  const auto csr = x509::ParseCsr(request->csr);
  ASSERT_TRUE(csr.ok());
  EXPECT_TRUE(csr->VerifyProofOfPossession().ok());
  EXPECT_EQ(csr->subject.unit, "Signing");
}

TEST(Body, Request_TakesTheTwoArraysAndNothingElse) {
  const auto parse = [](const char* hex) {
    return ParseCborRequest(*host::FromHex(hex));
  };
  EXPECT_TRUE(parse("814100").ok());
  const auto attested = parse("8341004101420203");
  ASSERT_TRUE(attested.ok());
  EXPECT_EQ(host::Hex(attested->key_token), "01");
  EXPECT_EQ(host::Hex(attested->nonce), "0203");
  for (const char* bad :
       {"", "80", "8241004100", "844100410041004100", "a1014100", "814100ff",
        "8100", "83410040420203", "834100410140", "9f4100ff", "8142"})
    EXPECT_FALSE(parse(bad).ok()) << bad;
}

TEST(Body, Request_ReadsJsonInAnyCase) {
  const auto parse = [](const char* text) {
    return ParseJsonRequest(AsBytes(text));
  };
  EXPECT_EQ(Text(parse("{\"csr\":\"YWJj\",\"x\":[1]}")->csr), "abc");
  EXPECT_EQ(Text(parse("{\"CSR\":\"YWJj\"}")->csr), "abc");
  EXPECT_TRUE(parse("{}")->csr.empty());
  for (const char* bad : {"", "[]", "{\"CSR\":1}", "{\"CSR\":\"YW\"}",
                          "{\"CSR\":\"YWJj\"", "nonsense"})
    EXPECT_FALSE(parse(bad).ok()) << bad;
}

// ---- Endpoints -------------------------------------------------------------

class ApiTest : public testing::Test {
 protected:
  ApiTest() : state_(Folder()), uuid_(*host::ParseUuid(kUuid)) {
    EXPECT_TRUE(ca::Authority::Init(state_, kNowMs / 1000).ok());
    auto registry = *registry::Registry::Open(state_.registry_db());
    registry::Endorsement endorsement;
    endorsement.uuid = uuid_;
    endorsement.ueid = device_.ueid;
    endorsement.implementation_id = device_.implementation;
    endorsement.iak = device_.iak.public_key();
    endorsement.name = "one";
    EXPECT_TRUE(registry.Endorse(endorsement, 0).ok());
    Make(Config{"broker.cai.local", 8883, true}, std::move(registry));
    class_.units = {std::string(ca::kBootstrapUnit)};
  }
  ~ApiTest() override { fs::remove_all(state_.root()); }

  static fs::path Folder() {
    char pattern[] = "/tmp/cai-api-XXXXXX";
    return mkdtemp(pattern);
  }
  void Make(Config config, registry::Registry registry) {
    api_.emplace(std::move(config), *ca::Authority::Open(state_),
                 std::move(registry));
  }
  Blob Csr(std::string_view unit, const eat::TestKey& key) {
    ByteArray<x509::kMaxRequestInfo> info;
    ByteArray<x509::kMaxCsr> out;
    const auto encoded = *x509::EncodeRequestInfo(
        {x509::kOrganization, kUuid, unit}, key.public_key(), info);
    request_digest_ = crypto::Sha256::Of(encoded);
    const auto signature = *crypto::SignHash(key.get(), request_digest_);
    return host::ToBlob(*x509::EncodeCsr(encoded, signature, out));
  }
  Blob TlsCsr() { return Csr(x509::kUnitTlsClient, tls_); }

  HttpResponse Send(const char* method, std::string path, const char* type,
                    std::string body = {}) {
    HttpRequest request;
    request.method = method;
    request.path = std::move(path);
    request.content_type = type;
    request.body = std::move(body);
    request.peer = peer_ ? *peer_ : class_;
    return api_->Handle(request, kNowMs);
  }
  HttpResponse Get(std::string path, const char* type = kJson) {
    return Send("GET", std::move(path), type);
  }
  static std::string CborBody(const Blob& csr) {
    return Text(*host::FromHex("8159" + Length(csr))) + Text(csr);
  }
  static std::string Length(const Blob& csr) {
    return host::Hex(BigEndian(static_cast<std::uint16_t>(csr.size())));
  }
  // The serial of a certificate that was just issued.
  std::string Issue() {
    const auto response = Send("POST", "/api/v1/cr", kCbor, CborBody(TlsCsr()));
    EXPECT_EQ(response.status, 200) << response.body;
    cbor::Reader reader(AsBytes(response.body).subspan(4));
    const auto certificate = host::ParseCertificate(*reader.Bstr());
    peer_serial_ = host::SerialText(certificate->get());
    return peer_serial_;
  }

  host::State state_;
  host::Uuid uuid_;
  eat::TestDevice device_;
  eat::TestKey tls_{0x77};
  host::TlsPeer class_;
  std::optional<host::TlsPeer> peer_;
  std::optional<Api> api_;
  crypto::Digest request_digest_{};
  std::string peer_serial_;
};

// LITE's client would store what parses as {1: uint, 2: bstr}.
bool LooksLikeACertificate(const std::string& body) {
  cbor::Reader reader(AsBytes(body), cbor::Mode::kLenient);
  return reader.Map().ok() && reader.Uint().ok() && reader.Uint().ok() &&
         reader.Uint().ok() && reader.Bstr().ok();
}

TEST_F(ApiTest, Enrol_AnswersInTheFormOfTheRequest) {
  const auto cbor = Send("POST", "/api/v1/cr", kCbor, CborBody(TlsCsr()));
  EXPECT_EQ(cbor.status, 200);
  EXPECT_EQ(cbor.content_type, kCbor);
  EXPECT_EQ(host::Hex(AsBytes(cbor.body).first(5)), "a201000259");
  EXPECT_TRUE(LooksLikeACertificate(cbor.body));
  // Status line and header take less than 250 bytes.
  EXPECT_LE(cbor.body.size() + 250, kMaxResponse);

  for (const char* type : {kJson, ""}) {
    const auto json = Send("POST", "/api/v1/cr", type,
                           "{\"CSR\":\"" + host::Base64(TlsCsr()) + "\"}");
    EXPECT_EQ(json.status, 200);
    EXPECT_EQ(json.content_type, kJson);
    EXPECT_TRUE(json.body.starts_with("{\"Status\":0,\"Cert\":\"MII"));
    EXPECT_TRUE(json.body.ends_with("\"}\n"));
  }
}

TEST_F(ApiTest, Enrol_RefusesInLitesWords) {
  const auto body = [&](const char* type, std::string text) {
    return Send("POST", "/api/v1/cr", type, std::move(text));
  };
  auto response = body("text/plain", "");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            "{\"error\": \"Bad request: Content-Type must be application/cbor "
            "or application/json\"}");
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(body("application/json; charset=utf-8", "{}").status, 400);

  response = body(kCbor, "garbage");
  EXPECT_EQ(response.body,
            "{\"error\": \"Bad request: POST data did not match specified "
            "Content-Type\"}");
  EXPECT_EQ(response.content_type, kCbor);
  response = body(kJson, "{}");
  EXPECT_EQ(response.body, "err: asn1: syntax error: sequence truncated");
  EXPECT_EQ(response.content_type, kJson);
}

TEST_F(ApiTest, Enrol_RefusesOtherKeysInLitesWords) {
  const auto refuse = [&](EVP_PKEY* key) {
    X509_REQ* csr = X509_REQ_new();
    X509_REQ_set_pubkey(csr, key);
    X509_REQ_sign(csr, key,
                  EVP_PKEY_is_a(key, "ED25519") ? nullptr : EVP_sha256());
    Blob der(static_cast<std::size_t>(i2d_X509_REQ(csr, nullptr)));
    unsigned char* at = AsU8(MutableBytes(der));
    i2d_X509_REQ(csr, &at);
    X509_REQ_free(csr);
    EVP_PKEY_free(key);
    const auto response = Send("POST", "/api/v1/cr", kCbor, CborBody(der));
    EXPECT_EQ(response.status, 400);
    return response.body;
  };
  EXPECT_EQ(refuse(EVP_RSA_gen(2048)), "err: Expecting ECDSA key on CSR");
  EXPECT_EQ(refuse(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")),
            "err: Expecting ECDSA key on CSR");
  EXPECT_EQ(refuse(EVP_EC_gen("secp256k1")),
            "err: x509: unsupported elliptic curve");
  EXPECT_EQ(refuse(EVP_EC_gen("P-384")),
            "err: x509: unsupported elliptic curve");
}

TEST_F(ApiTest, Enrol_NoRefusalParsesAsACertificate) {
  Blob flipped = TlsCsr();
  flipped.back() ^= std::byte{1};
  for (const std::string& body :
       {std::string(), std::string("garbage"), CborBody(flipped),
        CborBody(Csr(ca::kBootstrapUnit, tls_)), CborBody(Csr("", tls_))}) {
    const auto response = Send("POST", "/api/v1/cr", kCbor, body);
    EXPECT_EQ(response.status, 400);
    EXPECT_FALSE(LooksLikeACertificate(response.body));
  }
  EXPECT_NE(Get("/healthz").body.find("\"CaCsrUnit\":2"), std::string::npos)
      << Get("/healthz").body;
}

TEST_F(ApiTest, Enrol_AttestedByANonceOfThisServer) {
  const auto asked = Get("/api/v1/nonce", kCbor);
  ASSERT_EQ(asked.body.size(), 36u);
  CopyInto(device_.nonce, AsBytes(asked.body).subspan(4));
  const Blob csr = Csr(x509::kUnitCoseSign, device_.cose_sign);
  device_.request = request_digest_;
  const Blob token = device_.KeyToken();
  const std::string body = "\x83" + CborBody(csr).substr(1) +
                           Text(*host::FromHex("59" + Length(token))) +
                           Text(token) + Text(*host::FromHex("5820")) +
                           Text(device_.nonce);

  const auto response = Send("POST", "/api/v1/cr", kCbor, body);

  ASSERT_EQ(response.status, 200) << response.body;
  auto registry = *registry::Registry::Open(state_.registry_db());
  EXPECT_TRUE(registry.Find(uuid_)->cose_sign_attested);
  EXPECT_EQ(Send("POST", "/api/v1/cr", kCbor, body).status, 400);
}

TEST_F(ApiTest, Status_OfACertificateAndADevice) {
  EXPECT_EQ(Get("/api/v1/ds/" + std::string(kUuid)).body,
            "{\"Status\":0,\"Serials\":null}\n");
  const std::string serial = Issue();
  EXPECT_EQ(Get("/api/v1/cs/" + serial).body, "{\"Status\":1}\n");
  EXPECT_EQ(Get("/api/v1/cs/" + serial, kCbor).body, "\xa1\x01\x01");
  EXPECT_EQ(Get("/api/v1/ds/" + std::string(kUuid)).body,
            "{\"Status\":1,\"Serials\":[" + serial + "]}\n");
  EXPECT_EQ(Get("/api/v1/ds/urn:uuid:" + std::string(kUuid)).body,
            "{\"Status\":1,\"Serials\":[" + serial + "]}\n");
  EXPECT_TRUE(
      Get("/api/v1/cc/" + serial)
          .body.starts_with(
              "{\"Status\":0,\"Cert\":\"-----BEGIN CERTIFICATE-----\\n"));

  auto registry = *registry::Registry::Open(state_.registry_db());
  ASSERT_TRUE(registry.Revoke(serial).ok());
  EXPECT_EQ(Get("/api/v1/cs/" + serial).body, "{\"Status\":0}\n");
  EXPECT_EQ(Get("/api/v1/cc/" + serial).body,
            "{\"error\": \"invalid serial number\"}");
}

TEST_F(ApiTest, Status_RefusesInLitesWords) {
  EXPECT_EQ(Get("/api/v1/cs/12").body,
            "{\"error\": \"invalid serial number\"}");
  EXPECT_EQ(Get("/api/v1/cs/abc").body, "{\"error\": \"invalid request\"}");
  EXPECT_EQ(Get("/api/v1/ds/abc").body, "{\"error\": \"need a valid UUID\"}");
  const auto type = Get("/api/v1/cs/12", "text/html");
  EXPECT_EQ(type.body,
            "{\"error\": \"bad request: Content-Type must be application/cbor "
            "or application/json\"}");
  EXPECT_EQ(type.content_type, "text/plain; charset=utf-8");
}

TEST_F(ApiTest, Reads_AreClosedToTheClassUnlessOpened) {
  const std::string serial = Issue();
  Make(Config{"broker.cai.local", 8883, false},
       *registry::Registry::Open(state_.registry_db()));
  EXPECT_EQ(Get("/api/v1/cs/" + serial).status, 400);
  EXPECT_EQ(Get("/api/v1/cc/" + serial).status, 400);
  EXPECT_EQ(Get("/api/v1/ds/" + std::string(kUuid)).body,
            "{\"Status\":0,\"Serials\":null}\n");
  EXPECT_EQ(Get("/api/v1/ccs").status, 200);

  // The device itself may.
  peer_ = host::TlsPeer{kUuid, {"Device Client TLS"}, serial, ""};
  EXPECT_EQ(Get("/api/v1/cs/" + serial).body, "{\"Status\":1}\n");
  peer_->common_name = "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(Get("/api/v1/cs/" + serial).status, 400);
}

TEST_F(ApiTest, Routes_AnswerAsLite) {
  EXPECT_EQ(Get("/").body, "Linaro CA HTTP server\n");
  EXPECT_EQ(Get("/nowhere").body, "404 page not found\n");
  EXPECT_EQ(Get("/api/v1/").status, 404);
  EXPECT_EQ(Get("/api/v1/cs/").status, 404);
  EXPECT_EQ(Get("/api/v1/cs/1/2").status, 404);
  EXPECT_EQ(Get("/api/v1x").status, 404);
  EXPECT_EQ(Get("/api/v1").body, "{\"message\": \"endpoint not found\"}");
  const auto method = Get("/api/v1/cr");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.body, "");
  EXPECT_EQ(Send("POST", "/api/v1/ccs", kJson).status, 405);
  EXPECT_EQ(Get("/api/v1/ccs").body,
            "{\"Hubname\":\"broker.cai.local\",\"Port\":8883}\n");
}

TEST_F(ApiTest, Accepts_TheClassAndLiveDevicesAlone) {
  EXPECT_TRUE(api_->Accepts(class_));
  EXPECT_FALSE(api_->Accepts({}));
  host::TlsPeer two = class_;
  two.units.push_back("more");
  EXPECT_FALSE(api_->Accepts(two));

  const host::TlsPeer device{kUuid, {"Device Client TLS"}, Issue(), ""};
  EXPECT_TRUE(api_->Accepts(device));
  host::TlsPeer other = device;
  other.serial = "1";
  EXPECT_FALSE(api_->Accepts(other));
  other = device;
  other.common_name = "00000000-0000-4000-8000-000000000000";
  EXPECT_FALSE(api_->Accepts(other));
  other = device;
  other.units = {"Device COSE SIGN/Encrypt"};
  EXPECT_FALSE(api_->Accepts(other));

  auto registry = *registry::Registry::Open(state_.registry_db());
  ASSERT_TRUE(registry.Revoke(device.serial).ok());
  EXPECT_FALSE(api_->Accepts(device));
}

}  // namespace
}  // namespace cai::bootstrap
