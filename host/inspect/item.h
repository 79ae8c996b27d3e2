// Any well-formed CBOR as a tree, to be explained to people. Unlike lib/cbor it
// allocates, reads every encoding that RFC 8949 allows, and notes what is odd
// about it instead of refusing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/common/text.h"

namespace cai::inspect {

struct Item {
  enum class Kind : std::uint8_t {
    kUint,
    kNint,
    kBstr,
    kText,
    kArray,
    kMap,
    kTag,
    kSimple,
    kFloat,
  };

  Kind kind = Kind::kSimple;
  std::uint64_t argument = 0;  // value, -1 - value, tag, simple value
  double number = 0;           // kFloat
  Bytes content;            // kBstr, kText: points into the input or `joined`
  host::Blob joined;        // chunks of an indefinite string
  std::vector<Item> items;  // a map's keys and values take turns
  std::size_t offset = 0;   // in the input
  std::size_t size = 0;     // of the encoding

  // Moving keeps `content` valid: a vector's memory moves with it.
  Item() = default;
  Item(Item&&) = default;
  Item& operator=(Item&&) = default;

  bool is(Kind k) const { return kind == k; }
  // The number, if it is one that fits.
  std::optional<std::int64_t> Int() const;
  // The value of an integer key, or null.
  const Item* At(std::int64_t key) const;
};

// What is not deterministic (RFC 8949, 4.2.1) or not valid (5.3), and where.
struct Oddity {
  std::size_t offset;
  std::string words;
};

struct Document {
  Item root;
  std::vector<Oddity> oddities;
  std::size_t trailing = 0;  // bytes behind the item
};

constexpr int kMaxDepth = 48;
constexpr std::size_t kMaxInput = 1u << 20;

// kCborTruncated, kCborMalformed, kCborTooDeep; kHostTooLarge beyond kMaxInput.
// The document points into `in`.
Result<Document> Parse(Bytes in);

// Diagnostic notation (RFC 8949, 8) on one line; byte strings beyond `limit`
// bytes are cut.
std::string Diagnostic(const Item& item, std::size_t limit);
std::string HexText(Bytes bytes, std::size_t limit);  // h'00ff...'

}  // namespace cai::inspect
