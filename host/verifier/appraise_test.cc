// Tokens of every kind, verified; each refusal is of a token or an expectation
// that is wrong by one thing.
#include "host/verifier/appraise.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "host/verifier/result.h"
#include "lib/eat/test_claims.h"
#include "lib/eat/test_device.h"

namespace cai::verifier {
namespace {

using eat::Filled;
using eat::Raw;
using eat::TestDevice;
using eat::TestKey;
using eat::Tier;
using eat::Trust;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Hex;
using ::testing::IsEmpty;

std::shared_ptr<const TokenKey> KeyOf(const crypto::P256Public& key) {
  return std::make_shared<const TokenKey>(*TokenKey::OfPublic(key));
}

std::string Quote(Bytes bytes) { return "h'" + Hex(bytes) + "'"; }

class Verifier : public ::testing::Test, public TestDevice {
 protected:
  Verifier() {
    expected.anchors.push_back({KeyOf(iak.public_key()), host::ToBlob(ueid),
                                host::ToBlob(implementation), "test"});
    expected.nonce = host::ToBlob(nonce);
    expected.now = 1'800'000'000;
    for (const auto& [type, measurement, signer_id] : firmware)
      expected.references.firmware.push_back({{},
                                              std::string(type),
                                              {},
                                              host::ToBlob(measurement),
                                              host::ToBlob(signer_id)});
    expected.references.engines = {host::ToBlob(engine)};
    expected.references.models = {host::ToBlob(sine), host::ToBlob(anomaly)};
  }

  // A token of these claims, in diagnostic notation, by this key.
  Raw Signed(const std::string& claims, const TestKey& key) const {
    const Raw payload = Edn(claims);
    const Raw header = Edn("{1: -7}");
    Raw out(cose::Sign1Size(header.size(), payload.size()));
    EXPECT_TRUE(cose::MakeSign1(header, payload, key.get(), out).ok());
    return out;
  }
  Raw Signed(const std::string& claims) const { return Signed(claims, iak); }

  std::string Psa(const std::string& more = "",
                  const std::string& lifecycle = "12288") const {
    return "{10: " + Quote(nonce) + ", 256: " + Quote(ueid) +
           ", 265: \"tag:psacertified.org,2023:psa#tfm\", 2394: 9, 2395: " +
           lifecycle + ", 2396: " + Quote(implementation) +
           ", 2399: [{1: \"SPE\", 2: " + Quote(spe) + ", 5: " + Quote(signer) +
           "}]" + more + "}";
  }

  // An EAT of no profile.
  std::string Plain(const std::string& more) const {
    return "{10: " + Quote(nonce) + ", 256: " + Quote(ueid) + more + "}";
  }

  Verdict Good(Bytes token) const {
    auto verdict = Appraise(token, expected);
    EXPECT_TRUE(verdict.ok()) << verdict.error().Text();
    return verdict.ok() ? *verdict : Verdict{};
  }
  Error Refused(Bytes token) const {
    const auto verdict = Appraise(token, expected);
    EXPECT_FALSE(verdict.ok());
    return verdict.ok() ? Error{} : verdict.error().error;
  }

