// What the attest partition tells its callers (spm::AttestOp).
#pragma once

#include <cstddef>
#include <type_traits>

#include "lib/eat/claims.h"

namespace cai::attest {

// AttestOp::kAiToken, seal alone. `confirmation` must be the device's cose-sign
// key as identity.kPublicKey gives it: anything else is refused.
struct AiTokenRequest {
  std::byte service[8];
  std::byte nonce[32];
  std::byte confirmation[64];  // x || y
};
static_assert(sizeof(AiTokenRequest) == 104);
static_assert(std::has_unique_object_representations_v<AiTokenRequest>);

// Room that always suffices, for a token with the most components and the
// longest names; today's images need about two thirds of it.
constexpr std::size_t kMaxPlatformToken = eat::kMaxPlatformToken;
constexpr std::size_t kMaxAiToken = eat::kMaxAiToken;
constexpr std::size_t kMaxKeyToken = eat::kMaxKeyToken;

// How the operations fail:
//   PSA_ERROR_INVALID_ARGUMENT    a challenge that is not 32, 48 or 64 bytes
//   PSA_ERROR_BUFFER_TOO_SMALL    the token does not fit
//   PSA_ERROR_NOT_PERMITTED       not this caller's operation, or another key
//                                 than cose-sign
//   PSA_ERROR_BAD_STATE           no boot count: no attestation in this boot
//   PSA_ERROR_PROGRAMMER_ERROR    a malformed request
//   PSA_ERROR_GENERIC_ERROR       another partition failed

}  // namespace cai::attest
