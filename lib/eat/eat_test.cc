#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "lib/cbor/writer.h"
#include "lib/eat/headers.h"
#include "lib/eat/parse.h"
#include "lib/eat/test_device.h"

namespace cai::eat {
namespace {

using Raw = std::vector<std::byte>;

template <typename T>
Error ErrorOf(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Error{} : result.error();
}

Raw ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const Bytes bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

// Made by cbor2 and python3-cryptography: testdata/make.py.
Raw Vector(std::string_view name) {
  return ReadFile(std::filesystem::path("lib/eat/testdata") / name);
}

class Eat : public ::testing::Test, public TestDevice {
 protected:
  Error Ai(const Token& token, const AiExpectations& expected) const {
    return ErrorOf(VerifyAiToken(token, expected));
  }
  Error Ai(const Token& token) const { return Ai(token, ExpectAi()); }
  Error Key(const Token& token, const KeyExpectations& expected) const {
    return ErrorOf(VerifyKeyToken(token, expected));
  }
  Error Key(const Token& token) const { return Key(token, ExpectKey()); }

  // Any payload, framed and signed as a token is.
  Token Framed(Bytes header, Bytes payload) const {
    Raw out(cose::Sign1Size(header.size(), payload.size()));
    const auto token = cose::MakeSign1(header, payload, iak.get(), out);
    return {token->begin(), token->end()};
  }
};

// ---- Format ----------------------------------------------------------------

TEST_F(Eat, Drafts_AreWhatTheOtherImplementationWrites) {
  const auto but_signature = [](Bytes token) {
    return Raw(token.begin(), token.end() - 64);
  };
  EXPECT_EQ(but_signature(PlatformToken(-5)),
            but_signature(Vector("tokens/platform.cbor")));

  // The nested token's signature is another, so it is taken from the vector.
  const Raw ai = Vector("tokens/ai.cbor"), key = Vector("tokens/key.cbor");
  const auto theirs = ParseAiToken(ai);
  ASSERT_TRUE(theirs.ok());
  EXPECT_EQ(but_signature(AiToken([&](AiClaims& claims) {
              claims.platform = theirs->claims.platform;
            })),
            but_signature(ai));
  const auto their_key = ParseKeyToken(key);
  ASSERT_TRUE(their_key.ok());
  EXPECT_EQ(but_signature(KeyToken([&](KeyClaims& claims) {
              claims.platform = their_key->claims.platform;
            })),
            but_signature(key));
}

TEST_F(Eat, Verify_AcceptsTheOtherImplementationsTokens) {
  const Raw ai = Vector("tokens/ai.cbor"), key = Vector("tokens/key.cbor");
  const auto result = VerifyAiToken(ai, ExpectAi());
  ASSERT_TRUE(result.ok()) << ErrorName(result.error());
  EXPECT_EQ(result->appraisal.status, Tier::kAffirming);
  EXPECT_TRUE(VerifyKeyToken(key, ExpectKey()).ok());
}

TEST_F(Eat, Parse_ReadsEveryClaim) {
  const Token token = AiToken();
  const auto parsed = ParseAiToken(token);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->profile, "tag:confidential-ai,2026:ai");
  EXPECT_TRUE(Equal(parsed->claims.service, service));
  EXPECT_EQ(parsed->claims.confirmation, cose_sign.public_key());
  EXPECT_TRUE(Equal(parsed->claims.nonce, nonce));
  EXPECT_TRUE(Equal(parsed->claims.ueid, ueid));
  EXPECT_EQ(parsed->claims.uptime_s, 90u);
  EXPECT_EQ(parsed->claims.boot_count, 7u);
  EXPECT_TRUE(Equal(parsed->claims.boot_seed, boot_seed));
  ASSERT_EQ(parsed->claims.component_count, 3u);
  EXPECT_EQ(parsed->claims.components[2].name, "anomaly");
  EXPECT_EQ(parsed->claims.components[2].version, "12");
  EXPECT_TRUE(Equal(parsed->claims.components[2].digest, anomaly));

