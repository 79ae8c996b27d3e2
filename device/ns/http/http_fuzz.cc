// Whatever a server sends, in whatever pieces, the parser stays in its memory
// and answers the same as for the whole.
#include <cstdint>
#include <cstdlib>

#include "device/ns/http/http.h"

namespace {

cai::ByteArray<512> whole_memory, parts_memory;

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  ns::http::ResponseParser whole(whole_memory), parts(parts_memory);
  const Bytes in = AsBytes(data, std::min(size, whole_memory.size()));
  CopyInto(whole.Room(), in);
  whole.Received(in.size());
  const auto expected = whole.Parse();

  for (std::size_t i = 0; i < in.size(); ++i) {
    CopyInto(parts.Room(), in.subspan(i, 1));
    parts.Received(1);
    if (i + 1 < in.size()) (void)parts.Parse();
  }
  const auto got = parts.Parse();
  Check(got.ok() == expected.ok());
  if (got.ok() && *got) {
    Check(expected->has_value() && (*got)->status == (*expected)->status);
    Check(Equal((*got)->body, (*expected)->body));
  }
  return 0;
}
