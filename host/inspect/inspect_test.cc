#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "host/inspect/explain.h"
#include "lib/cbor/utf8.h"
#include "tests/hex.h"

namespace cai::inspect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Blob = std::vector<std::byte>;

Blob Of(std::string_view hex) { return cai::testing::FromHex(hex); }

Report Explained(std::string_view hex, Type type = Type::kUnknown) {
  const auto report = Explain(Of(hex), type);
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : ErrorName(report.error()));
  return report.ok() ? *report : Report{};
}

std::string Lines(std::string_view hex) { return AsLines(Explained(hex)); }

// ---- the six messages -------------------------------------------------------

// RFC 9052, C.2.1: alg protected, kid unprotected, payload, 64 bytes.
const std::string kSignature(128, 'a');
const std::string kSign1 =
    "d28443a10126a1044231315454686973206973207468"
    "6520636f6e74656e742e5840" +
    kSignature;

TEST(Inspect, Sign1_SaysWhatIsThere) {
  EXPECT_THAT(
      Lines(kSign1),
      AllOf(HasSubstr("COSE_Sign1  tag 18"), HasSubstr("alg (1): -7  ES256"),
            HasSubstr("kid (4): h'3131'  '11'"), HasSubstr("signature: h'aaaa"),
            HasSubstr("64 bytes"), Not(HasSubstr("warning"))));
}

TEST(Inspect, Untagged_GoesByStructureAndAlgorithm) {
  const auto name = [](const char* hex) { return Explained(hex).root.name; };
  EXPECT_EQ(name("8443a10126a04161"
                 "4100"),
            "COSE_Sign1");
  EXPECT_EQ(name("8443a10105a04161"
                 "4100"),
            "COSE_Mac0");
  EXPECT_EQ(name("8343a10101a0"
                 "4100"),
            "COSE_Encrypt0");
  EXPECT_EQ(name("8440a041"
                 "61818343a10126a04100"),
            "COSE_Sign");
  EXPECT_EQ(name("8443a10101a04100818340a101254100"), "COSE_Encrypt");
  EXPECT_EQ(name("8543a10105a041614100818340a101254100"), "COSE_Mac");
  EXPECT_EQ(name("a10102"), "COSE_Key");
  EXPECT_EQ(name("81a10102"), "COSE_KeySet");
}

TEST(Inspect, Assumed_CountsWithoutATagOnly) {
  EXPECT_EQ(Explained("8443a10126a041614100", Type::kMac0).root.name,
            "COSE_Mac0");
  EXPECT_EQ(Explained(kSign1, Type::kMac0).root.name, "COSE_Sign1");
}

TEST(Inspect, Recipients_AreShownNested) {
  // Encrypt: A128GCM; recipient A128KW; its recipient ECDH-ES with a key.
  const std::string text = Lines(
      "d86084"
      "43a10101"
      "a0"
      "51"
      "00000000000000000000000000000000aa"
      "81"
      "84"
      "40"
      "a10122"
      "4118"
      "81"
      "83"
      "44a1013818"
      "a120a401022001214101224102"
      "40");
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("COSE_Encrypt  tag 96"), HasSubstr("recipient (1)"),
            HasSubstr("A128KW"), HasSubstr("ECDH-ES + HKDF-256"),
            HasSubstr("ephemeral key (-1)"), HasSubstr("crv (-1): 1  P-256"),
            HasSubstr("plaintext 1 byte")));
}

TEST(Inspect, Counterparts_OfTheKeyDerivationAreNamed) {
  EXPECT_THAT(Lines("d8608443a10101a05100000000000000000000000000000000aa"
                    "818344a1013818a3334161344162374163"
                    "40"),
              AllOf(HasSubstr("salt (-20)"), HasSubstr("PartyU identity (-21)"),
                    HasSubstr("PartyV identity (-24)"),
                    Not(HasSubstr("names neither"))));
}

TEST(Inspect, CounterSignatures_AreExplained) {
  EXPECT_THAT(Lines("d28443a10126a10b8343a10127a04141"
                    "4161"
                    "5840" +
                    kSignature),
              AllOf(HasSubstr("countersignature (v2) (11)"),
                    HasSubstr("COSE_Countersignature"), HasSubstr("EdDSA")));
}