  Expectations expected;
};

const Part* Find(const Verdict& verdict, std::string_view name) {
  for (const Part& part : verdict.parts)
    if (part.name == name) return &part;
  return nullptr;
}

int Value(const Part& part, Trust field) {
  return part.vector.fields[static_cast<std::size_t>(field)].value_or(0);
}

// ---- PSA tokens ------------------------------------------------------------

TEST_F(Verifier, AffirmsAGoodPsaToken) {
  const Verdict verdict = Good(Signed(Psa()));
  EXPECT_EQ(verdict.Status(), Tier::kAffirming);
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_THAT(verdict.unchecked, IsEmpty());
  EXPECT_EQ(Hex(verdict.ueid), Hex(ueid));
  ASSERT_NE(Find(verdict, "PSA"), nullptr);
  for (const Trust field : {Trust::kInstanceIdentity, Trust::kConfiguration,
                            Trust::kExecutables, Trust::kHardware})
    EXPECT_EQ(Value(*Find(verdict, "PSA"), field), trust::kGood);
}

TEST_F(Verifier, TakesACwtTagAndAnyOrderOfClaims) {
  const Raw token = Signed(Psa());
  Raw tagged = testing::FromHex("d83d");
  tagged.insert(tagged.end(), token.begin(), token.end());
  EXPECT_EQ(Good(tagged).Status(), Tier::kAffirming);
}

TEST_F(Verifier, RefusesAPsaTokenWrongByOneThing) {
  using enum Error;
  EXPECT_EQ(Refused(Signed(Psa(), other)), kEatBadSignature);
  Raw flipped = Signed(Psa());
  flipped[40] ^= std::byte{1};
  EXPECT_NE(Refused(flipped), Error{});
  EXPECT_EQ(Refused(Signed(Psa(", 4: 1700000000"))), kEatExpired);
  EXPECT_EQ(Refused(Signed(Psa(", 5: 1900000000"))), kEatNotYetValid);
  EXPECT_EQ(Refused(Signed(Psa(", 6: 1900000000"))), kEatNotYetValid);
  EXPECT_EQ(Refused(Signed(Psa(", 263: 0"))), kEatDebug);
  EXPECT_EQ(Refused(Signed(Psa("", "16384"))), kEatLifecycle);
  EXPECT_EQ(Refused(Signed(Psa("", "24832"))), kEatMalformed);
  EXPECT_EQ(Refused(Signed(Psa(", 268: h'00'"))), kEatMalformed);
  EXPECT_EQ(Refused(Edn(Psa())), kEatUnsigned);
  EXPECT_EQ(Refused(Edn("601(" + Psa() + ")")), kEatUnsigned);
}

TEST_F(Verifier, SaysWhichClaimItFellAt) {
  const auto verdict = Appraise(Signed(Psa(", 268: h'00'")), expected);
  ASSERT_FALSE(verdict.ok());
  EXPECT_THAT(verdict.error().words, HasSubstr("bootseed"));
}

// A key speaks for the UEID that it is tied to, and for no other.
TEST_F(Verifier, BelievesAKeyOnItsOwnUeidAlone) {
  expected.anchors[0].ueid->back() ^= std::byte{1};
  EXPECT_EQ(Refused(Signed(Psa())), Error::kEatNoKey);
  // Another device's key, for this UEID.
  expected.anchors.push_back(
      {KeyOf(other.public_key()), host::ToBlob(ueid), {}, "other"});
  EXPECT_EQ(Refused(Signed(Psa())), Error::kEatBadSignature);
  EXPECT_TRUE(Appraise(Signed(Psa(), other), expected).ok());
}

TEST_F(Verifier, WithoutUeid_SaysThatNobodyWasIdentified) {
  expected.anchors[0].ueid.reset();
  expected.anchors[0].implementation.reset();
  const Verdict verdict = Good(Signed(Psa()));
  EXPECT_EQ(verdict.Status(), Tier::kNone);
  EXPECT_THAT(verdict.unchecked,
              ElementsAre("whose key it is", "implementation"));
}

TEST_F(Verifier, RefusesAnotherNonceProfileImplementationOrAlgorithm) {
  const Raw token = Signed(Psa());
  Expectations good = expected;
  expected.nonce->back() ^= std::byte{1};
  EXPECT_EQ(Refused(token), Error::kEatWrongNonce);
  expected = good;
  expected.profile = "tag:psacertified.org,2023:psa";
  EXPECT_EQ(Refused(token), Error::kEatWrongProfile);
  expected = good;
  expected.policy.profiles = {"tag:confidential-ai,2026:ai"};
  EXPECT_EQ(Refused(token), Error::kEatWrongProfile);
  expected = good;
  expected.anchors[0].implementation->back() ^= std::byte{1};
  EXPECT_EQ(Refused(token), Error::kEatImplementation);
  expected = good;
  expected.policy.algorithms = {-35};
  EXPECT_EQ(Refused(token), Error::kEatWrongAlgorithm);
}

TEST_F(Verifier, RefusesAnotherAlgorithmThanTheKeyHas) {
  const Raw payload = Edn(Psa());
  const auto with = [&](const std::string& message) {
    return Refused(Edn(message + ", {}, " + Quote(payload) + ", h'" +
                       std::string(128, '0') + "'])"));
  };
  EXPECT_EQ(with("18([<<{1: -35}>>"), Error::kEatWrongAlgorithm);
  EXPECT_EQ(with("18([h''"), Error::kEatWrongAlgorithm);
  EXPECT_EQ(with("17([<<{1: 5}>>"), Error::kEatWrongAlgorithm);
  EXPECT_EQ(with("18([<<{1: -7, 2: [99], 99: 1}>>"),
            Error::kCoseUnexpectedHeader);
}

TEST_F(Verifier, JudgesUnknownFirmwareByPolicy) {
  expected.references.firmware.pop_back();
  expected.references.firmware[0].measurement.back() ^= std::byte{1};
  const Raw token = Signed(Psa());
  const Verdict verdict = Good(token);
  EXPECT_EQ(verdict.Status(), Tier::kContraindicated);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].error, Error::kEatFirmwareUnknown);
  EXPECT_EQ(verdict.findings[0].words, "the component SPE");
  expected.policy.unknown_firmware = Unknown::kWarning;
  EXPECT_EQ(Good(token).Status(), Tier::kWarning);
  expected.policy.unknown_firmware = Unknown::kRefuse;
  EXPECT_EQ(Refused(token), Error::kEatFirmwareUnknown);
  expected.references.firmware.clear();
  EXPECT_EQ(Good(token).Status(), Tier::kNone);
  EXPECT_THAT(Good(token).unchecked, Contains("firmware"));
}

