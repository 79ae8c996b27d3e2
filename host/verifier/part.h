// The appraisal of one attester or one part of it, while it is made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/verifier/policy.h"
#include "host/verifier/reference_values.h"
#include "lib/eat/ear.h"

namespace cai::verifier {

// Values of the trust vector (draft-ietf-rats-ar4si, 2.3.4) that are used here.
namespace trust {
constexpr int kGood = 2;            // recognised, approved
constexpr int kWarning = 33;        // unrecognised
constexpr int kBad = 96;            // contraindicated
constexpr int kNotRecognised = 97;  // instance or hardware
}  // namespace trust

struct Part {
  std::string name;
  eat::TrustVector vector = {};
  std::vector<eat::Trust> applicable = {};  // should have been appraised
  std::optional<eat::Tier> stated = {};     // by a result that was read

  // The worst of this and what the field has.
  void Add(eat::Trust field, int value);

  // The worst value's tier; none instead of affirming if one that applies was
  // not appraised.
  eat::Tier Status() const;
};

// Why a part is not affirming.
struct Finding {
  Error error;
  std::string words;
};

// A value that was looked for among reference values.
struct Lookup {
  bool known;
  Unknown otherwise;
  Error error;
  std::string words;
};
// Adds it to the field; a value that the policy refuses is the Problem.
host::Finished Judge(const Lookup& lookup, eat::Trust field, Part& part,
                     std::vector<Finding>& findings);

// A software component of a PSA token, ours or another's.
struct Component {
  std::string_view type, version;
  Bytes measurement, signer;
};
bool IsKnown(const Component& component, Bytes implementation,
             const std::vector<KnownFirmware>& firmware);
bool IsOneOf(Bytes digest, const std::vector<Blob>& list);

}  // namespace cai::verifier
