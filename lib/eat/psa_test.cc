// PSA tokens' claims and the envelopes of all tokens, wrong by one thing.
#include "lib/eat/psa.h"

#include <gmock/gmock.h>

#include "lib/eat/envelope.h"
#include "lib/eat/test_claims.h"

namespace cai::eat {
namespace {

using testing::Hex;

const std::string kNonce32 = "h'" + std::string(64, '1') + "'";
const std::string kUeid33 = "h'01" + std::string(64, '2') + "'";
const std::string kHash32 = "h'" + std::string(64, '3') + "'";

// The claims of a good token by key, so that a test can change one.
std::map<std::int64_t, std::string> Good() {
  return {{10, kNonce32},
          {256, kUeid33},
          {265, "\"tag:psacertified.org,2023:psa#tfm\""},
          {268, "h'0001020304050607'"},
          {2394, "-1"},
          {2395, "12288"},
          {2396, kHash32},
          {2398, "\"1234567890123-12345\""},
          {2399, "[{1: \"BL\", 2: " + kHash32 + ", 4: \"1.0\", 5: " + kHash32 +
                     ", 6: \"sha-256\"}]"},
          {2400, "\"https://verifier.example\""}};
}

std::map<std::int64_t, std::string> Legacy() {
  return {{-75000, "\"PSA_IOT_PROFILE_1\""},
          {-75001, "3"},
          {-75002, "12288"},
          {-75003, kHash32},
          {-75004, kHash32},
          {-75005, "\"1234567890123\""},
          {-75006, "[{2: " + kHash32 + ", 5: " + kHash32 + "}]"},
          {-75008, kNonce32},
          {-75009, kUeid33}};
}

Raw Claims(const std::map<std::int64_t, std::string>& claims) {
  std::string text = "{";
  for (const auto& [key, value] : claims)
    text += std::to_string(key) + ": " + value + ",";
  return Edn(text + "}");
}

struct Outcome {
  Error error{};
  std::int64_t claim = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// How reading and checking end.
Outcome Judge(const Raw& in) {
  Outcome out;
  const auto claims = ReadPsaClaims(in, cbor::Mode::kLenient, &out.claim);
  if (!claims.ok()) return {claims.error(), out.claim};
  const Status status = CheckPsa(*claims, &out.claim);
  if (!status.ok()) out.error = status.error();
  return out;
}

Outcome With(std::int64_t key, const std::string& value) {
  auto claims = Good();
  claims[key] = value;
  return Judge(Claims(claims));
}

Outcome Without(std::int64_t key) {
  auto claims = Good();
  claims.erase(key);
  return Judge(Claims(claims));
}

constexpr Outcome kGood{};

TEST(Psa, Check_TakesAGoodToken) {
  EXPECT_EQ(Judge(Claims(Good())), kGood);
  EXPECT_EQ(With(265, "\"tag:psacertified.org,2023:psa\""), kGood);
  EXPECT_EQ(With(9000, "1"), kGood);
  for (const std::int64_t optional : {268, 2398, 2400})
    EXPECT_EQ(Without(optional), kGood) << optional;
}

TEST(Psa, Check_MissesEachRequiredClaim) {
  for (const std::int64_t key : {10, 256, 265, 2394, 2395, 2396, 2399})
    EXPECT_EQ(Without(key), (Outcome{Error::kEatMissingClaim, key}));
}

TEST(Psa, Check_RefusesEachValueThatIsNotAllowed) {
  const std::string hash31 = "h'" + std::string(62, '3') + "'";
  const std::pair<std::int64_t, std::string> wrong[] = {
      {10, "h'" + std::string(62, '1') + "'"},
      {10, "[" + kNonce32 + ", " + kNonce32 + "]"},
      {256, "h'02" + std::string(64, '2') + "'"},
      {256, "h'01" + std::string(62, '2') + "'"},
      {268, "h'00010203040506'"},
      {268, "h'" + std::string(66, '0') + "'"},
      {2394, "0"},
      {2395, "24832"},
      {2395, "256"},
      {2396, hash31},
      {2398, "\"123456789012-12345\""},
      {2398, "\"1234567890123-1234a\""},
      {2399, "[{2: " + hash31 + ", 5: " + kHash32 + "}]"},
      {2399, "[{1: \"\", 2: " + kHash32 + ", 5: " + kHash32 + "}]"},
      {2399, "[{2: " + kHash32 + ", 5: " + kHash32 + ", 7: 1}]"}};
  for (const auto& [key, value] : wrong)
    EXPECT_EQ(With(key, value), (Outcome{Error::kEatMalformed, key})) << value;
  EXPECT_EQ(With(2399, "[{2: " + kHash32 + "}]"),
            (Outcome{Error::kEatMissingClaim, 2399}));
  EXPECT_EQ(With(265, "\"tag:psacertified.org,2023:psa#cca\""),
            (Outcome{Error::kEatWrongProfile, 265}));
}

TEST(Psa, Legacy_IsReadIntoTheClaimsOfToday) {
  const Raw in = Claims(Legacy());
  EXPECT_EQ(Judge(in), kGood);
  const auto claims = ReadPsaClaims(in);
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->ProfileUri(), kProfilePsaLegacy);
  EXPECT_EQ(claims->client_id, 3);
  EXPECT_EQ(claims->lifecycle, 0x3000);
  EXPECT_EQ(claims->software_components->size(), 1u);
  EXPECT_TRUE(claims->others.empty());
}

TEST(Psa, Legacy_MaySayThatNothingWasMeasured) {
  auto claims = Legacy();
  claims.erase(-75006);
  EXPECT_EQ(Judge(Claims(claims)), (Outcome{Error::kEatMissingClaim, 2399}));
  claims[-75007] = "1";
  EXPECT_EQ(Judge(Claims(claims)), kGood);
}

TEST(Psa, Legacy_IsRefusedIfWrongByOneThing) {
  auto claims = Legacy();
  claims[-75008] = "h'00'";
  EXPECT_EQ(Judge(Claims(claims)), (Outcome{Error::kEatMalformed, 10}));
  // In both spellings.
  claims = Legacy();
  claims[10] = kNonce32;
  EXPECT_EQ(Judge(Claims(claims)), (Outcome{Error::kCborDuplicateKey, 10}));
  // Another profile's private claims are not these.
  claims = Legacy();
  claims[-75000] = "\"urn:ietf:eat:profile:ai-agent:1\"";
  EXPECT_EQ(Judge(Claims(claims)), (Outcome{Error::kEatMissingClaim, 265}));
}

TEST(Psa, Lifecycle_HasANameInEachRange) {
  EXPECT_EQ(LifecycleName(0x0000), "unknown");
  EXPECT_EQ(LifecycleName(0x30ff), "secured");
  EXPECT_EQ(LifecycleName(0x6000), "decommissioned");
  EXPECT_EQ(LifecycleName(0x3100), "");
  EXPECT_EQ(LifecycleName(0x7000), "");
}

// ---- Envelopes -------------------------------------------------------------

TEST(Envelope, OfEachKind_IsToldByItsTags) {
  using Kind = Envelope::Kind;
  const std::pair<const char*, Kind> all[] = {
      {"18([<<{1: -7}>>, {4: h'6b'}, h'a0', h'aa'])", Kind::kSign1},
      {"17([<<{1: 5}>>, {4: h'6b'}, h'a0', h'aa'])", Kind::kMac0},
      {"61(18([<<{1: -7}>>, {4: h'6b'}, h'a0', h'aa']))", Kind::kSign1},
      {"61(17([<<{1: 5}>>, {4: h'6b'}, h'a0', h'aa']))", Kind::kMac0}};
  for (const auto& [edn, kind] : all) {
    const Raw in = Edn(edn);
    const auto envelope = OpenEnvelope(in);
    ASSERT_TRUE(envelope.ok()) << edn << ErrorName(envelope.error());
    EXPECT_EQ(envelope->kind, kind);
    EXPECT_EQ(envelope->tagged, std::string_view(edn).starts_with("61"));
    EXPECT_EQ(envelope->algorithm, kind == Kind::kMac0 ? 5 : -7);
    EXPECT_EQ(Hex(envelope->key_id), "6b");
    EXPECT_EQ(Hex(envelope->payload), "a0");
    EXPECT_EQ(Hex(envelope->proof), "aa");
  }
}

TEST(Envelope, OfUnsignedClaims_HasThemAsPayload) {
  for (const char* edn : {"{1: \"joe\"}", "601({1: \"joe\"})"}) {
    const Raw in = Edn(edn);
    const auto envelope = OpenEnvelope(in);
    ASSERT_TRUE(envelope.ok());
    EXPECT_EQ(envelope->kind, Envelope::Kind::kClaims);
    EXPECT_EQ(ReadClaims(envelope->payload)->issuer, "joe");
  }
}

TEST(Envelope, OfABundle_FindsEachDetachedClaimsSetByName) {
  const Raw in = Edn("602([h'aa', {\"TEE\": h'a0', \"OS\": h'a1'}])");
  const auto bundle = OpenEnvelope(in);
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(bundle->kind, Envelope::Kind::kBundle);
  EXPECT_EQ(Hex(**FindDetached(*bundle, "OS")), "a1");
  EXPECT_FALSE(*FindDetached(*bundle, "GPU"));
  const Raw twice = Edn("602([h'aa', {\"OS\": h'a0', \"OS\": h'a1'}])");
  EXPECT_EQ(ErrorOf(FindDetached(*OpenEnvelope(twice), "OS")),
            Error::kCborDuplicateKey);
}

TEST(Envelope, Open_RefusesWhatIsNoToken) {
  using enum Error;
  const std::pair<const char*, Error> wrong[] = {
      {"1", kEatNotAToken},
      {"[h'', {}, h'', h'']", kEatNotAToken},
      {"61({1: 2})", kEatNotAToken},
      {"61(61(18([h'', {}, h'', h''])))", kEatNotAToken},
      {"61(601({}))", kEatNotAToken},
      {"98([h'', {}, h'', []])", kEatNotAToken},
      {"16([h'', {}, h''])", kEatEncrypted},
      {"61(96([h'', {}, h'', []]))", kEatEncrypted},
      {"18([h'', {}, h''])", kCoseMalformed},
      {"18([h'', {}, null, h''])", kCborWrongType},
      {"18([<<{1: -7, 1: -7}>>, {}, h'', h''])", kCborDuplicateKey},
      {"18([<<{1: -7}>>, {1: -7}, h'', h''])", kCborDuplicateKey},
      {"18([<<{4: h''}>>, {4: h''}, h'', h''])", kCborDuplicateKey},
      {"18([<<{1: \"ES256\"}>>, {}, h'', h''])", kCborWrongType},
      {"602([h'aa'])", kCborOutOfRange}};
  for (const auto& [edn, error] : wrong)
    EXPECT_EQ(ErrorOf(OpenEnvelope(Edn(edn))), error) << edn;
  EXPECT_EQ(ErrorOf(OpenEnvelope({})), kEatNotAToken);
  EXPECT_EQ(ErrorOf(OpenEnvelope(Raw(kMaxClaimsSet + 1))), kEatTooLarge);
}

TEST(Envelope, AlgorithmCounts_OnlyIfItIsProtected) {
  const Raw in = Edn("18([h'', {1: -7}, h'', h''])");
  EXPECT_FALSE(OpenEnvelope(in)->algorithm);
  const Raw critical = Edn("18([<<{1: -7, 2: [99], 99: 1}>>, {}, h'', h''])");
  EXPECT_TRUE(OpenEnvelope(critical)->critical);
}

}  // namespace
}  // namespace cai::eat