TEST_F(Verifier, ComparesWhatAReferenceNames) {
  KnownFirmware& known = expected.references.firmware[0];
  const Raw token = Signed(Psa());
  known.implementation = host::ToBlob(Filled<32>(1));
  EXPECT_EQ(Good(token).Status(), Tier::kContraindicated);
  known.implementation = host::ToBlob(implementation);
  EXPECT_EQ(Good(token).Status(), Tier::kAffirming);
  known.version = "2.0";
  EXPECT_EQ(Good(token).Status(), Tier::kContraindicated);
  known.version.clear();
  known.signer = host::ToBlob(Filled<32>(1));
  EXPECT_EQ(Good(token).Status(), Tier::kContraindicated);
}

TEST_F(Verifier, AsksThePolicyForClientAgeAndClaims) {
  const Raw token = Signed(Psa(", 6: 1799999000"));
  expected.policy.clients = Policy::Client::kNspe;
  EXPECT_EQ(Refused(token), Error::kEatClient);
  expected.policy.clients = Policy::Client::kSpe;
  expected.policy.max_age_s = 1000;
  EXPECT_TRUE(Appraise(token, expected).ok());
  expected.policy.max_age_s = 100;
  EXPECT_EQ(Refused(token), Error::kEatTooOld);
  EXPECT_EQ(Refused(Signed(Psa())), Error::kEatPolicyClaim);
  expected.policy.max_age_s.reset();
  expected.policy.require = {273};
  EXPECT_EQ(Refused(token), Error::kEatPolicyClaim);
}

TEST_F(Verifier, AcceptsALifecycleThatThePolicyNamesButDoesNotAffirmIt) {
  expected.policy.lifecycles = {"secured", "non-psa-rot-debug"};
  const Verdict verdict = Good(Signed(Psa("", "16384")));
  EXPECT_EQ(verdict.Status(), Tier::kContraindicated);
  EXPECT_EQ(verdict.findings[0].error, Error::kEatLifecycle);
}

// ---- AI and key tokens -----------------------------------------------------

TEST_F(Verifier, AffirmsAGoodAiToken) {
  expected.service = host::ToBlob(service);
  expected.boot_count = 7;
  expected.confirmation = cose_sign.public_key();
  const Verdict verdict = Good(AiToken());
  EXPECT_EQ(verdict.Status(), Tier::kAffirming);
  EXPECT_THAT(verdict.unchecked, IsEmpty());
  for (const char* name : {"platform", "engine", "models"}) {
    ASSERT_NE(Find(verdict, name), nullptr) << name;
    EXPECT_EQ(Find(verdict, name)->Status(), Tier::kAffirming) << name;
  }
}

TEST_F(Verifier, AiToken_SaysWhatNobodyAskedFor) {
  EXPECT_THAT(Good(AiToken()).unchecked,
              ElementsAre("audience", "boot count", "confirmed key"));
}