  const auto platform = ParsePlatformToken(parsed->claims.platform);
  ASSERT_TRUE(platform.ok());
  EXPECT_EQ(platform->claims.client_id, 3);
  EXPECT_EQ(platform->claims.lifecycle, 0x3000);
  ASSERT_EQ(platform->claims.component_count, 2u);
  EXPECT_EQ(platform->claims.components[0].type, "SPE");
  EXPECT_EQ(platform->claims.components[0].version, "1.2.3+4");
  EXPECT_TRUE(Equal(platform->claims.components[1].measurement, nspe));
  EXPECT_TRUE(Equal(platform->claims.components[1].signer, signer));
}

// The largest of every claim, to the byte.
TEST_F(Eat, MaxSizes_AreExact) {
  const std::string type(SoftwareComponent::kMaxType, 't');
  const std::string text(24, 'v');
  PlatformClaims platform =
      MakePlatform(std::numeric_limits<std::int32_t>::min());
  platform.lifecycle = 0x60ff;
  platform.components.fill({type, spe, text, signer});
  platform.component_count = kMaxSoftwareComponents;
  const auto challenge = Filled<64>(9);
  ByteArray<kMaxPlatformToken + 1> platform_buffer, nested_buffer;
  const auto nested = DraftPlatformToken(platform, nested_buffer);
  ASSERT_TRUE(nested.ok());
  EXPECT_EQ(nested->message.size(), kMaxNestedPlatformToken);
  platform.nonce = challenge;
  const auto longest = DraftPlatformToken(platform, platform_buffer);
  ASSERT_TRUE(longest.ok());
  EXPECT_EQ(longest->message.size(), kMaxPlatformToken);
  EXPECT_EQ(PlatformTokenSize(platform), kMaxPlatformToken);

  AiClaims ai = MakeAi(nested->message);
  ai.uptime_s = std::numeric_limits<std::uint64_t>::max();
  ai.boot_count = std::numeric_limits<std::uint32_t>::max();
  ai.components.fill({text, text, engine});
  ai.component_count = kMaxMeasuredComponents;
  ByteArray<kMaxAiToken + 1> ai_buffer;
  EXPECT_EQ(DraftAiToken(ai, ai_buffer)->message.size(), kMaxAiToken);

  KeyClaims key = MakeKey(nested->message);
  key.purpose = kPurposeTlsClient;
  ByteArray<kMaxKeyToken + 1> key_buffer;
  EXPECT_EQ(DraftKeyToken(key, key_buffer)->message.size(), kMaxKeyToken);
}

TEST_F(Eat, Drafts_RefuseEveryBufferTooShort) {
  const Token platform = PlatformToken(), ai = AiToken(), key = KeyToken();
  ByteArray<kMaxAiToken> buffer;
  const auto refused = [&](std::size_t need, auto draft) {
    for (std::size_t room = 0; room < need; ++room) {
      buffer[room] = std::byte{0x5a};
      EXPECT_EQ(ErrorOf(draft(MutableBytes(buffer).first(room))),
                Error::kCborNoRoom);
      EXPECT_EQ(buffer[room], std::byte{0x5a}) << "written past the room";
    }
    EXPECT_TRUE(draft(MutableBytes(buffer).first(need)).ok());
  };
  refused(platform.size(), [&](MutableBytes out) {
    return DraftPlatformToken(MakePlatform(3), out);
  });
  refused(ai.size(), [&](MutableBytes out) {
    return DraftAiToken(MakeAi(platform), out);
  });
  refused(key.size(), [&](MutableBytes out) {
    return DraftKeyToken(MakeKey(platform), out);
  });
}

TEST_F(Eat, Drafts_RefuseEachClaimOfAWrongForm) {
  ByteArray<kMaxAiToken> buffer;
  const Bytes hash31 = Bytes(spe).first(31);
  const std::string long_text(25, 'x');
  const std::vector<Alter<PlatformClaims>> platforms = {
      [&](auto& c) { c.nonce = hash31; },
      [&](auto& c) { c.ueid = spe; },
      [&](auto& c) { c.boot_seed = hash31; },
      [&](auto& c) { c.lifecycle = 0x3100; },
      [&](auto& c) { c.lifecycle = 0x7000; },
      [&](auto& c) { c.implementation_id = hash31; },
      [&](auto& c) { c.component_count = 0; },
      [&](auto& c) { c.component_count = kMaxSoftwareComponents + 1; },
      [&](auto& c) { c.components[1].measurement = hash31; },
      [&](auto& c) { c.components[1].signer = {}; },
      [&](auto& c) { c.components[1].type = "NINECHARS"; },
      [&](auto& c) { c.components[1].version = long_text; },
  };
  for (const auto& alter : platforms) {
    PlatformClaims claims = MakePlatform(3);
    alter(claims);
    EXPECT_EQ(ErrorOf(DraftPlatformToken(claims, buffer)),
              Error::kEatMalformed);
  }
  const Token platform = PlatformToken();
  const std::vector<Alter<AiClaims>> ais = {
      [&](auto& c) { c.service = hash31; },
      [&](auto& c) { c.nonce = hash31; },
      [&](auto& c) { c.ueid = hash31; },
      [&](auto& c) { c.boot_count = 0; },
      [&](auto& c) { c.boot_seed = hash31; },
      [&](auto& c) { c.platform = {}; },
      [&](auto& c) { c.component_count = 0; },
      [&](auto& c) { c.component_count = kMaxMeasuredComponents + 1; },
      [&](auto& c) { c.components[0].name = ""; },
      [&](auto& c) { c.components[0].name = long_text; },
      [&](auto& c) { c.components[0].version = long_text; },
      [&](auto& c) { c.components[2].digest = hash31; },
  };
  for (const auto& alter : ais) {
    AiClaims claims = MakeAi(platform);
    alter(claims);
    EXPECT_EQ(ErrorOf(DraftAiToken(claims, buffer)), Error::kEatMalformed);
  }
  KeyClaims key = MakeKey(platform);
  key.purpose = "model-kek";
  EXPECT_EQ(ErrorOf(DraftKeyToken(key, buffer)), Error::kEatMalformed);
}

TEST_F(Eat, Parse_RefusesEveryTruncationAndATrailingByte) {
  for (Token token : {AiToken(), KeyToken(), PlatformToken()}) {
    for (std::size_t size = 0; size < token.size(); ++size) {
      EXPECT_FALSE(ParseAiToken(Bytes(token).first(size)).ok());
      EXPECT_FALSE(ParseKeyToken(Bytes(token).first(size)).ok());
      EXPECT_FALSE(ParsePlatformToken(Bytes(token).first(size)).ok());
    }
    token.push_back(std::byte{0});
    EXPECT_FALSE(ParseAiToken(token).ok());
    EXPECT_FALSE(ParseKeyToken(token).ok());
    EXPECT_FALSE(ParsePlatformToken(token).ok());
  }
}

// ---- AI token: accepted ----------------------------------------------------

TEST_F(Eat, Ai_AffirmsAGoodToken) {
  const Token token = AiToken();
  const auto result = VerifyAiToken(token, ExpectAi());
  ASSERT_TRUE(result.ok()) << ErrorName(result.error());
  EXPECT_EQ(result->token_id, ParseAiToken(token)->Id());
  const Appraisal& a = result->appraisal;
  for (const Tier tier : {a.status, a.instance_identity, a.configuration,
                          a.executables, a.hardware, a.engine, a.models})
    EXPECT_EQ(tier, Tier::kAffirming);
  EXPECT_FALSE(a.reason);
}

TEST_F(Eat, Ai_AcceptsANonceSpentByThisVeryToken) {
  const Token token = AiToken();
  AiExpectations expected = ExpectAi();
  expected.nonce->spent_by = ParseAiToken(token)->Id();
  EXPECT_TRUE(VerifyAiToken(token, expected).ok());
}

// n - s: the signature is another, the token is not (protocol.md, M4).
TEST_F(Eat, Ai_IdOutlivesTheSignaturesOtherForm) {
  constexpr std::uint8_t kOrder[32] = {
      0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
      0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
  const Token token = AiToken();
  Token twisted = token;
  int borrow = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    std::byte& at = twisted[twisted.size() - 1 - i];
    const int digit = kOrder[31 - i] - std::to_integer<int>(at) - borrow;
    borrow = digit < 0;
    at = std::byte(digit + 256 * borrow);
  }
  ASSERT_NE(token, twisted);
  const auto result = VerifyAiToken(twisted, ExpectAi());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->token_id, ParseAiToken(token)->Id());

