// Whatever the console holds: no fault, and what is found re-encodes to bytes
// that the stream holds.
#include <algorithm>
#include <cstdlib>

#include "lib/events/events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const cai::Bytes stream = cai::AsBytes(data, size);
  cai::events::Decoder decoder;
  for (const std::byte b : stream) {
    const auto record = decoder.Push(b);
    if (!record) continue;
    cai::ByteArray<cai::events::kMaxEncoded> out;
    const auto encoded = cai::events::Encode(*record, out);
    if (!encoded.ok() || std::ranges::search(stream, *encoded).empty()) abort();
  }
  return 0;
}
