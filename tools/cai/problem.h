// Between the services' Problem and a command's Stop.
#pragma once

#include <utility>

#include "host/common/problem.h"
#include "tools/cai/output.h"

namespace cai::cli {

// The value, or the end of the command with its error and hint.
template <typename T>
T Or(host::Outcome<T> outcome) {
  if (!outcome.ok()) throw Stop(outcome.error().Text(), outcome.error().hint);
  return *std::move(outcome);
}

}  // namespace cai::cli