  AiExpectations spent = ExpectAi();
  spent.nonce->spent_by = ParseAiToken(token)->Id();
  EXPECT_TRUE(VerifyAiToken(twisted, spent).ok()) << "no second token";
}

// ---- AI token: wrong by one thing (protocol.md, 3, item 36) ----------------

TEST_F(Eat, Ai_RefusesAReplayedNonce) {
  AiExpectations expected = ExpectAi();
  expected.nonce->spent_by = Filled<32>(1);  // another token
  EXPECT_EQ(Ai(AiToken(), expected), Error::kEatNonceSpent);
}

TEST_F(Eat, Ai_RefusesANonceThatWasNotIssuedToThisDevice) {
  AiExpectations expected = ExpectAi();
  expected.nonce.reset();
  EXPECT_EQ(Ai(AiToken(), expected), Error::kEatWrongNonce);
  expected = ExpectAi();
  expected.nonce->nonce[31] ^= std::byte{1};
  EXPECT_EQ(Ai(AiToken(), expected), Error::kEatWrongNonce);
}

TEST_F(Eat, Ai_RefusesAnExpiredNonce) {
  AiExpectations expected = ExpectAi();
  expected.nonce->expired = true;
  EXPECT_EQ(Ai(AiToken(), expected), Error::kEatNonceExpired);
}

