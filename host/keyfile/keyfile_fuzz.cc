// A COSE_Key that parses re-encodes to one that parses to the same.
#include <cstdlib>

#include "host/keyfile/cose_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  const auto key = keyfile::ParseCose(AsBytes(data, size));
  if (!key.ok()) return 0;
  const auto encoded = keyfile::EncodeCose(*key);
  if (!encoded.ok()) std::abort();
  const auto again = keyfile::ParseCose(*encoded);
  if (!again.ok() || *keyfile::EncodeCose(*again) != *encoded) std::abort();
  return 0;
}