TEST(Inspect, Payload_ThatIsAMessageIsExplainedInside) {
  const std::string inner = "8443a10126a041615840" + kSignature;  // 74 bytes
  const std::string text =
      Lines("d28443a10126a0584a" + inner + "5840" + kSignature);
  EXPECT_THAT(text, HasSubstr("    COSE_Sign1  no tag, 74 bytes"));
}

TEST(Inspect, Claims_HaveTheirNames) {
  // {10: h'0102030405060708', 256: h'01', 265: "x"}
  const std::string text = Lines(
      "d28443a10126a0"
      "55a30a48010203040506070819010041011901096178"
      "5840" +
      kSignature);
  EXPECT_THAT(text, AllOf(HasSubstr("eat_nonce (10)"), HasSubstr("ueid (256)"),
                          HasSubstr("eat_profile (265): \"x\"")));
}

// ---- keys -------------------------------------------------------------------

TEST(Inspect, Keys_NeverShowTheirSecret) {
  for (const char* hex : {"a5010220012141aa2241bb2341dd", "a201042041dd",
                          "a4010120062141aa2341dd",
                          "a2011863"
                          "2041dd"}) {
    const Report report = Explained(hex);
    const std::string all =
        AsLines(report) + boost::json::serialize(AsJson(report));
    EXPECT_THAT(all, Not(HasSubstr("dd"))) << hex;
    EXPECT_THAT(report.warnings, Contains(HasSubstr("holds a secret"))) << hex;
  }
}

// ---- warnings ---------------------------------------------------------------

struct Case {
  const char* hex;
  const char* warning;
};

TEST(Inspect, Warnings_NameWhatIsWrong) {
  const Case cases[] = {
      {"d28440a1012641614100", "alg is not protected"},
      {"d28440a041614100", "no alg"},
      {"d28443a10126a0416140", "the signature is empty"},
      {"d28443a10126a0416141ff", "where ES256 gives 64"},
      {"d28443a10126a0f64100", "detached"},
      {"d28441a0a041614100", "written as a map"},
      {"d2844401a1260100a041614100", nullptr},
      {"d28443a10101a041614100", "not an algorithm for this place"},
      {"d2844aa1013a000186a04161"
       "4100",
       nullptr},
      {"d2844401a10126a041614100", nullptr},
      {"d28445a201260126a041614100", "a key twice"},
      {"d28446a204410101"
       "26a041614100",
       "not in deterministic order"},
      {"d28444a1011806a041614100", "longer than needed"},
      {"d29f43a10126a041614100ff", "indefinite length"},
      {"d28443a10126bfff41614100", "indefinite length"},
      {"d28446a10126"
       "000000a041614100",
       "follow the item"},
      {"d28443a10126a04161410000", "1 byte follow the item"},
      {"d28443a10126a10126"
       "41614100",
       "in both header maps"},
      {"d28446a20126028104a041614100", "not in the protected header"},
      {"d28443a10126a10281"
       "0441614100",
       "crit is not protected"},
      {"d28446a20126028100a041614100", "not in the protected header"},
      {"d08343a10101a105410050"
       "00000000000000000000000000000000",
       "an IV of 1 bytes where A128GCM takes 12"},
      {"d08343a10101a2054c000000000000000000000000064100"
       "5000000000000000000000000000000000",
       "exclude each other"},
      {"d08343a10101a04100", "shorter than its tag"},
      {"d8608443a10101a0500000000000000000000000000000000080",
       "no recipient at all"},
      {"d8628440a0416180", "no signature at all"},
      {"d8608444a101381ca05000000000000000000000000000000000818340a101254100",
       "ECDH-ES + A128KW is not an algorithm for this place"},
      {"d8608443a10101a05000000000000000000000000000000000818340a101254100",
       "carries no wrapped key"},
      {"d8608443a10101a05000000000000000000000000000000000"
       "818344a101381ca04100",
       "names neither party"},
  };
  for (const Case& one : cases) {
    const auto report = Explain(Of(one.hex));
    if (one.warning == nullptr) {
      EXPECT_FALSE(report.ok()) << one.hex;
      continue;
    }
    ASSERT_TRUE(report.ok()) << one.hex;
    EXPECT_THAT(report->warnings, Contains(HasSubstr(one.warning))) << one.hex;
  }
}

// ---- input ------------------------------------------------------------------