TEST_F(Eat, Ai_RefusesAnotherAudience) {
  AiExpectations expected = ExpectAi();
  expected.service[7] = std::byte{'2'};
  EXPECT_EQ(Ai(AiToken(), expected), Error::kEatWrongAudience);
}

TEST_F(Eat, Ai_RefusesAnEarlierBoot) {
  const Token earlier = AiToken([](AiClaims& c) { c.boot_count = 6; });
  EXPECT_EQ(Ai(earlier), Error::kEatWrongBoot);
}

TEST_F(Eat, Ai_RefusesAnotherConfirmedKey) {
  const Token token =
      AiToken([&](AiClaims& c) { c.confirmation = other.public_key(); });
  EXPECT_EQ(Ai(token), Error::kEatWrongKey);
}

TEST_F(Eat, Ai_RefusesAnotherDevicesToken) {
  auto theirs = ueid;
  theirs[32] ^= std::byte{1};
  const Token token = AiToken([&](AiClaims& c) { c.ueid = theirs; },
                              [&](PlatformClaims& c) { c.ueid = theirs; });
  EXPECT_EQ(Ai(token), Error::kEatUnknownDevice);
}

TEST_F(Eat, Ai_RefusesAnotherKeysSignature) {
  const Token platform = PlatformToken();
  ByteArray<kMaxAiToken> buffer;
  EXPECT_EQ(Ai(SignedBy(other, DraftAiToken(MakeAi(platform), buffer))),
            Error::kEatBadSignature);
  EXPECT_EQ(Ai(SignedBy(cose_sign, DraftAiToken(MakeAi(platform), buffer))),
            Error::kEatBadSignature);
}

