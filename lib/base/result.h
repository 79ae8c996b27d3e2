// A value, or the reason there is none.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "lib/base/error.h"

namespace cai {

// Implicit from both; no monadic calls, no exceptions.
template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, Error>);

 public:
  constexpr Result(Error error) : state_(std::in_place_index<0>, error) {}
  constexpr Result(T value)
      : state_(std::in_place_index<1>, std::move(value)) {}

  constexpr bool ok() const { return state_.index() == 1; }

  // Only if !ok().
  constexpr Error error() const { return *std::get_if<0>(&state_); }

  // Only if ok().
  constexpr const T& operator*() const& { return *std::get_if<1>(&state_); }
  constexpr T& operator*() & { return *std::get_if<1>(&state_); }
  constexpr T&& operator*() && { return std::move(*std::get_if<1>(&state_)); }
  constexpr const T* operator->() const { return std::get_if<1>(&state_); }
  constexpr T* operator->() { return std::get_if<1>(&state_); }

 private:
  std::variant<Error, T> state_;
};

struct Done {};
using Status = Result<Done>;
constexpr Done kDone{};

}  // namespace cai

#define CAI_CONCAT_INNER(a, b) a##b
#define CAI_CONCAT(a, b) CAI_CONCAT_INNER(a, b)

// Leaves the function with the error, if there is one.
#define CAI_TRY(expr)                                            \
  do {                                                           \
    if (auto cai_status = (expr); !cai_status.ok()) [[unlikely]] \
      return cai_status.error();                                 \
  } while (false)

#define CAI_TRY_ASSIGN(lhs, expr) \
  CAI_TRY_ASSIGN_NAMED(lhs, expr, CAI_CONCAT(cai_result_, __LINE__))
#define CAI_TRY_ASSIGN_NAMED(lhs, expr, name) \
  auto name = (expr);                         \
  if (!name.ok()) [[unlikely]]                \
    return name.error();                      \
  lhs = *std::move(name)
