// What parses as a token of ours re-encodes to the same bytes, whatever the
// signature.
#include <cstdlib>
#include <vector>

#include "lib/eat/build.h"
#include "lib/eat/parse.h"

namespace cai::eat {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

crypto::Signature SignatureOf(const cose::Sign1& message) {
  crypto::Signature signature;
  CopyInto(signature, message.signature);
  return signature;
}

// The profile is the verifier's to compare, so the builder may write another.
template <typename Claims, typename Make>
void Reencode(Bytes in, const Result<Token<Claims>>& token,
              std::string_view profile, Make make) {
  if (!token.ok() || token->profile != profile) return;
  std::vector<std::byte> buffer(in.size());
  const auto draft = make(token->claims, buffer);
  Check(draft.ok());
  Check(draft->id == token->Id());
  Check(Equal(Complete(*draft, SignatureOf(token->message)), in));
}

void Fuzz(Bytes in) {
  Reencode(in, ParsePlatformToken(in), kProfilePlatform, DraftPlatformToken);
  Reencode(in, ParseAiToken(in), kProfileAi, DraftAiToken);
  Reencode(in, ParseKeyToken(in), kProfileKey, DraftKeyToken);
}

}  // namespace
}  // namespace cai::eat

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cai::eat::Fuzz(cai::AsBytes(data, size));
  return 0;
}
