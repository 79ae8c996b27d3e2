#include "lib/eat/ear.h"

#include <algorithm>

namespace cai::eat {
namespace {

using cbor::Writer;

// ---- Writing ---------------------------------------------------------------

bool HasFields(const TrustVector& vector) {
  return std::ranges::any_of(vector.fields, [](auto& f) { return !!f; });
}

ClaimsSet ClaimsOf(const EarAppraisal& appraisal) {
  ClaimsSet claims;
  claims.status = appraisal.status;
  if (HasFields(appraisal.vector)) claims.trustworthiness = appraisal.vector;
  if (!appraisal.policy_id.empty())
    (void)claims.policy_ids.emplace().Add(appraisal.policy_id);  // the first
  return claims;
}

bool Fits(const EarAppraisal& appraisal) {
  return !appraisal.name.empty() &&
         appraisal.name.size() <= EarAppraisal::kMaxName &&
         appraisal.policy_id.size() <= EarAppraisal::kMaxPolicyId;
}

bool Fits(const Ear& ear) {
  const auto& v = ear.verifier;
  const bool nonce =
      ear.nonce.empty() || (ear.nonce.size() >= 8 && ear.nonce.size() <= 64);
  return nonce && ear.issued >= 0 && !ear.appraisals.empty() &&
         std::ranges::all_of(ear.appraisals,
                             [](const auto& a) { return Fits(a); }) &&
         v.developer.size() <= Ear::kMaxVerifier &&
         v.build.size() <= Ear::kMaxVerifier &&
         ear.raw_evidence.size() <= Ear::kMaxEvidence;
}

// Bytewise order of the encoded names (RFC 8949, 4.2.1).
bool NamesAscend(const Ear& ear) {
  const auto before = [](const EarAppraisal& a, const EarAppraisal& b) {
    if (a.name.size() != b.name.size()) return a.name.size() < b.name.size();
    return a.name < b.name;
  };
  for (std::size_t i = 1; i < ear.appraisals.size(); ++i)
    if (!before(ear.appraisals[i - 1], ear.appraisals[i])) return false;
  return true;
}

ClaimsSet OuterClaims(const Ear& ear) {
  ClaimsSet claims;
  claims.issued = Number{false, ear.issued, 0};
  if (!ear.nonce.empty()) (void)claims.nonces.emplace().Add({ear.nonce});
  claims.profile = Profile{kProfileEar, {}};
  if (!ear.raw_evidence.empty()) claims.raw_evidence = {ear.raw_evidence};
  claims.verifier_id = ear.verifier;
  return claims;
}

// Appends the appraisal to `out` and its submodule, a view of that, to `list`.
Status AddSubmodule(const EarAppraisal& appraisal, MutableBytes& out,
                    Submodules& list) {
  Writer writer(out);
  WriteClaims(ClaimsOf(appraisal), writer);
  CAI_TRY_ASSIGN(const Bytes item, writer.Finish());
  out = out.subspan(item.size());
  Submodule submodule;
  submodule.name = appraisal.name;
  submodule.item = item;
  return list.Add(submodule);
}

// ---- Reading ---------------------------------------------------------------

// A status is no better than the worst value below it (draft-ietf-rats-ear,
// 3.2: the overall status of the appraisal).
bool IsConsistent(Tier status, const TrustVector& vector) {
  return status == Tier::kNone || status >= WorstOf(vector);
}

Result<EarAppraisal> ReadAppraisal(const Submodule& submodule) {
  if (submodule.kind != Submodule::Kind::kClaims) return Error::kEatBadResult;
  CAI_TRY_ASSIGN(const ClaimsSet claims, ReadClaims(submodule.item));
  if (!claims.status) return Error::kEatBadResult;
  EarAppraisal appraisal{submodule.name, *claims.status, {}, {}};
  if (claims.trustworthiness) appraisal.vector = *claims.trustworthiness;
  if (claims.policy_ids) appraisal.policy_id = (*claims.policy_ids)[0];
  if (!IsConsistent(appraisal.status, appraisal.vector))
    return Error::kEatBadResult;
  return appraisal;
}

}  // namespace

Result<Bytes> EncodeEar(const Ear& ear, MutableBytes out) {
  if (!Fits(ear) || !NamesAscend(ear)) return Error::kEatMalformed;
  ByteArray<Ear::kMaxAppraisals * kMaxEarAppraisal> memory;
  MutableBytes room = memory;
  ClaimsSet claims = OuterClaims(ear);
  Submodules& list = claims.submodules.emplace();
  for (const EarAppraisal& appraisal : ear.appraisals)
    CAI_TRY(AddSubmodule(appraisal, room, list));
  Writer writer(out);
  WriteClaims(claims, writer);
  return writer.Finish();
}

Result<Ear> EarOf(const ClaimsSet& claims) {
  if (claims.ProfileUri() != kProfileEar || !claims.issued ||
      claims.issued->is_float || !claims.verifier_id || !claims.submodules)
    return Error::kEatBadResult;
  Ear ear;
  ear.issued = claims.issued->integer;
  ear.verifier = *claims.verifier_id;
  if (claims.nonces) ear.nonce = (*claims.nonces)[0].value;
  if (claims.raw_evidence) ear.raw_evidence = claims.raw_evidence->value;
  for (const Submodule& submodule : *claims.submodules) {
    CAI_TRY_ASSIGN(const EarAppraisal appraisal, ReadAppraisal(submodule));
    CAI_TRY(ear.appraisals.Add(appraisal));
  }
  return ear;
}

Result<Ear> DecodeEar(Bytes in) {
  CAI_TRY_ASSIGN(const ClaimsSet claims, ReadClaims(in));
  return EarOf(claims);
}

Tier TierOf(std::int8_t value) {
  if (value >= -1 && value <= 1) return Tier::kNone;
  if (value >= -32 && value <= 31) return Tier::kAffirming;
  if (value >= -96 && value <= 95) return Tier::kWarning;
  return Tier::kContraindicated;
}

Tier WorstOf(const TrustVector& vector) {
  Tier worst = Tier::kNone;
  for (const auto& field : vector.fields)
    if (field) worst = std::max(worst, TierOf(*field));
  return worst;
}

std::string_view TrustName(std::size_t field) {
  constexpr std::string_view kNames[TrustVector::kFields] = {
      "instance-identity", "configuration",  "executables",    "file-system",
      "hardware",          "runtime-opaque", "storage-opaque", "sourced-data"};
  return field < TrustVector::kFields ? kNames[field] : std::string_view();
}

}  // namespace cai::eat
