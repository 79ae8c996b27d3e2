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
  kSimple,  // any other simple value: undefined is 23
  kFloat,
};

// kStrict refuses longer heads. What else deterministic encoding asks for (RFC
// 8949, 4.2.1) is for those who walk a map (MapCursor) or who take what they do
// not know (CheckDeterministic). kLenient takes any length of head.
enum class Mode : std::uint8_t { kStrict, kLenient };

// A view that shrinks: each getter advances, or fails and changes nothing.
// What it returns points into the input and lives as long as that.
//
// A Reader refuses indefinite lengths. An AnyReader reads every well-formed
// encoding: an array or map of indefinite length as if its count had been sent,
// the break is passed over. A type of its own, so that who never meets such
// does not link what they take.
template <bool kAny>
class BasicReader {
 public:
  static constexpr int kMaxDepth = 16;
  static constexpr Mode kDefault = kAny ? Mode::kLenient : Mode::kStrict;

  explicit BasicReader(Bytes in, Mode mode = kDefault) : in_(in), mode_(mode) {}

  bool empty() const { return rest().empty(); }
  Bytes rest() const { return in_.subspan(Breaks()); }

  // The type of the next item, without reading it.
  Result<Type> Peek() const;

  Result<std::uint64_t> Uint();
  Result<std::int64_t> Int();
  Result<std::uint64_t> Nint();  // the n of -1 - n, for all 64 bits of it

  // A string of indefinite length is a view only if one chunk has all its
  // bytes; kCborIndefinite if it is in pieces (MakePreferred joins them).
  Result<Bytes> Bstr();
  Result<std::string_view> Text();  // checked to be UTF-8

  Result<std::uint64_t> Array();  // number of items that follow
  Result<std::uint64_t> Map();    // number of pairs that follow
  Result<std::uint64_t> Tag();
  Result<bool> Bool();
  Status Null();
  Result<std::uint8_t> Simple();  // also false, true and null: 20, 21, 22
  Result<double> Float();         // of 2, 4 or 8 bytes; in float.cc

  // An array, or a byte string, of exactly this many.
  Status ArrayOf(std::uint64_t items);
  Status TagOf(std::uint64_t tag);
  template <std::size_t N>
  Result<std::span<const std::byte, N>> BstrOf() {
    const BasicReader before = *this;
    CAI_TRY_ASSIGN(const Bytes value, Bstr());
    if (value.size() == N) return std::span<const std::byte, N>(value);
    *this = before;
    return Error::kCborOutOfRange;
  }

  // Any one item, well-formed to kMaxDepth, texts UTF-8; its bytes.
  Result<Bytes> Skip();

  // kCborTrailing unless all was read.
  Status Finish() const;

 private:
  struct Head {
    std::uint8_t major;
    std::uint64_t argument;
    std::size_t size;  // with the breaks before it
    bool indefinite = false;
  };
  static constexpr std::byte kBreak{0xff};

  std::size_t Breaks() const;
  Result<Head> NextHead() const;
  Result<Head> TakeHead(std::uint8_t major);
  void Pass(std::size_t size);
  Result<std::uint64_t> TakeCount(std::uint8_t major);
  Result<std::uint64_t> CountToBreak() const;
  Result<Bytes> TakeString(std::uint8_t major);
  Result<Bytes> TakeChunks(std::uint8_t major);
  Status SkipFlat(std::uint8_t major);
  Status SkipChunks(std::uint8_t major);

  Bytes in_;
  Mode mode_;
  std::uint16_t open_ = 0;  // indefinite containers whose break is to come
};

using Reader = BasicReader<false>;
using AnyReader = BasicReader<true>;

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
