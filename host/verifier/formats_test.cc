// Policies, reference values, keys and the JSON of claims, from their files.
#include <gmock/gmock.h>

#include <filesystem>

#include "host/verifier/claims_json.h"
#include "host/verifier/explain.h"
#include "host/verifier/policy.h"
#include "host/verifier/reference_values.h"
#include "lib/eat/test_claims.h"
#include "lib/eat/test_device.h"

namespace cai::verifier {
namespace {

using eat::Raw;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Hex;

template <typename T>
Error ErrorOf(const Outcome<T>& outcome) {
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? Error{} : outcome.error().error;
}

// ---- Policy ----------------------------------------------------------------

TEST(Policy, Parse_ReadsEveryKey) {
  const auto policy = Policy::Parse(R"(
    id = "https://example.com/1"
    profiles = ["tag:psacertified.org,2023:psa#tfm"]
    algorithms = ["ES256", "HS256"]
    lifecycles = ["secured", "non-psa-rot-debug"]
    clients = 3
    debug = ["disabled-permanently"]
    require = ["iat", "measurements"]
    max_age_s = 86400
    clock_skew_s = 0
    unknown_firmware = "warning"
    unknown_engine = "refuse"
    unknown_model = "contraindicated"
  )");
  ASSERT_TRUE(policy.ok()) << policy.error().Text();
  EXPECT_EQ(policy->id, "https://example.com/1");
  EXPECT_TRUE(policy->AllowsProfile("tag:psacertified.org,2023:psa#tfm"));
  EXPECT_FALSE(policy->AllowsProfile(""));
  EXPECT_TRUE(policy->AllowsAlgorithm(5));
  EXPECT_FALSE(policy->AllowsAlgorithm(-35));
  EXPECT_TRUE(policy->AllowsLifecycle(0x40ff));
  EXPECT_FALSE(policy->AllowsLifecycle(0x5000));
  EXPECT_TRUE(policy->AllowsClient(3));
  EXPECT_FALSE(policy->AllowsClient(4));
  EXPECT_EQ(policy->debug.size(), 1u);
  EXPECT_THAT(policy->require, ElementsAre(6, 273));
  EXPECT_EQ(policy->max_age_s, 86400);
  EXPECT_EQ(policy->clock_skew_s, 0);
  EXPECT_EQ(policy->unknown_firmware, Unknown::kWarning);
  EXPECT_EQ(policy->unknown_engine, Unknown::kRefuse);
}

TEST(Policy, Parse_RefusesWhatItDoesNotKnow) {
  for (const auto& [text, words] :
       std::initializer_list<std::pair<const char*, const char*>>{
           {"ids = \"x\"", "the key ids is unknown"},
           {"id = 3", "id is not a text"},
           {"id = \"\"", "1 to 128"},
           {"profiles = []", "not a list"},
           {"profiles = \"x\"", "not a list"},
           {"algorithms = [\"ES257\"]", "\"ES257\""},
           {"lifecycles = [\"secure\"]", "\"secure\""},
           {"clients = \"ns\"", "\"ns\""},
           {"clients = 4294967296", "not a number"},
           {"debug = [\"on\"]", "\"on\""},
           {"require = [\"nonsense\"]", "no claim's name"},
           {"max_age_s = 0", "not a number"},
           {"max_age_s = \"1d\"", "not a number"},
           {"unknown_model = \"ignore\"", "\"ignore\""},
           {"id = ", "line 1"}}) {
    const auto policy = Policy::Parse(text);
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_EQ(policy.error().error, Error::kHostMalformed);
    EXPECT_THAT(policy.error().words, HasSubstr(words));
  }
}

// ---- Reference values ------------------------------------------------------

const std::string kImplementation = "h'" + std::string(64, '4') + "'";
const std::string kDigest = "h'" + std::string(64, 'd') + "'";
const std::string kSigner = "h'" + std::string(64, '5') + "'";
const std::string kInstance = "h'01" + std::string(64, '2') + "'";

std::string Base64Key() {
  // SubjectPublicKeyInfo of a P-256 key, before its 64 bytes.
  Raw spki = testing::FromHex(
      "3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  const eat::TestKey key(0x11);
  spki.insert(spki.end(), key.public_key().xy.begin(),
              key.public_key().xy.end());
  return host::Base64(spki);
}

std::string Class(const std::string& id) { return "{0: {0: " + id + "}"; }
std::string ReferenceTriple(const std::string& measurement) {
  return "[" + Class("560(" + kImplementation + ")") + "}, [" + measurement +
         "]]";
}
std::string KeyTriple(const std::string& more = ", 1: 550(" + kInstance + ")",
                      const std::string& keys = "") {
  return "[" + Class("600(" + kImplementation + ")") + more + "}, [554(\"" +
         Base64Key() + "\")" + keys + "]]";
}
const std::string kNewStyle =
    "{0: \"psa.software-component\", 1: {0: {0: \"1.0\"}, 2: [[1, " + kDigest +
    "]], 11: \"BL\", 13: [560(" + kSigner + ")]}}";
const std::string kOldStyle = "{0: 601({1: \"SPE\", 4: \"2.0\", 5: " + kSigner +
                              "}), 1: {2: [[1, " + kDigest + "]]}}";

std::string Corim(const std::string& triples) {
  return "501({0: \"id\", 1: [506(<<{0: \"en\", 1: {0: \"tag\"}, 4: {" +
         triples + "}}>>)], 3: 32(\"tag:arm.com,2025:psa#1.0.0\")})";
}

TEST(Corim, Parse_ReadsBothStylesOfPsaReferences) {
  const auto values = ParseCorim(
      Edn(Corim("0: [" + ReferenceTriple(kNewStyle) + ", " +
                ReferenceTriple(kOldStyle) + "], 3: [" + KeyTriple() + "]")));
  ASSERT_TRUE(values.ok()) << values.error().Text();
  ASSERT_EQ(values->firmware.size(), 2u);
  const KnownFirmware& bl = values->firmware[0];
  EXPECT_EQ(Hex(*bl.implementation), std::string(64, '4'));
  EXPECT_EQ(bl.type, "BL");
  EXPECT_EQ(bl.version, "1.0");
  EXPECT_EQ(Hex(bl.measurement), std::string(64, 'd'));
  EXPECT_EQ(Hex(bl.signer), std::string(64, '5'));
  EXPECT_EQ(values->firmware[1].type, "SPE");
  EXPECT_EQ(values->firmware[1].version, "2.0");
  ASSERT_EQ(values->anchors.size(), 1u);
  EXPECT_EQ(Hex(*values->anchors[0].ueid), "01" + std::string(64, '2'));
  EXPECT_EQ(values->anchors[0].key->p256(), eat::TestKey(0x11).public_key());
}

TEST(Corim, Parse_PassesOverWhatIsNotForPsaTokens) {
  const auto values = ParseCorim(
      Edn("501({1: [505(<<{}>>), 506(<<{4: {0: [[{0: {0: 111(h'2b')}}, [{0: "
          "\"other\", 1: {2: [[1, h'00'], [2, h'00']]}}]]], 1: [1]}}>>)]})"));
  ASSERT_TRUE(values.ok()) << values.error().Text();
  EXPECT_TRUE(values->firmware.empty());
}

TEST(Corim, Parse_RefusesWhatWouldVouchForTooMuch) {
  const auto error = [](const std::string& triples) {
    return ErrorOf(ParseCorim(Edn(Corim(triples))));
  };
  using enum Error;
  // Keys without a device, or several for one.
  EXPECT_EQ(error("3: [" + KeyTriple("") + "]"), kEatBadReference);
  EXPECT_EQ(error("3: [" +
                  KeyTriple(", 1: 550(" + kInstance + ")",
                            ", 554(\"" + Base64Key() + "\")") +
                  "]"),
            kEatBadReference);
  // No digest, several, no class.
  EXPECT_EQ(
      error("0: [" + ReferenceTriple("{0: \"psa.software-component\", 1: {}}") +
            "]"),
      kEatBadReference);
  EXPECT_EQ(error("0: [" +
                  ReferenceTriple(
                      "{0: \"psa.software-component\", 1: {2: [[1, h'00'], "
                      "[2, h'00']]}}") +
                  "]"),
            kEatBadReference);
  EXPECT_EQ(error("0: [[{}, [" + kNewStyle + "]]]"), kEatBadReference);
  EXPECT_EQ(ErrorOf(ParseCorim(Edn("501({1: [506(1)]})"))), kEatBadReference);
  EXPECT_EQ(ErrorOf(ParseCorim({})), kEatBadReference);
}

TEST(Corim, Parse_BelievesASignedOneOnItsSignersKeyAlone) {
  const eat::TestKey signer(0x77), other(0x55);
  const Raw payload = Edn(Corim("0: [" + ReferenceTriple(kNewStyle) + "]"));
  const Raw header = Edn("{1: -7, 3: \"application/rim+cbor\"}");
  Raw message(cose::Sign1Size(header.size(), payload.size()));
  ASSERT_TRUE(cose::MakeSign1(header, payload, signer.get(), message).ok());
  const auto key = *TokenKey::OfPublic(signer.public_key());
  const auto wrong = *TokenKey::OfPublic(other.public_key());
  EXPECT_EQ(ErrorOf(ParseCorim(message)), Error::kEatNoKey);
  EXPECT_EQ(ErrorOf(ParseCorim(message, &wrong)), Error::kEatBadSignature);
  const auto values = ParseCorim(message, &key);
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(values->firmware.size(), 1u);
}

TEST(ComidJson, Parse_ReadsWhatToolsMakeCorimsFrom) {
  const std::string digest = host::Base64(Blob(32, std::byte{0xdd}));
  const std::string bytes = host::Base64(Blob(32, std::byte{0x44}));
  const std::string environment =
      R"("environment": {"class": {"id": {"type": "psa.impl-id", "value": ")" +
      bytes + R"("}}, "instance": {"type": "ueid", "value": ")" + bytes +
      R"("}})";
  const auto values = ParseComidJson(
      R"({"triples": {"reference-values": [{)" + environment +
      R"(, "measurements": [{"key": {"type": "string",
          "value": "psa.software-component"}, "value": {"name": "BL",
          "digests": [[1, ")" +
      digest + R"("]], "cryptokeys": [{"type": "bytes", "value": ")" + bytes +
      R"("}]}}]}, {)" + environment +
      R"(, "measurement": {"key": {"type": "psa.refval-id", "value": {
          "label": "SPE", "version": "1.0", "signer-id": ")" +
      bytes + R"("}}, "value": {"digests": ["sha-256:)" + digest +
      R"("]}}}], "attester-verification-keys": [{)" + environment +
      R"(, "verification-keys": [{"type": "pkix-base64-key", "value": ")" +
      Base64Key() + R"("}]}]}})");
  ASSERT_TRUE(values.ok()) << values.error().Text();
  ASSERT_EQ(values->firmware.size(), 2u);
  EXPECT_EQ(values->firmware[0].type, "BL");
  EXPECT_EQ(values->firmware[1].version, "1.0");
  EXPECT_EQ(values->anchors.size(), 1u);
  for (const char* wrong : {"", "{}", R"({"triples": 1})",
                            R"({"triples": {"reference-values": [{}]}})"})
    EXPECT_EQ(ErrorOf(ParseComidJson(wrong)), Error::kEatBadReference);
}

