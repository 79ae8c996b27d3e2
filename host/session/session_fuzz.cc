// State files that somebody changed: what parses re-encodes to the same bytes.
#include <cstdlib>

#include "host/session/receiver.h"
#include "host/session/sender.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  const Bytes in = AsBytes(data, size);
  if (const auto state = session::ParseSender(in); state.ok())
    if (!Equal(session::EncodeSender(*state), in)) std::abort();
  if (const auto file = session::ParseReceiver(in); file.ok())
    if (!Equal(session::EncodeReceiver(*file), in)) std::abort();
  return 0;
}
