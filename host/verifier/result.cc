#include "host/verifier/result.h"

#include <algorithm>

#include "host/verifier/claims_json.h"

namespace cai::verifier {
namespace {

using eat::Ear;
using eat::EarAppraisal;
using host::Problem;

// Names are the token's own, so that they may be long, or twice there.
std::string NameOf(const Part& part, std::size_t index) {
  if (!part.name.empty() && part.name.size() <= EarAppraisal::kMaxName)
    return part.name;
  return "part " + std::to_string(index + 1);
}

std::vector<std::string> NamesOf(const std::vector<Part>& parts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string name = NameOf(parts[i], i);
    if (std::ranges::count(names, name) != 0)
      name = "part " + std::to_string(i + 1);
    names.push_back(std::move(name));
  }
  return names;
}

// The order of encoded names: the shorter first.
bool Before(const EarAppraisal& a, const EarAppraisal& b) {
  if (a.name.size() != b.name.size()) return a.name.size() < b.name.size();
  return a.name < b.name;
}

Outcome<eat::ClaimsSet> ReadResult(Bytes ear) {
  CAI_TRY_ASSIGN(const eat::ClaimsSet claims, eat::ReadClaims(ear));
  CAI_TRY(eat::EarOf(claims));
  return claims;
}

}  // namespace

Outcome<Blob> EncodeResult(const Verdict& verdict, const Policy& policy,
                           Bytes evidence, const ResultSource& source) {
  if (verdict.parts.size() > Ear::kMaxAppraisals)
    return Problem(Error::kEatTooMany, "a result on more than four parts");
  Ear ear;
  ear.issued = source.now;
  ear.verifier = {source.developer, source.build};
  ear.nonce = verdict.nonce;
  if (evidence.size() <= Ear::kMaxEvidence) ear.raw_evidence = evidence;
  const std::vector<std::string> names = NamesOf(verdict.parts);
  std::vector<eat::EarAppraisal> sorted;
  for (std::size_t i = 0; i < verdict.parts.size(); ++i)
    sorted.push_back({names[i], verdict.parts[i].Status(),
                      verdict.parts[i].vector, policy.id});
  std::ranges::sort(sorted, Before);
  for (const auto& appraisal : sorted) CAI_TRY(ear.appraisals.Add(appraisal));
  Blob out(eat::kMaxEar);
  CAI_TRY_ASSIGN(const Bytes encoded, eat::EncodeEar(ear, out));
  out.resize(encoded.size());
  return out;
}

Outcome<Blob> SignResult(Bytes ear, crypto::P256Private key) {
  Blob out(cose::Sign1Size(cose::kSign1HeaderRoom, ear.size()));
  CAI_TRY_ASSIGN(
      const Bytes message,
      cose::MakeSign1(cose::Sign1Header{kContentTypeEat}, ear, key, out));
  out.resize(message.size());
  return out;
}

Outcome<std::string> ResultJson(Bytes ear) {
  CAI_TRY_ASSIGN(const eat::ClaimsSet claims, ReadResult(ear));
  return boost::json::serialize(ToJson(claims, Style::kStandard));
}

Outcome<Blob> ResultFromJson(std::string_view text) {
  CAI_TRY_ASSIGN(Blob ear, ClaimsFromJson(text));
  CAI_TRY(ReadResult(ear));
  return ear;
}

}  // namespace cai::verifier