// ---- Keys ------------------------------------------------------------------

TEST(TokenKey, Parse_TakesPemJwkAndCoseKey) {
  const auto expected = eat::TestKey(0x11).public_key();
  const std::string x = Base64Url(expected.x()), y = Base64Url(expected.y());
  const std::string jwk = R"({"kty": "EC", "crv": "P-256", "x": ")" + x +
                          R"(", "y": ")" + y + R"("})";
  EXPECT_EQ(TokenKey::Parse(AsBytes(jwk))->p256(), expected);
  const Raw cose = Edn("{1: 2, -1: 1, -2: h'" + Hex(expected.x()) +
                       "', -3: h'" + Hex(expected.y()) + "'}");
  EXPECT_EQ(TokenKey::Parse(cose)->p256(), expected);
  EXPECT_EQ(ParsePkixKey(Base64Key())->p256(), expected);
  const std::string secret =
      R"({"kty": "oct", "k": ")" + Base64Url(Blob(32)) + R"("})";
  EXPECT_TRUE(TokenKey::Parse(AsBytes(secret))->secret());
}

TEST(TokenKey, Parse_RefusesWhatIsNoKey) {
  for (const char* text :
       {"", "{", "{}", R"({"kty": "RSA"})", R"({"kty": "oct", "k": "AA"})",
        R"({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})",
        R"({"kty": "EC", "crv": "P-256", "x": "!", "y": "AA"})", "hello",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})
    EXPECT_FALSE(TokenKey::Parse(AsBytes(text)).ok()) << text;
}

