// What a verifier accepts, as a file (TOML). All keys are optional; a key that
// is not here is refused, as is a value that is none of those named.
//
//   id = "https://example.com/policies/1"   # named in results; 128 bytes
//   profiles = ["tag:psacertified.org,2023:psa#tfm"]  # no others
//   algorithms = ["ES256"]                  # no others
//   lifecycles = ["secured"]                # of PSA tokens; the default
//   clients = "spe"                         # "any", "spe", "nspe" or an id
//   debug = ["disabled", "disabled-permanently"]  # dbgstat; all but "enabled"
//   require = ["iat", "measurements"]       # claims that must be there
//   max_age_s = 86400                       # of iat, which must then be there
//   clock_skew_s = 60                       # the default
//   unknown_firmware = "contraindicated"    # or "warning" or "refuse"
//   unknown_engine = "contraindicated"
//   unknown_model = "contraindicated"
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/common/file.h"
#include "lib/eat/claims_set.h"

namespace cai::verifier {

using host::Outcome;

// What becomes of a value without a reference value, where there are some.
enum class Unknown : std::uint8_t { kWarning, kContraindicated, kRefuse };

struct Policy {
  std::string id;
  std::vector<std::string> profiles;     // empty: any
  std::vector<std::int64_t> algorithms;  // empty: any that the key has
  std::vector<std::string> lifecycles{"secured"};
  enum class Client : std::uint8_t { kAny, kSpe, kNspe, kOne };
  Client clients = Client::kAny;
  std::int32_t client = 0;  // of kOne
  std::set<eat::DebugStatus> debug{
      eat::DebugStatus::kDisabled, eat::DebugStatus::kDisabledSinceBoot,
      eat::DebugStatus::kDisabledPermanently,
      eat::DebugStatus::kDisabledFullyAndPermanently};
  std::vector<std::int64_t> require;  // keys of claims
  std::optional<std::int64_t> max_age_s;
  std::int64_t clock_skew_s = 60;
  Unknown unknown_firmware = Unknown::kContraindicated;
  Unknown unknown_engine = Unknown::kContraindicated;
  Unknown unknown_model = Unknown::kContraindicated;

  // kHostMalformed names the key.
  static Outcome<Policy> Parse(std::string_view toml);
  static Outcome<Policy> Read(const host::fs::path& path);

  // ---- What it says ----

  bool AllowsProfile(std::string_view profile) const;
  bool AllowsAlgorithm(std::int64_t algorithm) const;
  bool AllowsLifecycle(std::uint16_t lifecycle) const;
  bool AllowsClient(std::int32_t one) const;
  bool AllowsDebug(const eat::ClaimsSet& claims) const;
  // Times and required claims; `where` receives the claim that it refuses.
  Status Check(const eat::ClaimsSet& claims, std::int64_t now,
               std::int64_t& where) const;

 private:
  Status CheckTimes(const eat::ClaimsSet& claims, std::int64_t now,
                    std::int64_t& where) const;
};

}  // namespace cai::verifier
