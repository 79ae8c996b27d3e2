// An Error with the words that people need: what failed, and what to do.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "lib/base/result.h"

namespace cai::host {

// `words` name the thing ("the database /x/registry.db"), never a secret.
// `hint` is what a person can do about it, or empty.
struct Problem {
  Problem(Error why) : error(why) {}
  Problem(Error why, std::string what, std::string advice = {})
      : error(why), words(std::move(what)), hint(std::move(advice)) {}

  // "the database /x: another process uses it (HostInUse)"
  std::string Text() const;

  Error error;
  std::string words;
  std::string hint;
};

// A value, or the Problem why there is none. Works with CAI_TRY; an Error or a
// Result of lib/ turns into it.
template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(Problem problem)
      : state_(std::in_place_index<0>, std::move(problem)) {}
  Outcome(Error error) : state_(std::in_place_index<0>, Problem(error)) {}
  Outcome(T value) : state_(std::in_place_index<1>, std::move(value)) {}

  bool ok() const { return state_.index() == 1; }

  // Only if !ok().
  const Problem& error() const { return *std::get_if<0>(&state_); }

  // Only if ok().
  const T& operator*() const& { return *std::get_if<1>(&state_); }
  T& operator*() & { return *std::get_if<1>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<1>(&state_)); }
  const T* operator->() const { return std::get_if<1>(&state_); }
  T* operator->() { return std::get_if<1>(&state_); }

 private:
  std::variant<Problem, T> state_;
};

using Finished = Outcome<Done>;

// Prints `error: ...` and `hint: ...` to standard error, or with `json` one
// object {"error": name, "words": ..., "hint": ...}. Returns the exit code: 2
// for wrong arguments, else 1.
int Report(const Problem& problem, bool json = false);

}  // namespace cai::host