// ---- Claims as JSON --------------------------------------------------------

TEST(ClaimsJson, EveryClaim_ComesBackAsItWas) {
  const Raw in = Edn(R"({
    1: "joe", 2: "d", 3: ["a", "b"], 4: 9.5, 5: 1, 6: 2, 7: h'0b71',
    10: [h'0102030405060708', h'1112131415161718'],
    256: h'01020304050607', 257: {"a": h'01020304050607'}, 258: h'894823',
    259: h'00', 260: ["3.1", 1], 261: 90, 262: true, 263: 3,
    264: {1: 1.5, 2: -2, 9: 3}, 265: "tag:x", 266: {"a": {262: true},
      "b": h'd28440a040', "c": [-16, h'aa']},
    267: 7, 268: h'00', 269: [["r", "p"], ["r", "p", "a"]], 270: "os",
    271: ["1"], 272: [[258, h'a0']], 273: [[50, "{}"]],
    274: [["s", [["all", 1], ["x", 4]]]], 275: 4,
    1000: 32, 1001: {0: 2, 7: -128}, 1002: h'0102', 1003: ["p"],
    1004: {0: "d", 1: "b"}, 2394: -1, 2395: 12288,
    2396: h'0102', 2398: "1234567890123-12345",
    2400: "https://v"})");
  const auto claims = eat::ReadClaims(in, cbor::Mode::kStrict);
  ASSERT_TRUE(claims.ok()) << ErrorName(claims.error());
  const auto json = ToJson(*claims, Style::kStandard);
  EXPECT_EQ(json.at("dbgstat").as_string(), "disabled-permanently");
  EXPECT_EQ(json.at("oemid").as_string(), "iUgj");
  const auto back = ClaimsFromJson(boost::json::value(json));
  ASSERT_TRUE(back.ok()) << back.error().Text();
  EXPECT_EQ(Hex(*back), Hex(in));
}

