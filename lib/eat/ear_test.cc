#include "lib/eat/ear.h"

#include <gmock/gmock.h>

#include "lib/eat/test_claims.h"

namespace cai::eat {
namespace {

using testing::Hex;

TrustVector Vector(std::initializer_list<std::pair<Trust, int>> fields) {
  TrustVector vector;
  for (const auto& [field, value] : fields)
    vector.fields[static_cast<std::size_t>(field)] =
        static_cast<std::int8_t>(value);
  return vector;
}

Ear Example() {
  Ear ear;
  ear.issued = 1666529184;
  ear.verifier = {"https://example.com", "1.0"};
  EXPECT_TRUE(ear.appraisals
                  .Add({"PSA", Tier::kContraindicated,
                        Vector({{Trust::kInstanceIdentity, 2},
                                {Trust::kExecutables, 96},
                                {Trust::kHardware, 2}}),
                        "https://example.com/policy/1"})
                  .ok());
  return ear;
}

Result<Bytes> Encode(const Ear& ear, Raw& out) {
  out.resize(kMaxEar);
  return EncodeEar(ear, out);
}

TEST(Ear, Encode_WritesWhatTheDraftDescribes) {
  Raw out;
  const auto encoded = Encode(Example(), out);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(Hex(*encoded), Hex(Edn(R"({
    6: 1666529184,
    265: "tag:ietf.org,2026:rats/ear#03",
    266: {"PSA": {1000: 96, 1001: {0: 2, 2: 96, 4: 2},
                  1003: ["https://example.com/policy/1"]}},
    1004: {0: "https://example.com", 1: "1.0"}})")));
}

TEST(Ear, Decode_GivesWhatWasEncoded) {
  Ear ear = Example();
  const ByteArray<32> nonce{};
  const ByteArray<100> evidence{};
  ear.nonce = nonce;
  ear.raw_evidence = evidence;
  ASSERT_TRUE(ear.appraisals.Add({"engine", Tier::kNone, {}, {}}).ok());
  Raw out;
  const auto decoded = DecodeEar(*Encode(ear, out));
  ASSERT_TRUE(decoded.ok()) << ErrorName(decoded.error());
  EXPECT_EQ(decoded->issued, ear.issued);
  EXPECT_EQ(decoded->verifier.build, "1.0");
  EXPECT_EQ(decoded->nonce.size(), 32u);
  EXPECT_EQ(decoded->raw_evidence.size(), 100u);
  ASSERT_EQ(decoded->appraisals.size(), 2u);
  const EarAppraisal& psa = decoded->appraisals[0];
  EXPECT_EQ(psa.name, "PSA");
  EXPECT_EQ(psa.status, Tier::kContraindicated);
  EXPECT_EQ(psa.vector.fields[2], 96);
  EXPECT_FALSE(psa.vector.fields[1]);
  EXPECT_EQ(psa.policy_id, "https://example.com/policy/1");
  EXPECT_EQ(decoded->appraisals[1].name, "engine");
}

// The bound is reached: every text at its longest, every field of the vector.
TEST(Ear, MaxEar_HoldsTheLargestResult) {
  const std::string text(200, 'x');
  const Raw bytes(Ear::kMaxEvidence);
  Ear ear;
  ear.issued = 1LL << 62;
  ear.verifier = {std::string_view(text).substr(0, Ear::kMaxVerifier),
                  std::string_view(text).substr(0, Ear::kMaxVerifier)};
  ear.nonce = Bytes(bytes).first(64);
  ear.raw_evidence = bytes;
  TrustVector worst;
  worst.fields.fill(std::int8_t{-128});
  const std::string names[] = {std::string(32, 'a'), std::string(32, 'b'),
                               std::string(32, 'c'), std::string(32, 'd')};
  for (const std::string& name : names)
    ASSERT_TRUE(
        ear.appraisals
            .Add({name, Tier::kContraindicated, worst,
                  std::string_view(text).substr(0, EarAppraisal::kMaxPolicyId)})
            .ok());
  Raw out;
  const auto encoded = Encode(ear, out);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->size(), kMaxEar);
  EXPECT_TRUE(DecodeEar(*encoded).ok());
  EXPECT_EQ(ErrorOf(EncodeEar(ear, MutableBytes(out).first(kMaxEar - 1))),
            Error::kCborNoRoom);
}

TEST(Ear, Encode_RefusesEachThingOutOfBounds) {
  const std::string text(200, 'x');
  const Raw bytes(Ear::kMaxEvidence + 1);
  const auto refused = [](auto change) {
    Ear ear = Example();
    change(ear);
    Raw out;
    return ErrorOf(Encode(ear, out));
  };
  using enum Error;
  EXPECT_EQ(refused([](Ear& e) { e.issued = -1; }), kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) { e.nonce = Bytes(bytes).first(7); }),
            kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) { e.raw_evidence = bytes; }), kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) { e.verifier.developer = text; }),
            kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) { e.appraisals[0].name = ""; }), kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) { e.appraisals[0].policy_id = text; }),
            kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) { e.appraisals.clear(); }), kEatMalformed);
  EXPECT_EQ(refused([&](Ear& e) {
              EXPECT_TRUE(e.appraisals.Add(e.appraisals[0]).ok());
            }),
            kEatMalformed);
}

