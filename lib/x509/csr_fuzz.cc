// What parses as a request assembles to the same bytes again.
#include <cstdlib>
#include <vector>

#include "lib/x509/csr.h"
#include "lib/x509/spki.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  const Bytes in = AsBytes(data, size);
  const auto csr = x509::ParseCsr(in);
  if (!csr.ok()) return 0;

  std::vector<std::byte> buffer(size);
  const auto again = x509::EncodeCsr(csr->request_info, csr->signature, buffer);
  if (!again.ok() || !Equal(*again, in)) std::abort();
  if (csr->subject.common_name.size() > x509::kMaxText) std::abort();

  // A name that the writer can write is what the reader reads.
  const auto& s = csr->subject;
  ByteArray<x509::kMaxRequestInfo> info;
  const auto ours = x509::EncodeRequestInfo(s, csr->key, info);
  if (!ours.ok()) std::abort();
  (void)csr->VerifyProofOfPossession();
  return 0;
}
