// Every getter stays inside the input and changes nothing when it fails; what
// is read as a whole element re-encodes to the same bytes.
#include <cstdlib>
#include <vector>

#include "lib/der/reader.h"
#include "lib/der/writer.h"

namespace cai::der {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

template <typename Get>
void Try(Bytes in, Get get) {
  Reader reader(in);
  const bool ok = get(reader).ok();
  Check(reader.rest().size() <= in.size());
  Check(ok || reader.rest().size() == in.size());
}

void Reencode(Bytes element) {
  const auto tag = static_cast<Tag>(element[0]);
  const auto content = Reader(element).Content(tag);
  Check(content.ok());
  std::vector<std::byte> buffer(element.size());
  Writer writer(buffer);
  writer.Element(tag, *content);
  const auto again = writer.Finish();
  Check(again.ok() && Equal(*again, element));
}

void Walk(Bytes in, int depth) {
  ByteArray<32> number;
  Try(in, [](Reader& r) { return r.Unsigned(); });
  Try(in, [&](Reader& r) { return r.UnsignedInto(number); });
  Try(in, [](Reader& r) { return r.BitString(); });
  Try(in, [](Reader& r) { return r.Boolean(); });
  Try(in, [](Reader& r) { return r.Time(); });
  for (Reader reader(in); !reader.empty();) {
    const auto element = reader.Any();
    if (!element.ok()) return;
    Reencode(*element);
    Reader again(*element);
    const auto content = again.Content(static_cast<Tag>((*element)[0]));
    if (depth < 8) Walk(*content, depth + 1);
  }
}

}  // namespace
}  // namespace cai::der

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size <= 4096) cai::der::Walk(cai::AsBytes(data, size), 0);
  return 0;
}