TEST(Ear, Decode_RefusesWhatIsNoResult) {
  const std::string profile = R"(265: "tag:ietf.org,2026:rats/ear#03")";
  const std::string verifier = R"(1004: {0: "d", 1: "b"})";
  const std::string submodule = R"(266: {"a": {1000: 2}})";
  const auto error = [](const std::string& claims) {
    return ErrorOf(DecodeEar(Edn("{" + claims + "}")));
  };
  using enum Error;
  const std::string c = ", ";
  EXPECT_TRUE(
      DecodeEar(Edn("{6: 1, " + profile + c + submodule + c + verifier + "}"))
          .ok());
  EXPECT_EQ(error(profile + c + submodule + c + verifier), kEatBadResult);
  EXPECT_EQ(error("6: 1.5, " + profile + c + submodule + c + verifier),
            kEatBadResult);
  EXPECT_EQ(error("6: 1, " + submodule + c + verifier), kEatBadResult);
  EXPECT_EQ(error("6: 1, " + profile + c + verifier), kEatBadResult);
  EXPECT_EQ(error("6: 1, " + profile + c + submodule), kEatBadResult);
  EXPECT_EQ(error("6: 1, 265: \"tag:ietf.org,2026:rats/ear#04\", " + submodule +
                  c + verifier),
            kEatBadResult);
  const auto part = [&](const std::string& appraisal) {
    return error("6: 1, " + profile + ", 266: {\"a\": " + appraisal + "}, " +
                 verifier);
  };
  EXPECT_EQ(part("{}"), kEatBadResult);
  EXPECT_EQ(part("h'd2'"), kEatBadResult);
  // Affirming over a vector that contraindicates.
  EXPECT_EQ(part("{1000: 2, 1001: {2: 96}}"), kEatBadResult);
  EXPECT_EQ(part("{1000: 32, 1001: {2: -97}}"), kEatBadResult);
}

TEST(Ear, Tiers_FollowTheRangesOfTheDraft) {
  EXPECT_EQ(TierOf(0), Tier::kNone);
  EXPECT_EQ(TierOf(-1), Tier::kNone);
  EXPECT_EQ(TierOf(2), Tier::kAffirming);
  EXPECT_EQ(TierOf(31), Tier::kAffirming);
  EXPECT_EQ(TierOf(-32), Tier::kAffirming);
  EXPECT_EQ(TierOf(32), Tier::kWarning);
  EXPECT_EQ(TierOf(-96), Tier::kWarning);
  EXPECT_EQ(TierOf(96), Tier::kContraindicated);
  EXPECT_EQ(TierOf(-128), Tier::kContraindicated);
  EXPECT_EQ(WorstOf({}), Tier::kNone);
  EXPECT_EQ(WorstOf(Vector({{Trust::kHardware, 2}, {Trust::kExecutables, 33}})),
            Tier::kWarning);
  EXPECT_EQ(TrustName(7), "sourced-data");
}

}  // namespace
}  // namespace cai::eat
