// What comes into POST /cr: parsed in both forms; what parses as CBOR is
// within its input, and a length never lies about DER.
#include <cstdlib>

#include "host/bootstrap/body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const cai::Bytes body = cai::AsBytes(data, size);
  const auto cbor = cai::bootstrap::ParseCborRequest(body);
  if (cbor.ok() &&
      cbor->csr.size() + cbor->key_token.size() + cbor->nonce.size() >= size)
    std::abort();
  const auto json = cai::bootstrap::ParseJsonRequest(body);
  if (json.ok() && json->csr.size() > size) std::abort();
  (void)cai::bootstrap::IsTruncatedDer(body);
  return 0;
}