TEST_F(Eat, Ai_RefusesEveryFlippedByte) {
  const Token good = AiToken();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Token bad = good;
    bad[i] ^= std::byte{0x10};
    EXPECT_FALSE(VerifyAiToken(bad, ExpectAi()).ok()) << i;
  }
}

TEST_F(Eat, RefusesATokenOfAnotherKind) {
  const Token ai = AiToken(), key = KeyToken(), platform = PlatformToken();
  EXPECT_EQ(Ai(key), Error::kEatWrongContentType);
  EXPECT_EQ(Ai(platform), Error::kEatWrongContentType);
  EXPECT_EQ(Key(ai), Error::kEatWrongContentType);
  EXPECT_EQ(Key(platform), Error::kEatWrongContentType);
  EXPECT_EQ(ErrorOf(ParsePlatformToken(ai)), Error::kEatWrongContentType);
  EXPECT_EQ(ErrorOf(ParsePlatformToken(key)), Error::kEatWrongContentType);
}

// The same claims under the other kind's header: the profile still differs.
TEST_F(Eat, RefusesAnotherProfileUnderItsOwnHeader) {
  const Token ai = AiToken();
  Raw payload(ParseAiToken(ai)->message.payload.begin(),
              ParseAiToken(ai)->message.payload.end());
  const Bytes from = AsBytes("2026:ai"), to = AsBytes("2026:AI");
  const auto at = std::ranges::search(payload, from);
  std::ranges::copy(to, at.begin());
  EXPECT_EQ(Ai(Framed(AiHeader(), payload)), Error::kEatWrongProfile);

  const Token key = KeyToken();
  const auto claims = ParseKeyToken(key)->message.payload;
  EXPECT_EQ(Ai(Framed(AiHeader(), claims)), Error::kEatMalformed);
}

TEST_F(Eat, RefusesMac0ForSign1) {
  Token token = AiToken();
  token[0] = std::byte{0xd1};  // tag 17
  EXPECT_EQ(Ai(token), Error::kCborOutOfRange);
}

TEST_F(Eat, RefusesAnotherAlgorithmAndMoreHeaders) {
  const Bytes payload = ParseAiToken(Vector("tokens/ai.cbor"))->message.payload;
  constexpr std::uint8_t kEs384[] = {0xa2, 0x01, 0x38, 0x22,
                                     0x03, 0x19, 0xfd, 0xeb};
  constexpr std::uint8_t kWithKid[] = {0xa3, 0x01, 0x26, 0x03, 0x19,
                                       0xfd, 0xeb, 0x04, 0x41, 0x00};
  const Raw vector = Vector("tokens/ai.cbor");
  const Bytes claims = ParseAiToken(vector)->message.payload;
  EXPECT_EQ(Ai(Framed(AsBytes(kEs384, sizeof kEs384), claims)),
            Error::kCoseWrongAlgorithm);
  EXPECT_EQ(Ai(Framed(AsBytes(kWithKid, sizeof kWithKid), claims)),
            Error::kCoseUnexpectedHeader);
}

TEST_F(Eat, Ai_RefusesAMissingATwiceAndAnUnknownClaim) {
  const Raw vector = Vector("tokens/ai.cbor");
  const Bytes good = ParseAiToken(vector)->message.payload;
  // {3: svc, …}: without the first pair; with it twice; with claim -1 more.
  Raw missing(good.begin(), good.end());
  missing.erase(missing.begin() + 1, missing.begin() + 11);
  missing[0] = std::byte{0xa9};
  EXPECT_EQ(Ai(Framed(AiHeader(), missing)), Error::kEatMissingClaim);

  Raw twice(good.begin(), good.end());
  twice.insert(twice.begin() + 1, good.begin() + 1, good.begin() + 11);
  twice[0] = std::byte{0xab};
  EXPECT_EQ(Ai(Framed(AiHeader(), twice)), Error::kCborDuplicateKey);

  Raw more(good.begin(), good.end());
  more[0] = std::byte{0xab};
  more.push_back(std::byte{0x20});
  more.push_back(std::byte{0x00});
  EXPECT_EQ(Ai(Framed(AiHeader(), more)), Error::kEatMalformed);
}

