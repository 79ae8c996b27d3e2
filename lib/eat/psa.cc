#include "lib/eat/psa.h"

#include <algorithm>

#include "lib/eat/headers.h"

namespace cai::eat {
namespace {

// ---- PSA_IOT_PROFILE_1 -----------------------------------------------------

constexpr std::int64_t kLegacyProfile = -75000;
constexpr std::int64_t kNoMeasurements = -75007;

struct Renamed {
  std::int64_t legacy;
  Claim today;
};
constexpr Renamed kRenamed[] = {
    {kLegacyProfile, Claim::kProfile},
    {-75001, Claim::kClientId},
    {-75002, Claim::kLifecycle},
    {-75003, Claim::kImplementationId},
    {-75004, Claim::kBootSeed},
    {-75005, Claim::kCertificationReference},
    {-75006, Claim::kSoftwareComponents},
    {-75008, Claim::kNonce},
    {-75009, Claim::kUeid},
    {-75010, Claim::kVerificationService},
};

const Renamed* FindRenamed(const OtherClaim& claim) {
  if (claim.is_text) return nullptr;
  const auto* found = std::ranges::find(kRenamed, claim.key, &Renamed::legacy);
  return found == std::end(kRenamed) ? nullptr : found;
}

// The individual draft on AI agents has other meanings for the same private
// keys, so that they are ours to read under their profile alone.
bool IsLegacy(const ClaimsSet& claims) {
  if (claims.profile) return false;
  return std::ranges::any_of(claims.others, [](const OtherClaim& claim) {
    cbor::Reader value(claim.value, cbor::Mode::kLenient);
    const auto text = value.Text();
    return !claim.is_text && claim.key == kLegacyProfile && text.ok() &&
           *text == kProfilePsaLegacy;
  });
}

// Moves each legacy claim to the member of today; one that is there twice, in
// either spelling, is a duplicate.
Result<ClaimsSet> Modernised(const ClaimsSet& old, cbor::Mode mode,
                             std::int64_t& where) {
  ClaimsSet claims = old;
  claims.others.clear();
  for (const OtherClaim& other : old.others) {
    const Renamed* renamed = FindRenamed(other);
    if (renamed == nullptr) {
      CAI_TRY(claims.others.Add(other));
      continue;
    }
    where = static_cast<std::int64_t>(renamed->today);
    if (HasClaim(old, where)) return Error::kCborDuplicateKey;
    CAI_TRY(ReadClaim(where, other.value, mode, claims));
  }
  where = 0;
  return claims;
}

bool SaysNoMeasurements(const ClaimsSet& claims) {
  return std::ranges::any_of(claims.others, [](const OtherClaim& claim) {
    return !claim.is_text && claim.key == kNoMeasurements;
  });
}

// ---- RFC 9783, 4: what each value must be ----------------------------------

// Thirteen digits; a hyphen and five more, but in the legacy profile.
bool IsReference(std::string_view text) {
  const auto digits = [&](std::size_t from, std::size_t to) {
    return std::all_of(text.begin() + from, text.begin() + to,
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  if (text.size() == 13) return digits(0, 13);
  return text.size() == 19 && digits(0, 13) && text[13] == '-' &&
         digits(14, 19);
}

struct Rule {
  Claim claim;
  bool required;
  bool (*holds)(const ClaimsSet&);  // only asked if the claim is there
};
constexpr Rule kRules[] = {
    {Claim::kProfile, true,
     [](const ClaimsSet& c) { return IsPsaProfile(c.profile->uri); }},
    {Claim::kNonce, true,
     [](const ClaimsSet& c) {
       return c.nonces->size() == 1 && IsChallenge((*c.nonces)[0].value);
     }},
    {Claim::kUeid, true,
     [](const ClaimsSet& c) { return IsUeid(c.ueid->value); }},
    {Claim::kImplementationId, true,
     [](const ClaimsSet& c) {
       return c.implementation_id->value.size() == 32;
     }},
    {Claim::kClientId, true,
     [](const ClaimsSet& c) { return *c.client_id != 0; }},
    {Claim::kLifecycle, true,
     [](const ClaimsSet& c) { return IsLifecycle(*c.lifecycle); }},
    {Claim::kBootSeed, false,
     [](const ClaimsSet& c) {
       return c.boot_seed->value.size() >= 8 && c.boot_seed->value.size() <= 32;
     }},
    {Claim::kCertificationReference, false,
     [](const ClaimsSet& c) {
       return IsReference(*c.certification_reference);
     }},
};

Error Otherwise(Claim claim) {
  return claim == Claim::kProfile ? Error::kEatWrongProfile
                                  : Error::kEatMalformed;
}

Status Check(const Rule& rule, const ClaimsSet& claims) {
  if (HasClaim(claims, static_cast<std::int64_t>(rule.claim)))
    return rule.holds(claims) ? Status(kDone) : Status(Otherwise(rule.claim));
  return rule.required ? Status(Error::kEatMissingClaim) : Status(kDone);
}

// The legacy profile may say that there are none instead.
Status CheckComponents(const ClaimsSet& claims) {
  if (claims.software_components) return kDone;
  const bool said =
      claims.ProfileUri() == kProfilePsaLegacy && SaysNoMeasurements(claims);
  return said ? Status(kDone) : Status(Error::kEatMissingClaim);
}

Status CheckAll(const ClaimsSet& claims, std::int64_t& where) {
  for (const Rule& rule : kRules) {
    where = static_cast<std::int64_t>(rule.claim);
    CAI_TRY(Check(rule, claims));
  }
  where = static_cast<std::int64_t>(Claim::kSoftwareComponents);
  CAI_TRY(CheckComponents(claims));
  where = 0;
  return kDone;
}

}  // namespace

bool IsPsaProfile(std::string_view profile) {
  return profile == kProfilePsaTfm || profile == kProfilePsaBase ||
         profile == kProfilePsaLegacy;
}

Result<ClaimsSet> ReadPsaClaims(Bytes in, cbor::Mode mode,
                                std::int64_t* where) {
  CAI_TRY_ASSIGN(const ClaimsSet claims, ReadClaims(in, mode, where));
  if (!IsLegacy(claims)) return claims;
  std::int64_t at = 0;
  const auto modern = Modernised(claims, mode, at);
  if (where) *where = at;
  return modern;
}

Status CheckPsa(const ClaimsSet& claims, std::int64_t* where) {
  std::int64_t at = 0;
  const Status status = CheckAll(claims, at);
  if (where) *where = at;
  return status;
}

std::string_view LifecycleName(std::uint16_t lifecycle) {
  constexpr std::string_view kNames[] = {
      "unknown",       "assembly-and-test", "psa-rot-provisioning",
      "secured",       "non-psa-rot-debug", "recoverable-psa-rot-debug",
      "decommissioned"};
  return IsLifecycle(lifecycle) ? kNames[lifecycle >> 12] : std::string_view();
}

}  // namespace cai::eat
