#include "device/partitions/attest/attest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "device/partitions/attest/attest_server.h"
#include "device/partitions/infer/api.h"
#include "device/partitions/testing/fake_spm.h"
#include "lib/cbor/writer.h"
#include "lib/eat/test_device.h"
#include "lib/x509/csr.h"

namespace cai::attest {
namespace {

using eat::Filled;
using fake_spm::Request;
using spm::AttestOp;
using Raw = std::vector<std::byte>;

constexpr auto kSeal = static_cast<std::int32_t>(spm::PartitionId::kSeal);

// The device's values; identity and infer answer from here.
struct World {
  eat::TestDevice device;
  eat::TestKey tls_client{0x66};
  Raw measurements;
  psa_status_t identity_status = PSA_SUCCESS;
  psa_status_t infer_status = PSA_SUCCESS;
  std::size_t identity_calls = 0;
};
World* world = nullptr;

const crypto::P256Public& KeyOf(std::uint32_t purpose) {
  return purpose == static_cast<std::uint32_t>(spm::Purpose::kTlsClient)
             ? world->tls_client.public_key()
             : world->device.cose_sign.public_key();
}

// CertificationRequestInfo as the crypto partition makes it.
Raw RequestInfo(std::uint32_t purpose) {
  const bool tls =
      purpose == static_cast<std::uint32_t>(spm::Purpose::kTlsClient);
  ByteArray<x509::kMaxRequestInfo> buffer;
  const auto info = x509::EncodeRequestInfo(
      {x509::kOrganization, "0123cafe-89ab-4def-8123-456789abcdef",
       tls ? x509::kUnitTlsClient : x509::kUnitCoseSign},
      KeyOf(purpose), buffer);
  return {info->begin(), info->end()};
}

psa_status_t Identity(spm::Message* message) {
  ++world->identity_calls;
  EXPECT_EQ(message->client, 3) << "attest is who asks";
  const auto purpose = message->Read<std::uint32_t>(0);
  if (!purpose.ok() || world->identity_status != PSA_SUCCESS)
    return world->identity_status;
  std::size_t at = 0;
  if (message->op == static_cast<std::int32_t>(spm::IdentityOp::kCriDigest)) {
    const auto digest = crypto::Sha256::Of(RequestInfo(*purpose));
    EXPECT_TRUE(message->Write(at++, digest).ok());
  }
  EXPECT_TRUE(message->Write(at, KeyOf(*purpose).xy).ok());
  return PSA_SUCCESS;
}

psa_status_t Infer(spm::Message* message) {
  EXPECT_EQ(message->op,
            static_cast<std::int32_t>(spm::InferOp::kMeasurements));
  if (world->infer_status != PSA_SUCCESS) return world->infer_status;
  EXPECT_TRUE(message->Write(0, world->measurements).ok());
  return PSA_SUCCESS;
}

class Attest : public ::testing::Test {
 protected:
  Attest() {
    world = &world_;
    fake_spm::Reset();
    fake_spm::RunAs(spm::PartitionId::kAttest);
    fake_spm::Provide(spm::Sid::kIdentity, Identity);
    fake_spm::Provide(spm::Sid::kInfer, Infer);
    fake_spm::SetUptime(90'500);
    Measure(5, 3);
    Boot(7);
  }
  ~Attest() override { world = nullptr; }

  void Boot(std::uint32_t count) {
    spm::BootData boot{};
    boot.boot_count = count;
    boot.lifecycle = 0x3000;
    boot.ueid = device.ueid;
    boot.implementation_id = device.implementation;
    boot.component_count = 2;
    SetComponent(boot, 0, "SPE", device.spe, "1.2.3+4");
    SetComponent(boot, 1, "NSPE", device.nspe, "0.9.0");
    fake_spm::SetBootData(boot);
    EXPECT_EQ(Start(device.iak.get()), PSA_SUCCESS);
  }

  void SetComponent(spm::BootData& boot, int i, const char* type,
                    const crypto::Digest& measurement, const char* version) {
    // NUL padded, and without a NUL where the text fills the field.
    std::memcpy(boot.components[i].type, type, strnlen(type, 8));
    std::memcpy(boot.components[i].version, version, strnlen(version, 24));
    boot.components[i].measurement = measurement;
    boot.components[i].signer = device.signer;
  }

  void Measure(std::uint64_t generation, std::size_t components) {
    const crypto::Digest* digests[] = {&device.engine, &device.sine,
                                       &device.anomaly};
    const char* names[] = {"cai-nn", "sine", "anomaly"};
    const char* versions[] = {"1.0.0", "3", "12"};
    Raw buffer(600);
    cbor::Writer w(buffer);
    w.Array(2);
    w.Uint(generation);
    w.Array(components);
    for (std::size_t i = 0; i < components; ++i) {
      w.Array(3);
      w.Text(names[i % 3]);
      w.Text(versions[i % 3]);
      w.Bstr(*digests[i % 3]);
    }
    buffer.resize(w.size());
    world_.measurements = buffer;
  }

  static Request To(AttestOp op, std::int32_t client) {
    return {.sid = spm::Sid::kAttest,
            .client = client,
            .op = static_cast<std::int32_t>(op)};
  }
  static psa_status_t Send(Request& request) {
    return request.Send(cai_attest_Serve);
  }

  Request TokenRequest(std::size_t challenge, std::size_t room,
                       std::int32_t client = -1) {
    Request request = To(AttestOp::kToken, client);
    request.InBytes(Raw(challenge, std::byte{0x22})).Out(room);
    return request;
  }

  Request KeyTokenRequest(spm::Purpose purpose, std::int32_t client = -1) {
    Request request = To(AttestOp::kKeyToken, client);
    request.In(device.nonce).In(static_cast<std::uint32_t>(purpose));
    request.Out(kMaxKeyToken);
    return request;
  }

  Request AiRequest(std::int32_t client = kSeal,
                    std::size_t room = kMaxAiToken) {
    AiTokenRequest in;
    std::ranges::copy(device.service, in.service);
    std::ranges::copy(device.nonce, in.nonce);
    std::ranges::copy(device.cose_sign.public_key().xy, in.confirmation);
    Request request = To(AttestOp::kAiToken, client);
    request.In(in).Out(room).Out(32).Out(4);
    return request;
  }

  static std::uint32_t U32(const Raw& bytes) {
    std::uint32_t value = 0;
    EXPECT_EQ(bytes.size(), sizeof value);
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  static void ExpectNothingLeft(const Request& request) {
    for (const Raw& output : request.outputs) EXPECT_TRUE(output.empty());
  }

  World world_;
  const eat::TestDevice& device = world_.device;
};

// ---- Platform token for NS -------------------------------------------------

TEST_F(Attest, Token_SaysWhatBootHandedOver) {
  Request request = TokenRequest(48, kMaxPlatformToken, -7);
  ASSERT_EQ(Send(request), PSA_SUCCESS);
  const auto token = eat::ParsePlatformToken(request.outputs[0]);
  ASSERT_TRUE(token.ok());
  EXPECT_TRUE(
      cose::VerifySignature(token->message, device.iak.public_key()).ok());
  EXPECT_EQ(token->profile, "tag:psacertified.org,2023:psa#tfm");
  EXPECT_TRUE(Equal(token->claims.nonce, Raw(48, std::byte{0x22})));
  EXPECT_TRUE(Equal(token->claims.ueid, device.ueid));
  EXPECT_EQ(token->claims.client_id, -7);
  EXPECT_EQ(token->claims.lifecycle, 0x3000);
  ASSERT_EQ(token->claims.component_count, 2u);
  EXPECT_EQ(token->claims.components[1].type, "NSPE");
  EXPECT_EQ(token->claims.components[0].version, "1.2.3+4");
  EXPECT_TRUE(Equal(token->claims.components[0].measurement, device.spe));
}

TEST_F(Attest, Token_TakesThreeSizesOfChallengeAlone) {
  for (std::size_t size = 0; size <= 80; ++size) {
    Request request = TokenRequest(size, kMaxPlatformToken);
    const bool good = size == 32 || size == 48 || size == 64;
    EXPECT_EQ(Send(request), good ? PSA_SUCCESS : PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(request.outputs[0].empty(), !good);
  }
}

TEST_F(Attest, TokenSize_IsTheSizeOfTheToken) {
  for (const std::uint32_t challenge : {32u, 48u, 64u}) {
    for (const std::int32_t client :
         {-1, -24, -25, -70000, std::numeric_limits<std::int32_t>::min()}) {
      Request size = To(AttestOp::kTokenSize, client);
      size.In(challenge).Out(4);
      ASSERT_EQ(Send(size), PSA_SUCCESS);
      const std::uint32_t need = U32(size.outputs[0]);
      Request fits = TokenRequest(challenge, need, client);
      ASSERT_EQ(Send(fits), PSA_SUCCESS);
      EXPECT_EQ(fits.outputs[0].size(), need);
      Request starved = TokenRequest(challenge, need - 1, client);
      EXPECT_EQ(Send(starved), PSA_ERROR_BUFFER_TOO_SMALL);
      ExpectNothingLeft(starved);
    }
  }
  Request odd = To(AttestOp::kTokenSize, -1);
  odd.In(std::uint32_t{33}).Out(4);
  EXPECT_EQ(Send(odd), PSA_ERROR_INVALID_ARGUMENT);
}

TEST_F(Attest, Token_RefusesEveryBufferTooShort) {
  for (std::size_t room = 0; room < 400; ++room) {
    Request request = TokenRequest(32, room);
    EXPECT_EQ(Send(request), PSA_ERROR_BUFFER_TOO_SMALL) << room;
    ExpectNothingLeft(request);
  }
}

TEST_F(Attest, Token_IsForNonsecureClientsAlone) {
  for (const std::int32_t client : {1, 2, 3, 4, 5, 6, 7}) {
    Request request = TokenRequest(32, kMaxPlatformToken, client);
    EXPECT_EQ(Send(request), PSA_ERROR_NOT_PERMITTED) << client;
    ExpectNothingLeft(request);
  }
}

// ---- Boot ------------------------------------------------------------------

Raw SeedOf(const Raw& token) {
  const auto seed = eat::ParsePlatformToken(token)->claims.boot_seed;
  return {seed.begin(), seed.end()};
}

TEST_F(Attest, BootSeed_IsDrawnOncePerBoot) {
  Request first = TokenRequest(32, kMaxPlatformToken), second = first;
  ASSERT_EQ(Send(first), PSA_SUCCESS);
  ASSERT_EQ(Send(second), PSA_SUCCESS);
  EXPECT_EQ(SeedOf(first.outputs[0]), SeedOf(second.outputs[0]));
  Boot(8);
  Request later = TokenRequest(32, kMaxPlatformToken);
  ASSERT_EQ(Send(later), PSA_SUCCESS);
  EXPECT_NE(SeedOf(first.outputs[0]), SeedOf(later.outputs[0]));
}

// ["cai1 bootseed", 7, 32 bytes of 0x01] by hand.
TEST_F(Attest, BootSeed_IsTheHashOfItsDefinition) {
  Raw encoded = {std::byte{0x83}, std::byte{0x6d}};
  for (const char c : std::string_view("cai1 bootseed"))
    encoded.push_back(std::byte(c));
  encoded.push_back(std::byte{0x07});
  encoded.push_back(std::byte{0x58});
  encoded.push_back(std::byte{0x20});
  encoded.resize(encoded.size() + 32, std::byte{0x01});
  EXPECT_EQ(BootSeed(7, Filled<32>(1)), crypto::Sha256::Of(encoded));
}

// protocol.md, 3, item 7.
TEST_F(Attest, WithoutABootCount_EveryTokenIsRefused) {
  Boot(0);
  Request size = To(AttestOp::kTokenSize, -1);
  size.In(std::uint32_t{32}).Out(4);
  Request token = TokenRequest(32, kMaxPlatformToken), ai = AiRequest();
  Request key = KeyTokenRequest(spm::Purpose::kCoseSign);
  for (Request* request : {&size, &token, &key, &ai}) {
    EXPECT_EQ(Send(*request), PSA_ERROR_BAD_STATE);
    ExpectNothingLeft(*request);
  }
}

// ---- AI token --------------------------------------------------------------

TEST_F(Attest, AiToken_IsAffirmedByTheVerifier) {
  Request request = AiRequest();
  ASSERT_EQ(Send(request), PSA_SUCCESS);
  const auto result = eat::VerifyAiToken(request.outputs[0], device.ExpectAi());
  ASSERT_TRUE(result.ok()) << ErrorName(result.error());
  EXPECT_EQ(result->appraisal.status, eat::Tier::kAffirming);
  EXPECT_TRUE(Equal(request.outputs[1], result->token_id));
  EXPECT_EQ(U32(request.outputs[2]), 5u);
  EXPECT_EQ(result->claims.uptime_s, 90u);
  EXPECT_EQ(result->claims.boot_count, 7u);
  EXPECT_EQ(result->claims.components[1].name, "sine");
}

TEST_F(Attest, AiToken_NamesAnotherModelOnceItRuns) {
  Request before = AiRequest();
  ASSERT_EQ(Send(before), PSA_SUCCESS);
  Measure(6, 2);
  Request after = AiRequest();
  ASSERT_EQ(Send(after), PSA_SUCCESS);
  EXPECT_EQ(U32(after.outputs[2]), 6u);
  EXPECT_EQ(eat::ParseAiToken(after.outputs[0])->claims.component_count, 2u);
  EXPECT_NE(before.outputs[1], after.outputs[1]);
}

TEST_F(Attest, AiToken_IsForSealAlone) {
  for (const std::int32_t client : {-1, -4, 0, 1, 2, 3, 5, 6, 7}) {
    Request request = AiRequest(client);
    EXPECT_EQ(Send(request), PSA_ERROR_NOT_PERMITTED) << client;
    ExpectNothingLeft(request);
  }
}

TEST_F(Attest, AiToken_ConfirmsTheCoseSignKeyAlone) {
  Request request = AiRequest();
  request.inputs[0].back() ^= std::byte{1};
  EXPECT_EQ(Send(request), PSA_ERROR_NOT_PERMITTED);
  ExpectNothingLeft(request);
}

TEST_F(Attest, AiToken_RefusesEveryBufferTooShort) {
  Request whole = AiRequest();
  ASSERT_EQ(Send(whole), PSA_SUCCESS);
  const std::size_t need = whole.outputs[0].size();
  for (std::size_t room = 0; room < need; room += 7) {
    Request request = AiRequest(kSeal, room);
    EXPECT_EQ(Send(request), PSA_ERROR_BUFFER_TOO_SMALL) << room;
    ExpectNothingLeft(request);
  }
  Request exact = AiRequest(kSeal, need);
  EXPECT_EQ(Send(exact), PSA_SUCCESS);
}

TEST_F(Attest, AiToken_FailsIfAnotherPartitionFails) {
  world_.infer_status = PSA_ERROR_COMMUNICATION_FAILURE;
  Request no_infer = AiRequest();
  EXPECT_EQ(Send(no_infer), PSA_ERROR_GENERIC_ERROR);
  ExpectNothingLeft(no_infer);
  world_.infer_status = PSA_SUCCESS;
  world_.identity_status = PSA_ERROR_CONNECTION_REFUSED;
  Request no_identity = AiRequest();
  EXPECT_EQ(Send(no_identity), PSA_ERROR_GENERIC_ERROR);
  ExpectNothingLeft(no_identity);
}

TEST_F(Attest, AiToken_RefusesMeasurementsThatAreNotInForm) {
  const Raw good = world_.measurements;
  for (std::size_t size = 0; size < good.size(); ++size) {
    world_.measurements = Raw(good.begin(), good.begin() + size);
    Request request = AiRequest();
    EXPECT_NE(Send(request), PSA_SUCCESS) << size;
    ExpectNothingLeft(request);
  }
  world_.measurements = good;
  world_.measurements.push_back(std::byte{0});
  Request trailing = AiRequest();
  EXPECT_NE(Send(trailing), PSA_SUCCESS);
  for (const std::size_t components : {0, 6}) {
    Measure(5, components);
    Request request = AiRequest();
    EXPECT_NE(Send(request), PSA_SUCCESS) << components;
  }
  Measure(std::uint64_t{1} << 32, 3);
  Request generation = AiRequest();
  EXPECT_NE(Send(generation), PSA_SUCCESS);
}

TEST_F(Attest, AiToken_HoldsAllThatTheHandoffAndInferMaySay) {
  spm::BootData boot{};
  boot.boot_count = std::numeric_limits<std::uint32_t>::max();
  boot.lifecycle = 0x3000;
  boot.ueid = device.ueid;
  boot.component_count = 4;
  for (int i = 0; i < 4; ++i)
    SetComponent(boot, i, "EIGHTCHR", device.spe, "twenty-four characters 1");
  fake_spm::SetBootData(boot);
  ASSERT_EQ(Start(device.iak.get()), PSA_SUCCESS);
  Measure(5, 1 + infer::kMaxModels);
  Request request = AiRequest();
  ASSERT_EQ(Send(request), PSA_SUCCESS);
  const auto parsed = eat::ParseAiToken(request.outputs[0]);
  ASSERT_TRUE(parsed.ok());
  const auto platform = eat::ParsePlatformToken(parsed->claims.platform);
  ASSERT_TRUE(platform.ok());
  EXPECT_EQ(platform->claims.components[3].type, "EIGHTCHR");
  EXPECT_EQ(platform->claims.components[3].version, "twenty-four characters 1");
}

// ---- Key token -------------------------------------------------------------

eat::KeyExpectations ExpectKeyFor(spm::Purpose purpose) {
  const auto number = static_cast<std::uint32_t>(purpose);
  eat::KeyExpectations expected = world->device.ExpectKey();
  expected.request_digest = crypto::Sha256::Of(RequestInfo(number));
  expected.confirmation = KeyOf(number);
  expected.purpose = purpose == spm::Purpose::kTlsClient
                         ? eat::kPurposeTlsClient
                         : eat::kPurposeCoseSign;
  return expected;
}

TEST_F(Attest, KeyToken_IsAffirmedForBothPurposesAndNotCrosswise) {
  for (const auto purpose :
       {spm::Purpose::kTlsClient, spm::Purpose::kCoseSign}) {
    Request request = KeyTokenRequest(purpose);
    ASSERT_EQ(Send(request), PSA_SUCCESS);
    const auto result =
        eat::VerifyKeyToken(request.outputs[0], ExpectKeyFor(purpose));
    ASSERT_TRUE(result.ok()) << ErrorName(result.error());
    EXPECT_EQ(result->appraisal.status, eat::Tier::kAffirming);
    EXPECT_EQ(result->platform.client_id, 3);
    const auto other = purpose == spm::Purpose::kTlsClient
                           ? spm::Purpose::kCoseSign
                           : spm::Purpose::kTlsClient;
    const auto crosswise =
        eat::VerifyKeyToken(request.outputs[0], ExpectKeyFor(other));
    ASSERT_FALSE(crosswise.ok());
    EXPECT_EQ(crosswise.error(), Error::kEatWrongCsr);
  }
}

TEST_F(Attest, KeyToken_RefusesPurposesWithoutRequests) {
  for (const std::uint32_t purpose : {0u, 3u, 4u, 0xffffffffu}) {
    Request request = KeyTokenRequest(static_cast<spm::Purpose>(purpose));
    EXPECT_EQ(Send(request), PSA_ERROR_PROGRAMMER_ERROR) << purpose;
    ExpectNothingLeft(request);
  }
  EXPECT_EQ(world_.identity_calls, 0u);
}

TEST_F(Attest, KeyToken_IsForNonsecureClientsAlone) {
  for (const std::int32_t client : {1, 2, 3, 4, 5, 6, 7}) {
    Request request = KeyTokenRequest(spm::Purpose::kCoseSign, client);
    EXPECT_EQ(Send(request), PSA_ERROR_NOT_PERMITTED) << client;
  }
}

// protocol.md, 2, C2: what NS gets from the PSA API for a key of its own is no
// key token, whatever it puts into the challenge.
TEST_F(Attest, PlatformTokenOverARequestsHash_IsNoKeyToken) {
  const auto digest = crypto::Sha256::Of(RequestInfo(2));
  Request request = To(AttestOp::kToken, -1);
  request.InBytes(digest).Out(kMaxPlatformToken);
  ASSERT_EQ(Send(request), PSA_SUCCESS);
  eat::KeyExpectations expected = ExpectKeyFor(spm::Purpose::kCoseSign);
  expected.nonce->nonce = digest;
  const auto result = eat::VerifyKeyToken(request.outputs[0], expected);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), Error::kEatWrongContentType);
}

// protocol.md, 2, H10: nor can it stand as the platform half of an AI token,
// even with the verifier's nonce: the client id is NS's.
TEST_F(Attest, PlatformTokenOverAServicesNonce_IsNoSystemEvidence) {
  Request request = TokenRequest(32, kMaxPlatformToken);
  ASSERT_EQ(Send(request), PSA_SUCCESS);
  const auto forged = device.AiToken(
      [&](eat::AiClaims& claims) { claims.platform = request.outputs[0]; });
  const auto result = eat::VerifyAiToken(forged, device.ExpectAi());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), Error::kEatPlatformClient);
}

// ---- Requests --------------------------------------------------------------

TEST_F(Attest, RefusesRequestsOfAnotherShape) {
  Request no_input = To(AttestOp::kToken, -1);
  no_input.Out(kMaxPlatformToken);
  Request no_output = To(AttestOp::kToken, -1);
  no_output.InBytes(device.nonce);
  Request short_nonce = To(AttestOp::kKeyToken, -1);
  short_nonce.InBytes(Bytes(device.nonce).first(31));
  short_nonce.In(std::uint32_t{2}).Out(kMaxKeyToken);
  Request long_purpose = To(AttestOp::kKeyToken, -1);
  long_purpose.In(device.nonce).In(std::uint64_t{2}).Out(kMaxKeyToken);
  Request short_ai = AiRequest();
  short_ai.inputs[0].pop_back();
  Request two_outputs = AiRequest();
  two_outputs.outputs.pop_back();
  Request unknown = To(static_cast<AttestOp>(4), -1);
  for (Request* request : {&no_input, &no_output, &short_nonce, &long_purpose,
                           &short_ai, &two_outputs, &unknown}) {
    EXPECT_EQ(Send(*request), PSA_ERROR_PROGRAMMER_ERROR);
    ExpectNothingLeft(*request);
  }
}

TEST_F(Attest, AiToken_RefusesAnOutputTooSmallForIdOrGeneration) {
  for (const std::size_t output : {1, 2}) {
    Request request = AiRequest();
    request.outputs[output].pop_back();
    EXPECT_EQ(Send(request), PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT_TRUE(request.outputs[0].empty());
  }
}

}  // namespace
}  // namespace cai::attest
