// Any measured component (draft-ietf-rats-eat-measured-component, 4): what a
// digest was taken of. claims.h has the lean one of our own tokens.
#pragma once

#include "lib/eat/claims_set.h"

namespace cai::eat {

struct AnyMeasured {
  std::string_view name;
  std::optional<Version> version;
  bool is_raw = false;  // `value` is what was measured, not its digest
  IntOrText algorithm;  // of COSE or of the Named Information registry
  Bytes value;
  std::optional<List<BytesOf<1, 64>, 4>> authorities;
  std::optional<BytesOf<8, 8>> flags;
};

// The one map that `in` holds; kEatMissingClaim without name or measurement.
Result<AnyMeasured> ReadMeasured(Bytes in,
                                 cbor::Mode mode = cbor::Mode::kLenient);
void WriteMeasured(const AnyMeasured& component, cbor::Writer& out);

}  // namespace cai::eat
