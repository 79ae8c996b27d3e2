// Attestation results: EAR (draft-ietf-rats-ear), the verifier's word on a
// token. Grammar: ear.cddl. The message around it is a COSE_Sign1 by the
// verifier's key (host/verifier/result.h).
#pragma once

#include "lib/eat/claims_set.h"

namespace cai::eat {

constexpr std::string_view kProfileEar = "tag:ietf.org,2026:rats/ear#03";

// On one attester or one part of it.
struct EarAppraisal {
  static constexpr std::size_t kMaxName = 32;
  static constexpr std::size_t kMaxPolicyId = 128;

  std::string_view name;
  Tier status = Tier::kNone;
  TrustVector vector;          // may have no field
  std::string_view policy_id;  // empty: absent
};

// Views into what was read, or at what is to be written.
struct Ear {
  static constexpr std::size_t kMaxAppraisals = 4;
  static constexpr std::size_t kMaxVerifier = 64;
  static constexpr std::size_t kMaxEvidence = 4096;

  std::int64_t issued = 0;  // Unix seconds
  VerifierId verifier;
  Bytes nonce;         // the evidence's; 8 to 64 bytes, or empty: absent
  Bytes raw_evidence;  // the token as it came, or empty: absent
  List<EarAppraisal, kMaxAppraisals> appraisals;  // names ascend, shorter first
};

// The largest that EncodeEar() makes.
constexpr std::size_t kMaxEarAppraisal =
    (2 + EarAppraisal::kMaxName) + 1 + (3 + 2) +
    (3 + 1 + TrustVector::kFields * (1 + 2)) +
    (3 + 1 + 2 + EarAppraisal::kMaxPolicyId);
constexpr std::size_t kMaxEar =
    1 + (1 + 9) + (1 + 2 + 64) + (3 + 2 + kProfileEar.size()) +
    (3 + 1 + Ear::kMaxAppraisals * kMaxEarAppraisal) +
    (3 + 3 + Ear::kMaxEvidence) + (3 + 1 + 2 * (1 + 2 + Ear::kMaxVerifier));

// kEatMalformed for a text or bytes longer than the bounds above, no appraisal,
// or names that do not ascend; kCborNoRoom.
Result<Bytes> EncodeEar(const Ear& ear, MutableBytes out);

// The claims of an attestation result, whoever made it: claims that are not
// named above are passed over. kEatBadResult if it is none of this profile, has
// no appraisal, or claims a better status than its trust vector has.
Result<Ear> DecodeEar(Bytes in);
Result<Ear> EarOf(const ClaimsSet& claims);

// draft-ietf-rats-ar4si, 2.3.2: the tier that one value falls in, and the
// worst of a vector; none, if it has no field.
Tier TierOf(std::int8_t value);
Tier WorstOf(const TrustVector& vector);

// "executables".
std::string_view TrustName(std::size_t field);

}  // namespace cai::eat