TEST(ClaimsJson, FromJson_RefusesWhatIsNoClaim) {
  for (const auto& [text, words] :
       std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"nonsense": 1})", "nonsense"},
           {R"({"ueid": 1})", "ueid"},
           {R"({"ueid": "AA=="})", "ueid"},
           {R"({"ueid": "AA"})", "ueid"},
           {R"({"dbgstat": "off"})", "dbgstat"},
           {R"({"hwversion": "1"})", "hwversion"},
           {R"({"location": {"latitude": 1}})", "location"},
           {R"({"submods": {"a": {"x": 1}}})", "submods"},
           {R"({"psa-client-id": 4294967296})", "psa-client-id"}}) {
    const auto claims = ClaimsFromJson(std::string_view(text));
    ASSERT_FALSE(claims.ok()) << text;
    EXPECT_THAT(claims.error().words, HasSubstr(words));
  }
  EXPECT_EQ(ErrorOf(ClaimsFromJson(std::string_view("["))),
            Error::kHostMalformed);
  EXPECT_EQ(ErrorOf(ClaimsFromJson(std::string_view("[]"))),
            Error::kEatMalformed);
}

struct Example {
  const char* file;
  bool good;
};

TEST(ClaimsJson, Rfc9711Examples_AreReadOrRefusedForTheirDefects) {
  const std::string folder =
      "../shared/vectors/rfc9711-eat/cddl/Example-Payloads/";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder << " is not here: its files are not read.";
  // simple.json has a text as swversion, which is an array; submods.json pads
  // its base64url.
  for (const Example& e : {Example{"audio_ss.json", true},
                           {"graphics_ss.json", true},
                           {"main_token_claims.json", true},
                           {"valid_results.json", true},
                           {"simple.json", false},
                           {"submods.json", false}}) {
    const auto text = host::ReadText(folder + e.file);
    ASSERT_TRUE(text.ok());
    const auto claims = ClaimsFromJson(std::string_view(*text));
    EXPECT_EQ(claims.ok(), e.good)
        << e.file << (claims.ok() ? "" : claims.error().Text());
  }
}

