// Walks an item as a caller would and writes it again: what the strict reader
// takes re-encodes to the same bytes, and Skip() agrees with the walk.
#include <cstdlib>
#include <vector>

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::cbor {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// The number of items that follow inside, or nothing if it was refused.
std::optional<std::uint64_t> Copy(Reader& reader, Writer& writer) {
  const auto type = reader.Peek();
  if (!type.ok()) return std::nullopt;
  switch (*type) {
    case Type::kUint:
      if (const auto v = reader.Uint(); v.ok()) return writer.Uint(*v), 0;
      break;
    case Type::kNint:
      if (const auto v = reader.Int(); v.ok()) return writer.Int(*v), 0;
      break;
    case Type::kBstr:
      if (const auto v = reader.Bstr(); v.ok()) return writer.Bstr(*v), 0;
      break;
    case Type::kText:
      if (const auto v = reader.Text(); v.ok()) return writer.Text(*v), 0;
      break;
    case Type::kArray:
      if (const auto v = reader.Array(); v.ok()) return writer.Array(*v), *v;
      break;
    case Type::kMap:
      if (const auto v = reader.Map(); v.ok()) return writer.Map(*v), 2 * *v;
      break;
    case Type::kTag:
      if (const auto v = reader.Tag(); v.ok()) return writer.Tag(*v), 1;
      break;
    case Type::kBool:
      if (const auto v = reader.Bool(); v.ok()) return writer.Bool(*v), 0;
      break;
    case Type::kNull:
      if (reader.Null().ok()) return writer.Null(), 0;
      break;
    case Type::kOther:
      if (const auto v = reader.Skip(); v.ok()) return writer.Raw(*v), 0;
      break;
  }
  return std::nullopt;
}

void Walk(Bytes in) {
  Reader reader(in);
  std::vector<std::byte> out(in.size());
  Writer writer(out);
  std::uint64_t left = 1;
  while (left != 0) {
    const auto inside = Copy(reader, writer);
    if (!inside) return;
    left = left - 1 + *inside;
  }
  const std::size_t read = in.size() - reader.rest().size();
  const auto written = writer.Finish();
  Require(written.ok() && Equal(*written, in.first(read)));

  Reader skipper(in);
  const auto skipped = skipper.Skip();
  if (skipped.ok())
    Require(skipped->size() == read);
  else
    Require(skipped.error() == Error::kCborTooDeep);
}

void Lenient(Bytes in) {
  Reader reader(in, Mode::kLenient);
  const auto skipped = reader.Skip();
  Require(!skipped.ok() || skipped->size() + reader.rest().size() == in.size());
  Reader map_reader(in);
  auto map = MapCursor::Open(map_reader);
  if (!map.ok()) return;
  while (map->more())
    if (!map->Key().ok() || !map_reader.Skip().ok()) return;
}

}  // namespace
}  // namespace cai::cbor

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cai::cbor::Walk(cai::AsBytes(data, size));
  cai::cbor::Lenient(cai::AsBytes(data, size));
  return 0;
}
