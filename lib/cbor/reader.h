// Reads CBOR (RFC 8949) from memory without copying, allocating or recursing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::cbor {

enum class Type : std::uint8_t {
  kUint,
  kNint,
  kBstr,
  kText,
  kArray,
  kMap,
  kTag,
  kBool,
  kNull,
  kOther,
};

// kStrict refuses all that is not deterministic (RFC 8949, 4.2.1): longer
// heads, indefinite lengths; map order is MapCursor's to check.
// kLenient accepts any definite well-formed encoding; indefinite lengths are
// refused in both, since no format of ours may carry them.
enum class Mode : std::uint8_t { kStrict, kLenient };

// A view that shrinks: each getter advances, or fails and changes nothing.
// What it returns points into the input and lives as long as that.
class Reader {
 public:
  static constexpr int kMaxDepth = 16;

  explicit Reader(Bytes in, Mode mode = Mode::kStrict) : in_(in), mode_(mode) {}

  bool empty() const { return in_.empty(); }
  Bytes rest() const { return in_; }

  // The type of the next item, without reading it.
  Result<Type> Peek() const;

  Result<std::uint64_t> Uint();
  Result<std::int64_t> Int();
  Result<Bytes> Bstr();
  Result<std::string_view> Text();  // checked to be UTF-8
  Result<std::uint64_t> Array();    // number of items that follow
  Result<std::uint64_t> Map();      // number of pairs that follow
  Result<std::uint64_t> Tag();
  Result<bool> Bool();
  Status Null();

  // An array, or a byte string, of exactly this many.
  Status ArrayOf(std::uint64_t items);
  Status TagOf(std::uint64_t tag);
  template <std::size_t N>
  Result<std::span<const std::byte, N>> BstrOf() {
    const Bytes before = in_;
    CAI_TRY_ASSIGN(const Bytes value, Bstr());
    if (value.size() == N) return std::span<const std::byte, N>(value);
    in_ = before;
    return Error::kCborOutOfRange;
  }

  // Any one item, well-formed to kMaxDepth; its bytes.
  Result<Bytes> Skip();

  // kCborTrailing unless all was read.
  Status Finish() const;

 private:
  struct Head {
    std::uint8_t major;
    std::uint64_t argument;
    std::size_t size;
  };
  Result<Head> NextHead(Bytes in) const;
  Result<std::uint64_t> Take(std::uint8_t major);
  Result<Bytes> TakeString(std::uint8_t major);

  Bytes in_;
  Mode mode_;
};

// Walks the integer keys of a map, in order of reading. Refuses a key that is
// not above its predecessor in bytewise order of its encoding: so duplicates
// too (RFC 8949, 4.2.1).
//   CAI_TRY_ASSIGN(MapCursor map, MapCursor::Open(reader));
//   while (map.more()) { CAI_TRY_ASSIGN(auto key, map.Key()); switch (key) … }
// The caller reads the value from the reader after each Key().
class MapCursor {
 public:
  static Result<MapCursor> Open(Reader& reader);
  bool more() const { return left_ != 0; }
  Result<std::int64_t> Key();

 private:
  MapCursor(Reader& reader, std::uint64_t pairs)
      : reader_(&reader), left_(pairs) {}
  Reader* reader_;
  std::uint64_t left_;
  std::optional<std::int64_t> last_;
};

}  // namespace cai::cbor