TEST_F(Verifier, RefusesAnAiTokenWrongByOneThing) {
  using enum Error;
  const Token token = AiToken();
  expected.service = host::ToBlob(Filled<8>(1));
  EXPECT_EQ(Refused(token), kEatWrongAudience);
  expected.service.reset();
  expected.boot_count = 8;
  EXPECT_EQ(Refused(token), kEatWrongBoot);
  expected.boot_count.reset();
  expected.confirmation = other.public_key();
  EXPECT_EQ(Refused(token), kEatWrongKey);
  expected.confirmation.reset();
  const auto nested = [&](auto alter) { return Refused(AiToken({}, alter)); };
  using Claims = eat::PlatformClaims;
  EXPECT_EQ(nested([](Claims& c) { c.client_id = -1; }), kEatPlatformClient);
  EXPECT_EQ(nested([](Claims& c) { c.lifecycle = 0x4000; }), kEatLifecycle);
  const auto zeros = Filled<32>(0);
  EXPECT_EQ(nested([&](Claims& c) { c.nonce = zeros; }), kEatPlatformMismatch);
  EXPECT_EQ(nested([&](Claims& c) { c.boot_seed = zeros; }),
            kEatPlatformMismatch);
  EXPECT_EQ(nested([&](Claims& c) { c.implementation_id = zeros; }),
            kEatImplementation);
}

TEST_F(Verifier, NamesEachUnknownModel) {
  expected.references.models.pop_back();
  const Verdict verdict = Good(AiToken());
  EXPECT_EQ(verdict.Status(), Tier::kContraindicated);
  EXPECT_EQ(Find(verdict, "engine")->Status(), Tier::kAffirming);
  EXPECT_EQ(Value(*Find(verdict, "models"), Trust::kSourcedData), trust::kBad);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_EQ(verdict.findings[0].words, "the model anomaly");
}

TEST_F(Verifier, ComparesAKeyTokensRequestAndPurpose) {
  expected.request_digest = host::ToBlob(request);
  expected.purpose = "cose-sign";
  expected.confirmation = cose_sign.public_key();
  EXPECT_EQ(Good(KeyToken()).Status(), Tier::kAffirming);
  expected.purpose = "tls-client";
  EXPECT_EQ(Refused(KeyToken()), Error::kEatWrongPurpose);
  expected.purpose = "cose-sign";
  expected.request_digest->back() ^= std::byte{1};
  EXPECT_EQ(Refused(KeyToken()), Error::kEatWrongCsr);
}

// ---- Any EAT ---------------------------------------------------------------

TEST_F(Verifier, AppraisesMeasurementsOfAnyEat) {
  const auto measured = [&](Bytes digest) {
    return Signed(Plain(", 273: [[65002, <<{1: [\"m\"], 2: [-16, " +
                        Quote(digest) + "]}>>]]"));
  };
  EXPECT_EQ(Good(measured(sine)).Status(), Tier::kAffirming);
  EXPECT_EQ(Good(measured(signer)).Status(), Tier::kContraindicated);
  EXPECT_EQ(Good(Signed(Plain(""))).Status(), Tier::kNone);
  const Verdict failed =
      Good(Signed(Plain(", 274: [[\"files\", [[\"all\", 2]]]]")));
  EXPECT_EQ(failed.Status(), Tier::kContraindicated);
  EXPECT_EQ(failed.findings[0].error, Error::kEatMeasurement);
}

TEST_F(Verifier, BelievesANestedTokenOnItsOwnKeyAlone) {
  const std::string inner =
      "{10: h'0000000000000000', 256: h'01" + std::string(64, 'a') + "'}";
  const auto outer = [&](const TestKey& key) {
    return Signed(
        Plain(", 266: {\"modem\": " + Quote(Signed(inner, key)) + "}"));
  };
  const Verdict unknown = Good(outer(other));
  EXPECT_EQ(Find(unknown, "modem")->Status(), Tier::kNone);
  EXPECT_EQ(unknown.findings[0].error, Error::kEatNoKey);
  Blob modem(33, std::byte{0xaa});
  modem[0] = std::byte{1};
  expected.anchors.push_back({KeyOf(other.public_key()), modem, {}, "modem"});
  const Verdict known = Good(outer(other));
  EXPECT_EQ(Value(*Find(known, "modem"), Trust::kInstanceIdentity),
            trust::kGood);
  EXPECT_THAT(known.unchecked, Contains("nonce of modem"));
  // Signed by the outer device's key instead.
  EXPECT_EQ(Refused(outer(iak)), Error::kEatBadSignature);
}

