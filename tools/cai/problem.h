// Between the services' Problem and a command's Stop.
#pragma once

#include <utility>

#include "host/common/problem.h"
#include "tools/cai/output.h"

namespace cai::cli {

// The value, or the end of the command with its error and hint.
template <typename T>
T Or(host::Outcome<T> outcome) {
  if (!outcome.ok())
    throw Stop(
        outcome.error().Text(), outcome.error().hint,
        outcome.error().error == Error::kHostUsage ? kExitUsage : kExitFailed);
  return *std::move(outcome);
}

// The same for a file that a person named: what the readers of the state folder
// call damage of theirs is here a file of another kind.
template <typename T>
T OrNot(host::Outcome<T> outcome, const std::string& path, const char* what,
        const char* hint = "") {
  if (!outcome.ok() && outcome.error().error == Error::kHostDamaged)
    throw Stop(path + " is not " + what, hint);
  return Or(std::move(outcome));
}

}  // namespace cai::cli
