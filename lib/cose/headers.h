// The header parameters of one COSE structure (RFC 9052, 3): both buckets as
// one list without duplicates.
#pragma once

#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/cose/algorithms.h"

namespace cai::cose {

// An integer, or a text if `text` is not empty.
struct Label {
  std::int64_t number = 0;
  std::string_view text = {};

  constexpr Label() = default;
  constexpr Label(Header header) : number(static_cast<std::int64_t>(header)) {}
  constexpr explicit Label(std::int64_t n) : number(n) {}
  constexpr explicit Label(std::string_view t) : text(t) {}
  friend bool operator==(const Label&, const Label&) = default;
};

struct Parameter {
  Label label;
  Bytes value;  // one CBOR item
  bool is_protected;
};

// Views into the message.
class Headers {
 public:
  static constexpr std::size_t kMax = 24;

  // `protected_header` is the inside of its byte string, `unprotected` a map.
  // kCoseDuplicateHeader if a label occurs twice in them together,
  // kCoseTooMany above kMax.
  static Result<Headers> Parse(Bytes protected_header, Bytes unprotected);

  // As it is authenticated: empty, if it holds no parameter (RFC 9052, 3).
  Bytes protected_header() const { return protected_; }
  Bytes unprotected() const { return unprotected_; }

  std::span<const Parameter> all() const {
    return std::span(parameters_).first(count_);
  }
  // Null if absent.
  const Parameter* Find(Label label) const;

  // `alg` of either bucket; no value if absent or no integer.
  std::optional<std::int64_t> AlgorithmNumber() const;

  // kCoseWrongAlgorithm unless `alg` is in the protected bucket and is that;
  // `unprotected_too` takes it from the other bucket as well.
  Status CheckAlgorithm(Algorithm expected, bool unprotected_too) const;

  // `crit` (RFC 9052, 3.1): kCoseCritical if it is not protected, is empty, or
  // names what is not in the protected bucket, or what neither this library nor
  // the caller understands.
  Status CheckCritical(std::span<const Label> understood) const;

  // The byte string of this label; no value if absent.
  Result<std::optional<Bytes>> Bstr(Label label) const;

 private:
  Status Add(Bytes map, bool is_protected);

  Bytes protected_;
  Bytes unprotected_;
  std::array<Parameter, kMax> parameters_;
  std::size_t count_ = 0;
};

}  // namespace cai::cose