// JSON is UTF-8: a text that is none is shown as bytes, a label of such a text
// with marks in place of what cannot be shown.
TEST(Inspect, Json_IsUtf8WhateverAMessageHolds) {
  const Report report = Explained("a2010262ff61628eff");
  const std::string json = boost::json::serialize(AsJson(report));
  EXPECT_TRUE(cbor::IsUtf8(AsBytes(json))) << json;
  EXPECT_THAT(json, AllOf(HasSubstr("8eff"), HasSubstr("\\ufffda")));
}

TEST(Inspect, Decode_TakesBytesHexAndBase64) {
  const Blob bytes = Of("d28443a10126a0416141ff");
  for (const std::string_view text :
       {"d28443a10126a0416141ff", "D2 84 43 a1 01 26 a0\n41 61 41 ff\n",
        "0oRDoQEmoEFhQf8=", "0oRDoQEmoEFhQf8\n"}) {
    const auto decoded = Decode(AsBytes(text));
    ASSERT_TRUE(decoded.ok()) << text;
    EXPECT_EQ(*decoded, bytes) << text;
  }
  EXPECT_EQ(*Decode(bytes), bytes);
  for (const std::string_view text : {"", " \n", "hello, world", "===="})
    EXPECT_FALSE(Decode(AsBytes(text)).ok()) << text;
}

TEST(Inspect, Explain_RefusesWhatIsNoCose) {
  for (const char* hex :
       {"", "00", "f6", "80", "a0", "8100", "83000000", "d2", "d200", "d26161",
        "d284", "d18443a10126a041614100ff", "d8638443a10126a041614100"}) {
    const auto report = Explain(Of(hex));
    if (!report.ok()) continue;
    EXPECT_THAT(report->warnings, Not(IsEmpty())) << hex;
  }
}

TEST(Inspect, Parse_BoundsDepthAndCounts) {
  EXPECT_FALSE(Parse(Blob(200, std::byte{0x81})).ok());
  EXPECT_FALSE(Parse(Of("9bffffffffffffffff")).ok());
  EXPECT_FALSE(Parse(Of("bbffffffffffffffff")).ok());
  EXPECT_FALSE(Parse(Of("5bffffffffffffffff")).ok());
  EXPECT_FALSE(Parse(Blob(kMaxInput + 1)).ok());
}

TEST(Inspect, Diagnostic_IsThatOfTheRfc) {
  // RFC 8949, appendix A.
  for (const auto& [hex, text] :
       std::initializer_list<std::pair<const char*, const char*>>{
           {"1bffffffffffffffff", "18446744073709551615"},
           {"3bffffffffffffffff", "-18446744073709551616"},
           {"f93e00", "1.5"},
           {"f97bff", "65504.0"},
           {"fb3ff199999999999a", "1.1"},
           {"f9c400", "-4.0"},
           {"f90001", "5.9604644775390625e-08"},
           {"f97e00", "NaN"},
           {"f9fc00", "-Infinity"},
           {"f7", "undefined"},
           {"f8ff", "simple(255)"},
           {"c11a514b67b0", "1(1363896240)"},
           {"83010203", "[1, 2, 3]"},
           {"a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"},
           {"5f42010243030405ff", "h'0102030405'"}})
    EXPECT_EQ(Diagnostic(Parse(Of(hex))->root, 99), text);
}

// ---- everything others wrote ------------------------------------------------

std::string Quoted(const std::string& text, const std::string& key) {
  const std::size_t at = text.find('"' + key + '"');
  if (at == std::string::npos) return "";
  const std::size_t begin = text.find('"', text.find(':', at)) + 1;
  return text.substr(begin, text.find('"', begin) - begin);
}

TEST(Inspect, Explain_ReadsEveryExampleOfTheWorkingGroup) {
  namespace fs = std::filesystem;
  const fs::path root = "../shared/vectors/cose-wg-Examples";
  if (!fs::exists(root)) GTEST_SKIP() << "no " << root;
  int explained = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const Blob message = Of(Quoted(text, "cbor"));
    if (message.empty()) continue;
    const auto report = Explain(message);
    // Negative examples with another tag or a broken structure may be refused.
    const bool negative = text.find("\"fail\"") != std::string::npos;
    EXPECT_TRUE(report.ok() || negative) << entry.path();
    report.ok() ? ++explained : ++refused;
  }
  std::printf("%d examples explained, %d refused\n", explained, refused);
  EXPECT_GT(explained, 260);
}

}  // namespace
}  // namespace cai::inspect
