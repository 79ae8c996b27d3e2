#include "lib/cbor/deterministic.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::cbor {
namespace {

// Shortest heads make bytewise order of two encodings the order of the items:
// one is never the beginning of another.
bool Ascends(Bytes before, Bytes after) {
  return std::ranges::lexicographical_compare(before, after);
}

struct Level {
  std::uint64_t left;
  bool is_map;
  const std::byte* key = nullptr;  // where the key being read begins
  Bytes last_key = {};
};

// A number, a string or a simple value; the strict reader refuses all but the
// shortest of these, except for floats.
Status PassFlat(Reader& reader, Type type) {
  if (type != Type::kFloat) {
    CAI_TRY(reader.Skip());
    return kDone;
  }
  const Bytes before = reader.rest();
  CAI_TRY_ASSIGN(const double value, reader.Float());
  ByteArray<9> room;
  Writer writer(room);
  writer.Float(value);
  const std::size_t size = before.size() - reader.rest().size();
  if (!Equal(Bytes(room).first(writer.size()), before.first(size)))
    return Error::kCborNotShortest;
  return kDone;
}

// Containers and tags: how many items are inside, or nothing for the rest.
Result<std::uint64_t> Enter(Reader& reader, Type type) {
  if (type == Type::kArray) return reader.Array();
  if (type == Type::kTag) {
    CAI_TRY(reader.Tag());
    return std::uint64_t{1};
  }
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  return 2 * pairs;
}

bool HoldsItems(Type type) {
  return type == Type::kArray || type == Type::kMap || type == Type::kTag;
}

// A key ends where its value begins.
Status EndKey(Level& level, const std::byte* at) {
  if (!level.is_map || level.left % 2 == 0 || level.key == nullptr)
    return kDone;
  const Bytes key(level.key, at);
  if (!level.last_key.empty() && !Ascends(level.last_key, key))
    return Equal(level.last_key, key) ? Error::kCborDuplicateKey
                                      : Error::kCborKeyOrder;
  level.last_key = key;
  return kDone;
}

}  // namespace

Status CheckDeterministic(Bytes item) {
  std::array<Level, Reader::kMaxDepth> levels;
  int depth = 0;
  Reader reader(item);
  levels[0] = {1, false};
  while (depth >= 0) {
    Level& level = levels[depth];
    const std::byte* const at = reader.rest().data();
    CAI_TRY(EndKey(level, at));
    if (level.left == 0) {
      --depth;
      continue;
    }
    if (level.is_map && level.left % 2 == 0) level.key = at;
    --level.left;
    CAI_TRY_ASSIGN(const Type type, reader.Peek());
    if (!HoldsItems(type)) {
      CAI_TRY(PassFlat(reader, type));
      continue;
    }
    CAI_TRY_ASSIGN(const std::uint64_t inside, Enter(reader, type));
    if (depth + 1 == Reader::kMaxDepth) return Error::kCborTooDeep;
    levels[++depth] = {inside, type == Type::kMap};
  }
  return reader.Finish();
}

}  // namespace cai::cbor
