// Attestation on the machine, as the NSPE sees it: what it is given says what
// it must, and what is not its own it cannot get. Signatures are the verifier's
// (no attestation key's public half is to be had here): lib/eat and tests/e2e.
#include <array>
#include <cstring>

#include "device/psa/ns/service.h"
#include "device/tests/ns/tap.h"
#include "lib/eat/parse.h"
#include "lib/x509/csr.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"

namespace {

using namespace cai;
using psa_ns::In;
using spm::AttestOp;
using spm::Sid;

std::uint8_t token[2048];
std::uint8_t csr[512];
const std::uint8_t challenge[64] = {0x5a};

template <std::size_t kIns>
psa_status_t Attest(AttestOp op, const psa_invec (&in)[kIns],
                    std::size_t& size) {
  return psa_ns::Call(Sid::kAttest, static_cast<std::int32_t>(op), in, token,
                      sizeof(token) - 64, &size);
}

bool IsHashOf(Bytes digest, Bytes data) {
  std::uint8_t hash[32];
  std::size_t size = 0;
  return psa_hash_compute(PSA_ALG_SHA_256, AsU8(data), data.size(), hash,
                          sizeof(hash), &size) == PSA_SUCCESS &&
         Equal(digest, AsBytes(hash, size));
}

CAI_DEVICE_TEST(Attest, PlatformTokenHasTheAnnouncedSizeAndNsAsItsClient) {
  for (const std::size_t bytes : {32u, 48u, 64u}) {
    std::size_t announced = 0, size = 0;
    EXPECT(psa_initial_attest_get_token_size(bytes, &announced) == PSA_SUCCESS);
    EXPECT(psa_initial_attest_get_token(challenge, bytes, token, announced,
                                        &size) == PSA_SUCCESS);
    EXPECT(size == announced);
    const auto parsed = eat::ParsePlatformToken(AsBytes(token, size));
    EXPECT(parsed.ok());
    if (!parsed.ok())
      return cai::tap::Note("error",
                            static_cast<std::uint32_t>(parsed.error()));
    EXPECT(Equal(parsed->claims.nonce, AsBytes(challenge, bytes)));
    EXPECT(parsed->claims.client_id < 0);
    EXPECT(parsed->profile == eat::kProfilePlatform);
    EXPECT(parsed->claims.component_count >= 1);
  }
}

CAI_DEVICE_TEST(Attest, PlatformTokenRefusesOtherChallengesAndShortBuffers) {
  static const std::uint8_t long_challenge[600] = {};
  std::size_t size = 99;
  for (const std::size_t bytes : {0u, 1u, 31u, 33u, 47u, 63u, 65u, 600u}) {
    EXPECT(psa_initial_attest_get_token(long_challenge, bytes, token, 1024,
                                        &size) == PSA_ERROR_INVALID_ARGUMENT);
    EXPECT(size == 0);
    EXPECT(psa_initial_attest_get_token_size(bytes, &size) ==
           PSA_ERROR_INVALID_ARGUMENT);
  }
  EXPECT(psa_initial_attest_get_token_size(32, nullptr) ==
         PSA_ERROR_INVALID_ARGUMENT);
  EXPECT(psa_initial_attest_get_token(nullptr, 32, token, 1024, &size) ==
         PSA_ERROR_INVALID_ARGUMENT);
  EXPECT(psa_initial_attest_get_token(challenge, 32, nullptr, 1024, &size) ==
         PSA_ERROR_INVALID_ARGUMENT);
  EXPECT(psa_initial_attest_get_token(challenge, 32, token, 1024, nullptr) ==
         PSA_ERROR_INVALID_ARGUMENT);
  EXPECT(psa_initial_attest_get_token(challenge, 32, token, 0, &size) ==
         PSA_ERROR_INVALID_ARGUMENT);

  // One byte less than announced is too little, and nothing is written.
  std::size_t announced = 0;
  EXPECT(psa_initial_attest_get_token_size(64, &announced) == PSA_SUCCESS);
  EXPECT(announced <= PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE);
  for (const std::size_t room :
       {std::size_t{1}, std::size_t{31}, std::size_t{200}, announced - 1}) {
    std::memset(token, 0xEE, sizeof(token));
    EXPECT(psa_initial_attest_get_token(challenge, 64, token, room, &size) ==
           PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT(size == 0);
    bool untouched = true;
    for (const std::uint8_t byte : token) untouched &= byte == 0xEE;
    EXPECT(untouched);
  }
}

CAI_DEVICE_TEST(Attest, KeyTokenCoversTheRequestOfItsKey) {
  for (const std::uint32_t purpose : {1u, 2u}) {
    std::size_t csr_size = 0, size = 0;
    EXPECT(psa_ns::Call(
               Sid::kIdentity, static_cast<std::int32_t>(spm::IdentityOp::kCsr),
               {In(purpose)}, csr, sizeof(csr), &csr_size) == PSA_SUCCESS);
    EXPECT(Attest(AttestOp::kKeyToken, {{challenge, 32}, In(purpose)}, size) ==
           PSA_SUCCESS);
    const auto request = x509::ParseCsr(AsBytes(csr, csr_size));
    const auto key = eat::ParseKeyToken(AsBytes(token, size));
    EXPECT(request.ok() && key.ok());
    if (!request.ok() || !key.ok()) return;
    EXPECT(key->claims.confirmation == request->key);
    EXPECT(IsHashOf(key->claims.request_digest, request->request_info));
    EXPECT(Equal(key->claims.nonce, AsBytes(challenge, 32)));
    const auto platform = eat::ParsePlatformToken(key->claims.platform);
    EXPECT(platform.ok() && platform->claims.client_id == 3);
    EXPECT(platform.ok() &&
           Equal(platform->claims.nonce, AsBytes(challenge, 32)));
  }
}

CAI_DEVICE_TEST(Attest, KeyTokenIsRefusedForTheAttestationKey) {
  std::size_t size = 0;
  const std::uint32_t iak = 3;
  EXPECT(Attest(AttestOp::kKeyToken, {{challenge, 32}, In(iak)}, size) ==
         PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT(size == 0);
}

// seal's alone: the manifest does not let the NSPE through at all.
CAI_DEVICE_TEST(Attest, AiTokenIsOutOfReach) {
  const std::uint8_t request[104] = {};
  std::uint8_t id[32];
  std::uint32_t generation = 0;
  const psa_invec in = {request, sizeof(request)};
  psa_outvec out[] = {
      {token, 1600}, {id, sizeof(id)}, {&generation, sizeof(generation)}};
  const psa_status_t status =
      psa_call(CAI_PSA_HANDLE(static_cast<std::int32_t>(Sid::kAttest)),
               static_cast<std::int32_t>(AttestOp::kAiToken), &in, 1, out, 3);
  EXPECT(status == PSA_ERROR_NOT_PERMITTED);
}

}  // namespace
