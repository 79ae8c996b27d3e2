// CoRIM, CoMID, keys, claims as JSON and explanations: whatever the file, an
// answer. What explains as JSON claims reads as claims.
#include <cstdlib>

#include "host/verifier/explain.h"
#include "host/verifier/reference_values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai;
  const Bytes in = AsBytes(data, size);
  (void)verifier::ParseCorim(in);
  (void)verifier::TokenKey::Parse(in);
  (void)verifier::Explain(verifier::FromFile(in));
  const std::string_view text = AsText(in);
  (void)verifier::ParseComidJson(text);
  const auto claims = verifier::ClaimsFromJson(text);
  if (claims.ok() && !eat::ReadClaims(*claims, cbor::Mode::kStrict).ok())
    std::abort();
  return 0;
}
