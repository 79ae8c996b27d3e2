// Initial Attestation over psa_call.
#include "device/partitions/attest/api.h"
#include "device/psa/ns/service.h"
#include "psa/initial_attestation.h"

namespace {

using cai::psa_ns::Call;
using cai::psa_ns::In;
using cai::spm::AttestOp;
using cai::spm::Sid;

static_assert(PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE >=
              cai::attest::kMaxPlatformToken);

// The partition refuses others, too; but not every size gets there.
bool IsChallengeSize(size_t size) {
  return size == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32 ||
         size == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_48 ||
         size == PSA_INITIAL_ATTEST_CHALLENGE_SIZE_64;
}

}  // namespace

extern "C" psa_status_t psa_initial_attest_get_token(
    const uint8_t* auth_challenge, size_t challenge_size, uint8_t* token_buf,
    size_t token_buf_size, size_t* token_size) {
  if (token_size == nullptr) return PSA_ERROR_INVALID_ARGUMENT;
  *token_size = 0;
  // A buffer of no size is no buffer, rather than one that is too small.
  if (auth_challenge == nullptr || token_buf == nullptr ||
      token_buf_size == 0 || !IsChallengeSize(challenge_size))
    return PSA_ERROR_INVALID_ARGUMENT;
  // No token is larger; a larger buffer need not fit the partition's area.
  if (token_buf_size > PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE)
    token_buf_size = PSA_INITIAL_ATTEST_MAX_TOKEN_SIZE;
  return Call(Sid::kAttest, static_cast<int32_t>(AttestOp::kToken),
              {{auth_challenge, challenge_size}}, token_buf, token_buf_size,
              token_size);
}

extern "C" psa_status_t psa_initial_attest_get_token_size(size_t challenge_size,
                                                          size_t* token_size) {
  if (token_size == nullptr) return PSA_ERROR_INVALID_ARGUMENT;
  *token_size = 0;
  if (!IsChallengeSize(challenge_size)) return PSA_ERROR_INVALID_ARGUMENT;
  const auto request = static_cast<uint32_t>(challenge_size);
  uint32_t size = 0;
  const psa_status_t status =
      Call(Sid::kAttest, static_cast<int32_t>(AttestOp::kTokenSize),
           {In(request)}, &size, sizeof(size), nullptr);
  *token_size = size;
  return status;
}
