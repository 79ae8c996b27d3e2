// What parses as a certificate stays inside its bytes, and its signature's
// check never crashes.
#include <cstdlib>

#include "lib/x509/certificate.h"

namespace {

bool Inside(cai::Bytes part, cai::Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() &&
          part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  const Bytes in = AsBytes(data, size);
  const auto certificate = x509::ParseCertificate(in);
  if (!certificate.ok()) return 0;
  const bool inside = Inside(certificate->tbs, in) &&
                      Inside(certificate->serial, in) &&
                      Inside(certificate->issuer_der, in) &&
                      Inside(certificate->subject_der, in) &&
                      Inside(certificate->extensions, in) &&
                      Inside(AsBytes(certificate->subject.common_name), in) &&
                      Inside(AsBytes(certificate->issuer.unit), in);
  if (!inside || certificate->serial.empty()) std::abort();
  (void)certificate->VerifySignature(certificate->key);
  return 0;
}
