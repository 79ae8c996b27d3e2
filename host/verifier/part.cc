#include "host/verifier/part.h"

#include <algorithm>

namespace cai::verifier {
namespace {

// Empty in the reference: not compared.
bool Matches(std::string_view known, std::string_view found) {
  return known.empty() || known == found;
}
bool Matches(const Blob& known, Bytes found) {
  return known.empty() || Equal(known, found);
}

bool Matches(const KnownFirmware& known, const Component& component,
             Bytes implementation) {
  if (known.implementation && !Equal(*known.implementation, implementation))
    return false;
  return Equal(known.measurement, component.measurement) &&
         Matches(known.type, component.type) &&
         Matches(known.version, component.version) &&
         Matches(known.signer, component.signer);
}

int ValueOf(Unknown unknown) {
  return unknown == Unknown::kWarning ? trust::kWarning : trust::kBad;
}

}  // namespace

void Part::Add(eat::Trust field, int value) {
  auto& found = vector.fields[static_cast<std::size_t>(field)];
  if (!found || *found < value) found = static_cast<std::int8_t>(value);
}

eat::Tier Part::Status() const {
  if (stated) return *stated;
  const eat::Tier worst = eat::WorstOf(vector);
  if (worst != eat::Tier::kAffirming) return worst;
  const bool all = std::ranges::all_of(applicable, [&](eat::Trust field) {
    const auto& value = vector.fields[static_cast<std::size_t>(field)];
    return value && eat::TierOf(*value) != eat::Tier::kNone;
  });
  return all ? worst : eat::Tier::kNone;
}

host::Finished Judge(const Lookup& lookup, eat::Trust field, Part& part,
                     std::vector<Finding>& findings) {
  if (lookup.known) {
    part.Add(field, trust::kGood);
    return kDone;
  }
  if (lookup.otherwise == Unknown::kRefuse)
    return host::Problem(lookup.error, lookup.words);
  part.Add(field, ValueOf(lookup.otherwise));
  findings.push_back({lookup.error, lookup.words});
  return kDone;
}

bool IsKnown(const Component& component, Bytes implementation,
             const std::vector<KnownFirmware>& firmware) {
  return std::ranges::any_of(firmware, [&](const KnownFirmware& known) {
    return Matches(known, component, implementation);
  });
}

bool IsOneOf(Bytes digest, const std::vector<Blob>& list) {
  return std::ranges::any_of(
      list, [digest](const Blob& one) { return Equal(one, digest); });
}

}  // namespace cai::verifier
