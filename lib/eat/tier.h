// Trust tiers of an attestation result (draft-ietf-rats-ar4si, 2.3.2).
#pragma once

#include <cstdint>
#include <string_view>

namespace cai::eat {

enum class Tier : std::int8_t {
  kNone = 0,
  kAffirming = 2,
  kWarning = 32,
  kContraindicated = 96,
};

constexpr std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kNone:
      return "none";
    case Tier::kAffirming:
      return "affirming";
    case Tier::kWarning:
      return "warning";
    case Tier::kContraindicated:
      return "contraindicated";
  }
  return "none";
}

}  // namespace cai::eat