TEST_F(Verifier, ReadsSubmodulesAndDetachedClaims) {
  const Raw claims = Edn("{262: true, 263: 3}");
  const auto bundle = [&](Bytes digest) {
    return Edn("602([" +
               Quote(Signed(Plain(", 266: {\"TEE\": [-16, " + Quote(digest) +
                                  "], \"OS\": {263: 2}}"))) +
               ", {\"TEE\": " + Quote(claims) + "}])");
  };
  const Verdict verdict = Good(bundle(crypto::Sha256::Of(claims)));
  for (const char* name : {"TEE", "OS"})
    EXPECT_EQ(Value(*Find(verdict, name), Trust::kConfiguration), trust::kGood);
  EXPECT_EQ(Refused(bundle(spe)), Error::kEatDigestMismatch);
  // Without the bundle there is nothing to read.
  const Verdict alone =
      Good(Signed(Plain(", 266: {\"TEE\": [-16, " + Quote(spe) + "]}")));
  EXPECT_EQ(Find(alone, "TEE"), nullptr);
  EXPECT_THAT(alone.unchecked, Contains("the detached submodule TEE"));
}

TEST_F(Verifier, AsksThePolicyForDebuggingInSubmodulesToo) {
  const Raw claims = Edn("{263: 0}");
  const Raw here = Signed(Plain(", 266: {\"OS\": {263: 0}}"));
  const Raw deeper =
      Signed(Plain(", 266: {\"OS\": {266: {\"app\": {263: 0}}}}"));
  const Raw detached =
      Edn("602([" +
          Quote(Signed(Plain(", 266: {\"TEE\": [-16, " +
                             Quote(crypto::Sha256::Of(claims)) + "]}"))) +
          ", {\"TEE\": " + Quote(claims) + "}])");
  for (const Raw& token : {here, deeper, detached})
    EXPECT_EQ(Refused(token), Error::kEatDebug);
  expected.policy.debug.insert(eat::DebugStatus::kEnabled);
  for (const Raw& token : {here, deeper, detached})
    EXPECT_EQ(Good(token).Status(), Tier::kWarning);
}

TEST_F(Verifier, StopsAtTokensNestedTooDeeply) {
  std::string token = Plain("");
  for (int i = 0; i < 5; ++i)
    token = Plain(", 266: {\"a\": " + Quote(Signed(token)) + "}");
  EXPECT_EQ(Refused(Signed(token)), Error::kEatTooMany);
}

// ---- Results ---------------------------------------------------------------

