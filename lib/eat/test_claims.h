// For tests of claims: reading what is written in diagnostic notation.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/eat/claims_set.h"
#include "tests/edn.h"
#include "tests/hex.h"

namespace cai::eat {

using Raw = std::vector<std::byte>;

template <typename T>
Error ErrorOf(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Error{} : result.error();
}

inline Raw Written(const ClaimsSet& claims) {
  cbor::Writer measure({});
  WriteClaims(claims, measure);
  Raw out(measure.size());
  cbor::Writer writer(out);
  WriteClaims(claims, writer);
  EXPECT_TRUE(writer.Finish().ok());
  return out;
}

}  // namespace cai::eat