// ---- Nested platform token (item 37) ---------------------------------------

TEST_F(Eat, Ai_RefusesAPlatformTokenThatANonSecureClientGot) {
  for (const std::int32_t client : {-1, -5, 0, 4, 1}) {
    const Token token =
        AiToken({}, [&](PlatformClaims& c) { c.client_id = client; });
    EXPECT_EQ(Ai(token), Error::kEatPlatformClient) << client;
  }
}

TEST_F(Eat, Ai_RefusesAPlatformTokenOfAnotherUeidNonceOrBoot) {
  auto theirs = ueid;
  theirs[5] ^= std::byte{1};
  const auto another = Filled<32>(0x77);
  EXPECT_EQ(Ai(AiToken({}, [&](PlatformClaims& c) { c.ueid = theirs; })),
            Error::kEatPlatformMismatch);
  EXPECT_EQ(Ai(AiToken({}, [&](PlatformClaims& c) { c.nonce = another; })),
            Error::kEatPlatformMismatch);
  EXPECT_EQ(Ai(AiToken({}, [&](PlatformClaims& c) { c.boot_seed = another; })),
            Error::kEatPlatformMismatch);
}

TEST_F(Eat, Ai_RefusesAPlatformTokenOfAnotherKey) {
  ByteArray<kMaxPlatformToken> buffer;
  const Token platform =
      SignedBy(other, DraftPlatformToken(MakePlatform(3), buffer));
  const Token token = AiToken([&](AiClaims& c) { c.platform = platform; });
  EXPECT_EQ(Ai(token), Error::kEatBadSignature);
}

TEST_F(Eat, Ai_RefusesEveryLifecycleThatIsNotSecured) {
  for (const int lifecycle : {0x0000, 0x1000, 0x2000, 0x4000, 0x5000, 0x6000}) {
    const Token token = AiToken({}, [&](PlatformClaims& c) {
      c.lifecycle = static_cast<std::uint16_t>(lifecycle);
    });
    EXPECT_EQ(Ai(token), Error::kEatLifecycle) << lifecycle;
  }
}

TEST_F(Eat, Ai_ContraindicatesADebugDeviceWhereThePolicyLetsItIn) {
  const Token token =
      AiToken({}, [](PlatformClaims& c) { c.lifecycle = 0x4000; });
  AiExpectations expected = ExpectAi();
  expected.policy.accept_unsecured = true;
  const auto result = VerifyAiToken(token, expected);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->appraisal.status, Tier::kContraindicated);
  EXPECT_EQ(result->appraisal.configuration, Tier::kContraindicated);
  EXPECT_EQ(result->appraisal.reason, Error::kEatLifecycle);
}

TEST_F(Eat, Ai_RefusesAnotherImplementation) {
  const auto another = Filled<32>(0x77);
  const Token token =
      AiToken({}, [&](PlatformClaims& c) { c.implementation_id = another; });
  EXPECT_EQ(Ai(token), Error::kEatImplementation);
}

TEST_F(Eat, Ai_RefusesANestedTokenOfAnotherKind) {
  const Token key = KeyToken();
  EXPECT_EQ(
      Ai(AiToken([&](AiClaims& c) { c.platform = Bytes(key).first(500); })),
      Error::kCborTruncated);
}

// ---- Session names T1, T2 is inside (item 38) ------------------------------

