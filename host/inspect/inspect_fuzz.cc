// Any bytes are explained or refused, twice the same; what is CBOR is shown
// whole, and no secret key ever.
#include <cstdlib>

#include "host/inspect/explain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  const Bytes in = AsBytes(data, size);
  if (const auto document = inspect::Parse(in); document.ok()) {
    if (document->root.size + document->trailing != size) std::abort();
    (void)inspect::Diagnostic(document->root, 16);
  }
  const auto decoded = inspect::Decode(in);
  const auto report = inspect::Explain(decoded.ok() ? Bytes(*decoded) : in);
  if (!report.ok()) return 0;
  const std::string json = boost::json::serialize(inspect::AsJson(*report));
  // Must be JSON, whatever texts the message holds.
  boost::json::error_code error;
  (void)boost::json::parse(json, error, {}, {.max_depth = 256});
  if (error) std::abort();
  if (inspect::AsLines(*report).empty()) std::abort();
  return 0;
}
