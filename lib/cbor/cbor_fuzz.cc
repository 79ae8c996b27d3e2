// What the strict judge takes has one encoding: written again from its meaning
// it gives the same bytes. What any reader takes can be made preferred,
// and stays so.
#include <cstdlib>
#include <vector>

#include "lib/cbor/deterministic.h"
#include "lib/cbor/reader.h"

namespace cai::cbor {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Strict(Bytes in) {
  if (!CheckDeterministic(in).ok()) return;
  std::vector<std::byte> out(in.size());
  const auto written = MakePreferred(in, out);
  Require(written.ok() && Equal(*written, in));
  const auto skipped = Reader(in).Skip();
  Require(skipped.ok() && skipped->size() == in.size());
}

void Any(Bytes in) {
  AnyReader reader(in);
  const auto item = reader.Skip();
  if (!item.ok()) return;
  Require(item->size() + reader.rest().size() == in.size());
  std::vector<std::byte> once(item->size() + item->size() / 128),
      twice(once.size());
  const auto preferred = MakePreferred(*item, once);
  Require(preferred.ok());
  const auto skipped = Reader(*preferred).Skip();  // strict
  Require(skipped.ok() && skipped->size() == preferred->size());
  const auto again = MakePreferred(*preferred, twice);
  Require(again.ok() && Equal(*again, *preferred));
}

void Keys(Bytes in) {
  for (const Mode mode : {Mode::kStrict, Mode::kLenient}) {
    Reader reader(in, mode);
    auto map = MapCursor::Open(reader);
    if (!map.ok()) continue;
    while (map->more())
      if (!map->Key().ok() || !reader.Skip().ok()) break;
  }
}

}  // namespace
}  // namespace cai::cbor

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cai::cbor::Strict(cai::AsBytes(data, size));
  cai::cbor::Any(cai::AsBytes(data, size));
  cai::cbor::Keys(cai::AsBytes(data, size));
  return 0;
}