TEST_F(Eat, Ai_RefusesATokenThatTheSessionDoesNotName) {
  const Token first = AiToken();
  const Token second = AiToken([](AiClaims& c) { c.uptime_s = 91; });
  AiExpectations expected = ExpectAi();
  expected.token_id = ParseAiToken(first)->Id();
  EXPECT_TRUE(VerifyAiToken(first, expected).ok());
  EXPECT_EQ(Ai(second, expected), Error::kEatWrongTokenId);
}

// ---- Reference values ------------------------------------------------------

TEST_F(Eat, Ai_ReportsOrRefusesEachUnknownValue) {
  const auto unknown = Filled<32>(0x99);
  const auto check = [&](const Token& token, Error reason,
                         Tier Appraisal::* tier) {
    AiExpectations expected = ExpectAi();
    const auto result = VerifyAiToken(token, expected);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->appraisal.status, Tier::kContraindicated);
    EXPECT_EQ(result->appraisal.*tier, Tier::kContraindicated);
    EXPECT_EQ(result->appraisal.reason, reason);
    expected.policy.refuse_unknown = true;
    EXPECT_EQ(Ai(token, expected), reason);
  };
  check(AiToken({}, [&](auto& c) { c.components[1].measurement = unknown; }),
        Error::kEatFirmwareUnknown, &Appraisal::executables);
  check(AiToken({}, [&](auto& c) { c.components[0].signer = unknown; }),
        Error::kEatFirmwareUnknown, &Appraisal::executables);
  check(AiToken({}, [&](auto& c) { c.components[0].type = "NSPE"; }),
        Error::kEatFirmwareUnknown, &Appraisal::executables);
  check(AiToken([&](auto& c) { c.components[0].digest = unknown; }),
        Error::kEatEngineUnknown, &Appraisal::engine);
  check(AiToken([&](auto& c) { c.components[2].digest = unknown; }),
        Error::kEatModelUnknown, &Appraisal::models);
  // A model's hash is no engine's.
  check(AiToken([&](auto& c) { c.components[0].digest = sine; }),
        Error::kEatEngineUnknown, &Appraisal::engine);
}

// A rejected hash under another name is the same hash.
TEST_F(Eat, Ai_NamesOfModelsDecideNothing) {
  const Token token = AiToken([](auto& c) { c.components[1].name = "cosine"; });
  EXPECT_EQ(VerifyAiToken(token, ExpectAi())->appraisal.status,
            Tier::kAffirming);
}

TEST_F(Eat, Ai_IsNotAffirmedWithoutReferenceValues) {
  AiExpectations expected = ExpectAi();
  expected.references.models = {};
  const Token token = AiToken();
  EXPECT_EQ(VerifyAiToken(token, expected)->appraisal.status, Tier::kNone);
  expected = ExpectAi();
  expected.references.engines = {};
  EXPECT_EQ(VerifyAiToken(token, expected)->appraisal.status, Tier::kNone);
  expected = ExpectAi();
  expected.references.firmware = {};
  EXPECT_EQ(VerifyAiToken(token, expected)->appraisal.status, Tier::kNone);
}

// ---- Order of the checks: of two defects the earlier is reported -----------

TEST_F(Eat, Ai_ReportsTheFirstDefectInTheOrderOfTheProtocol) {
  AiExpectations e = ExpectAi();
  const Token token = AiToken([](AiClaims& c) { c.boot_count = 6; },
                              [](PlatformClaims& c) { c.lifecycle = 0x4000; });
  e.confirmation = other.public_key();
  EXPECT_EQ(Ai(token, e), Error::kEatWrongBoot);
  e.service[0] = std::byte{0};
  EXPECT_EQ(Ai(token, e), Error::kEatWrongAudience);
  e.nonce->expired = true;
  EXPECT_EQ(Ai(token, e), Error::kEatNonceExpired);
  e.nonce->spent_by = Filled<32>(1);
  EXPECT_EQ(Ai(token, e), Error::kEatNonceSpent);
  e.device.implementation_id[0] ^= std::byte{1};
  EXPECT_EQ(Ai(token, e), Error::kEatImplementation);
  e.device.attestation_key = other.public_key();
  EXPECT_EQ(Ai(token, e), Error::kEatBadSignature);
  e.device.ueid[1] ^= std::byte{1};
  EXPECT_EQ(Ai(token, e), Error::kEatUnknownDevice);
  e.token_id = Filled<32>(1);
  EXPECT_EQ(Ai(token, e), Error::kEatWrongTokenId);
}

