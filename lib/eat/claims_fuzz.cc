// What reads as a claims set in strict mode is written again byte for byte, and
// so is each of its measured components; PSA tokens and results read without
// harm, and what a result says is written and read again.
#include <cstdlib>
#include <vector>

#include "lib/eat/ear.h"
#include "lib/eat/envelope.h"
#include "lib/eat/measured.h"
#include "lib/eat/psa.h"

namespace cai::eat {
namespace {

using cbor::Mode;

constexpr int kMaxDepth = 4;

void Check(bool holds) {
  if (!holds) std::abort();
}

template <typename Write>
void CheckWritten(Bytes in, Write write) {
  std::vector<std::byte> buffer(in.size());
  cbor::Writer writer(buffer);
  write(writer);
  const auto out = writer.Finish();
  Check(out.ok() && Equal(*out, in));
}

void FuzzMeasured(const ClaimsSet& claims) {
  if (!claims.measurements) return;
  for (const Formatted& one : *claims.measurements) {
    const auto component = ReadMeasured(one.content, Mode::kStrict);
    if (!component.ok()) continue;
    CheckWritten(one.content,
                 [&](auto& writer) { WriteMeasured(*component, writer); });
  }
}

void FuzzClaims(Bytes in, int depth) {
  const auto lenient = ReadClaims(in);
  const auto strict = ReadClaims(in, Mode::kStrict);
  Check(lenient.ok() || !strict.ok());
  if (!strict.ok()) return;
  CheckWritten(in, [&](auto& writer) { WriteClaims(*strict, writer); });
  FuzzMeasured(*strict);
  if (!strict->submodules || depth == kMaxDepth) return;
  for (const Submodule& submodule : *strict->submodules)
    FuzzClaims(submodule.item, depth + 1);
}

void FuzzPsa(Bytes in) {
  std::int64_t where = 0;
  const auto claims = ReadPsaClaims(in, Mode::kLenient, &where);
  if (!claims.ok() || !CheckPsa(*claims, &where).ok()) return;
  Check(where == 0 && claims->nonces && claims->ueid->value.size() == 33);
}

void FuzzEar(Bytes in) {
  const auto ear = DecodeEar(in);
  if (!ear.ok()) return;
  std::vector<std::byte> buffer(kMaxEar);
  const auto out = EncodeEar(*ear, buffer);
  if (!out.ok()) return;  // longer than ours are
  const auto again = DecodeEar(*out);
  Check(again.ok() && again->issued == ear->issued);
  Check(again->appraisals.size() == ear->appraisals.size());
}

void Fuzz(Bytes in) {
  const auto envelope = OpenEnvelope(in);
  const Bytes claims = envelope.ok() ? envelope->payload : in;
  if (envelope.ok() && envelope->kind == Envelope::Kind::kBundle)
    (void)FindDetached(*envelope, "TEE");
  FuzzClaims(claims, 0);
  FuzzPsa(claims);
  FuzzEar(claims);
}

}  // namespace
}  // namespace cai::eat

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cai::eat::Fuzz(cai::AsBytes(data, size));
  return 0;
}
