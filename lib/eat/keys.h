// Walks a map of integer keys and remembers them: none twice, and in
// deterministic order if the reading is strict (RFC 8949, 4.2.1).
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>

#include "lib/cbor/reader.h"
#include "lib/eat/claims.h"

namespace cai::eat {

// Bounded by kMax pairs (kEatTooMany), since each new key is compared to all
// before.
template <std::size_t kMax>
class Keys {
 public:
  static Result<Keys> Open(cbor::Reader& in, cbor::Mode mode) {
    CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
    if (pairs > kMax) return Error::kEatTooMany;
    return Keys(in, mode, static_cast<std::size_t>(pairs));
  }

  bool more() const { return left_ != 0; }

  Result<std::int64_t> Next() {
    CAI_TRY_ASSIGN(const std::int64_t key, in_->Int());
    if (Saw(key)) return Error::kCborDuplicateKey;
    if (mode_ == cbor::Mode::kStrict && count_ != 0 &&
        !Ascends(seen_[count_ - 1], key))
      return Error::kCborKeyOrder;
    seen_[count_++] = key;
    --left_;
    return key;
  }

  // The next key is not an integer: the caller reads it, and the value.
  void Pass() { --left_; }

  bool Saw(std::int64_t key) const {
    const auto* end = seen_.begin() + count_;
    return std::find(seen_.begin(), end, key) != end;
  }
  bool Saw(Claim claim) const { return Saw(static_cast<std::int64_t>(claim)); }

  Status Require(std::initializer_list<Claim> claims) const {
    for (const Claim claim : claims)
      if (!Saw(claim)) return Error::kEatMissingClaim;
    return kDone;
  }

  // Bytewise order of the encodings: 0, 1 ... -1, -2.
  static bool Ascends(std::int64_t before, std::int64_t key) {
    if ((before < 0) != (key < 0)) return key < 0;
    return key < 0 ? key < before : key > before;
  }

 private:
  Keys(cbor::Reader& in, cbor::Mode mode, std::size_t pairs)
      : in_(&in), mode_(mode), left_(pairs) {}

  cbor::Reader* in_;
  cbor::Mode mode_;
  std::size_t left_;
  std::array<std::int64_t, kMax> seen_{};
  std::size_t count_ = 0;
};

}  // namespace cai::eat