TEST(ClaimsJson, EarExamples_AreReadAndWrittenAgain) {
  const std::string folder = "../shared/vectors/ear/cddl/examples/";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder << " is not here: its files are not read.";
  for (const char* file : {"ear-json-1.diag", "ear-json-2.diag"}) {
    const auto text = host::ReadText(folder + file);
    const auto claims = ClaimsFromJson(std::string_view(*text));
    ASSERT_TRUE(claims.ok()) << claims.error().Text();
    const auto again = ToJson(*eat::ReadClaims(*claims), Style::kStandard);
    EXPECT_EQ(again, boost::json::parse(*text)) << file;
  }
}

// ---- Explanations ----------------------------------------------------------

TEST(Explain, NestedTokens_AreOpenedAndWarnedOf) {
  const eat::TestDevice device;
  const auto token =
      device.AiToken({}, [](eat::PlatformClaims& c) { c.lifecycle = 0x4000; });
  const auto out = Explain(token);
  ASSERT_TRUE(out.ok()) << out.error().Text();
  EXPECT_EQ(out->at("kind").as_string(), "COSE_Sign1");
  EXPECT_EQ(out->at("algorithm").as_string(), "ES256 (-7)");
  EXPECT_EQ(out->at("profile").as_string(), "tag:confidential-ai,2026:ai");
  EXPECT_EQ(out->at("components").at(1).at("name").as_string(), "sine");
  const auto& platform = out->at("nested").at("platform");
  EXPECT_EQ(platform.at("lifecycle").as_string(), "non-psa-rot-debug");
  EXPECT_EQ(platform.at("client").as_string(), "secure partition");
  EXPECT_THAT(boost::json::serialize(platform.at("warnings")),
              HasSubstr("the lifecycle is not secured"));
  EXPECT_EQ(out->if_contains("warnings"), nullptr);
}

TEST(Explain, TakesHexadecimalAndJsonAndSaysWhatIsNoToken) {
  const std::string hex = "a1 0a48\n0102030405060708";
  EXPECT_EQ(Explain(FromFile(AsBytes(hex)))->at("kind").as_string(),
            "unsigned claims");
  const std::string json = R"({"eat_nonce": "AQIDBAUGBwg", "oemboot": true})";
  EXPECT_EQ(Explain(AsBytes(json))->at("claims").at("oemboot"), true);
  EXPECT_EQ(ErrorOf(Explain(AsBytes("hello"))), Error::kEatNotAToken);
  EXPECT_EQ(ErrorOf(Explain({})), Error::kEatNotAToken);
}

}  // namespace
}  // namespace cai::verifier
