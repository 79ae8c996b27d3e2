// Any PSA attestation token's claims (RFC 9783), whoever made them; the legacy
// PSA_IOT_PROFILE_1 is read, never written. The lean reader of our own platform
// tokens is parse.h.
#pragma once

#include "lib/eat/claims_set.h"

namespace cai::eat {

constexpr std::string_view kProfilePsaTfm = "tag:psacertified.org,2023:psa#tfm";
constexpr std::string_view kProfilePsaBase = "tag:psacertified.org,2023:psa";
constexpr std::string_view kProfilePsaLegacy = "PSA_IOT_PROFILE_1";

bool IsPsaProfile(std::string_view profile);

// As ReadClaims(). The legacy profile's own keys are read into the members that
// stand for the same things today; its profile's name is kept.
Result<ClaimsSet> ReadPsaClaims(Bytes in,
                                cbor::Mode mode = cbor::Mode::kLenient,
                                std::int64_t* where = nullptr);

// Whether these are the claims of a PSA token: kEatWrongProfile,
// kEatMissingClaim, or kEatMalformed for a value that RFC 9783 does not allow.
// `where` receives the claim (its key of today).
Status CheckPsa(const ClaimsSet& claims, std::int64_t* where = nullptr);

// RFC 9783, 4.3.1: "secured" for 0x30xx; empty for no lifecycle.
std::string_view LifecycleName(std::uint16_t lifecycle);

}  // namespace cai::eat