class Results : public Verifier {
 protected:
  Blob ResultOf(const Verdict& verdict, Bytes evidence) {
    expected.policy.id = "https://example.com/policies/1";
    const auto ear = EncodeResult(verdict, expected.policy, evidence,
                                  {"verifier", "1.0", 1'800'000'000});
    EXPECT_TRUE(ear.ok());
    return *ear;
  }
};

TEST_F(Results, AreSignedAndVerifiedAgain) {
  const Token token = AiToken();
  const Blob ear = ResultOf(Good(token), token);
  const auto decoded = eat::DecodeEar(ear);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(Hex(decoded->raw_evidence), Hex(token));
  EXPECT_EQ(Hex(decoded->nonce), Hex(nonce));
  EXPECT_EQ(decoded->appraisals[0].policy_id, expected.policy.id);

  const TestKey verifier(0x66);
  const auto message = SignResult(ear, verifier.get());
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(Refused(*message), Error::kEatNoKey);
  expected.anchors = {{KeyOf(verifier.public_key()), {}, {}, "verifier"}};
  const Verdict again = Good(*message);
  EXPECT_EQ(again.Status(), Tier::kAffirming);
  ASSERT_NE(Find(again, "models"), nullptr);
  EXPECT_EQ(Value(*Find(again, "models"), Trust::kSourcedData), trust::kGood);
  expected.anchors = {{KeyOf(other.public_key()), {}, {}, "other"}};
  EXPECT_EQ(Refused(*message), Error::kEatBadSignature);
}

// A result is a verifier's word; a device that signs one vouches for itself.
TEST_F(Results, AreNotTakenFromTheAttester) {
  const std::string ear = "{6: 1800000000, 10: " + Quote(nonce) +
                          ", 256: " + Quote(ueid) +
                          ", 265: \"tag:ietf.org,2026:rats/ear#03\", "
                          "266: {\"EAT\": {1000: 2, 1001: {0: 2}}}, "
                          "1004: {0: \"v\", 1: \"1\"}}";
  EXPECT_EQ(Refused(Signed(ear)), Error::kEatWrongProfile);
  const std::string nested =
      Plain(", 266: {\"result\": " + Quote(Signed(ear)) + "}");
  EXPECT_EQ(Refused(Signed(nested)), Error::kEatWrongProfile);
  expected.anchors = {{KeyOf(iak.public_key()), {}, {}, "verifier"}};
  EXPECT_EQ(Good(Signed(ear)).Status(), Tier::kAffirming);
}

TEST_F(Results, AreTheSameInJson) {
  const Blob ear = ResultOf(Good(Signed(Psa())), {});
  const auto json = ResultJson(ear);
  ASSERT_TRUE(json.ok());
  EXPECT_THAT(*json, HasSubstr("\"ear_status\":\"affirming\""));
  EXPECT_THAT(*json, HasSubstr("\"instance-identity\":2"));
  const auto back = ResultFromJson(*json);
  ASSERT_TRUE(back.ok()) << back.error().Text();
  EXPECT_EQ(Hex(*back), Hex(ear));
}

TEST_F(Results, NameEachPartOnceAndBounded) {
  const std::string name(40, 'x');
  const Verdict verdict = Good(
      Signed(Plain(", 266: {\"EAT\": {263: 1}, \"" + name + "\": {263: 1}}")));
  const Blob message = ResultOf(verdict, {});
  const auto ear = eat::DecodeEar(message);
  ASSERT_TRUE(ear.ok());
  EXPECT_EQ(ear->appraisals[0].name, "EAT");
  EXPECT_EQ(ear->appraisals[1].name, "part 2");
  EXPECT_EQ(ear->appraisals[2].name, "part 3");
}

// ---- The editors' tokens of RFC 9783 ---------------------------------------

constexpr const char* kRfc9783 =
    "../shared/vectors/rfc9783-psa-token/cddl/example/";

class Rfc9783 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kRfc9783))
      GTEST_SKIP() << kRfc9783 << " is not here: its tokens are not verified."
                   << " Our own are.";
  }
  static Blob File(const std::string& name) {
    return *host::ReadFile(std::string(kRfc9783) + name);
  }
  static Outcome<Verdict> Verify(const std::string& token, TokenKey key) {
    Expectations expected;
    expected.anchors.push_back(
        {std::make_shared<const TokenKey>(std::move(key)), {}, {}, "vector"});
    expected.nonce = Blob(32, std::byte{1});
    expected.profile = "tag:psacertified.org,2023:psa#tfm";
    return Appraise(File(token), expected);
  }
};

TEST_F(Rfc9783, Tokens_VerifyWithTheirKeys) {
  for (const char* key : {"tfm-es-iak.pem", "tfm-es-iak.json"}) {
    const auto verdict = Verify("psa-sign1.cbor", *TokenKey::Parse(File(key)));
    ASSERT_TRUE(verdict.ok()) << key << verdict.error().Text();
    EXPECT_EQ(verdict->parts[0].name, "PSA");
  }
  EXPECT_TRUE(
      Verify("psa-mac0.cbor", *TokenKey::OfSecret(File("tfm-hs-iak.bin")))
          .ok());
}

TEST_F(Rfc9783, Tokens_AreRefusedWithEachOthersKeys) {
  const auto sign1 =
      Verify("psa-sign1.cbor", *TokenKey::OfSecret(File("tfm-hs-iak.bin")));
  const auto mac0 =
      Verify("psa-mac0.cbor", *TokenKey::Parse(File("tfm-es-iak.pem")));
  const auto wrong =
      Verify("psa-mac0.cbor", *TokenKey::OfSecret(Blob(64, std::byte{1})));
  EXPECT_EQ(sign1.error().error, Error::kEatWrongAlgorithm);
  EXPECT_EQ(mac0.error().error, Error::kEatWrongAlgorithm);
  EXPECT_EQ(wrong.error().error, Error::kEatBadSignature);
}

}  // namespace
}  // namespace cai::verifier