// ---- Key token (item 39) ---------------------------------------------------

TEST_F(Eat, Key_AffirmsAGoodToken) {
  const Token token = KeyToken();
  const auto result = VerifyKeyToken(token, ExpectKey());
  ASSERT_TRUE(result.ok()) << ErrorName(result.error());
  EXPECT_EQ(result->appraisal.status, Tier::kAffirming);
  EXPECT_EQ(result->claims.purpose, "cose-sign");
}

TEST_F(Eat, Key_RefusesAPlatformTokenOverTheRequestsHash) {
  // What NS can get for its own key: challenge = H(CSR), client id negative.
  EXPECT_EQ(Key(PlatformToken(-1, [&](auto& c) { c.nonce = request; })),
            Error::kEatWrongContentType);
}

TEST_F(Eat, Key_RefusesARequestAlteredAfterwards) {
  KeyExpectations expected = ExpectKey();
  expected.request_digest[0] ^= std::byte{1};
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatWrongCsr);
}

TEST_F(Eat, Key_RefusesANonceReused) {
  KeyExpectations expected = ExpectKey();
  expected.nonce->spent_by = Filled<32>(1);
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatNonceSpent);
  expected = ExpectKey();
  expected.nonce->expired = true;
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatNonceExpired);
  expected.nonce.reset();
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatWrongNonce);
}

TEST_F(Eat, Key_RefusesAnotherPurpose) {
  KeyExpectations expected = ExpectKey();
  expected.purpose = PurposeOf("Device Client TLS");
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatWrongPurpose);
  expected.purpose = PurposeOf("LinaroCA Bootstrap Cert");
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatWrongPurpose);
}

TEST_F(Eat, Key_RefusesAnotherKeyThanTheRequests) {
  KeyExpectations expected = ExpectKey();
  expected.confirmation = other.public_key();
  EXPECT_EQ(Key(KeyToken(), expected), Error::kEatWrongKey);
}

TEST_F(Eat, Key_RefusesAnotherDeviceKeyClientOrLifecycle) {
  auto theirs = ueid;
  theirs[32] ^= std::byte{1};
  EXPECT_EQ(Key(KeyToken([&](auto& c) { c.ueid = theirs; })),
            Error::kEatUnknownDevice);
  EXPECT_EQ(Key(KeyToken({}, [](auto& c) { c.client_id = -1; })),
            Error::kEatPlatformClient);
  EXPECT_EQ(Key(KeyToken({}, [&](auto& c) { c.ueid = theirs; })),
            Error::kEatPlatformMismatch);
  EXPECT_EQ(Key(KeyToken({}, [](auto& c) { c.lifecycle = 0x2000; })),
            Error::kEatLifecycle);
  const Token platform = PlatformToken();
  ByteArray<kMaxKeyToken> buffer;
  EXPECT_EQ(Key(SignedBy(other, DraftKeyToken(MakeKey(platform), buffer))),
            Error::kEatBadSignature);
}

TEST_F(Eat, Key_RefusesEveryFlippedByte) {
  const Token good = KeyToken();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Token bad = good;
    bad[i] ^= std::byte{0x10};
    EXPECT_FALSE(VerifyKeyToken(bad, ExpectKey()).ok()) << i;
  }
}

}  // namespace
}  // namespace cai::eat
