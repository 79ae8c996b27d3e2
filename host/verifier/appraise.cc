#include "host/verifier/appraise.h"

#include <algorithm>

#include "lib/crypto/mac.h"
#include "lib/eat/measured.h"
#include "lib/eat/psa.h"
#include "lib/eat/verify.h"

namespace cai::verifier {
namespace {

using eat::ClaimsSet;
using eat::Envelope;
using eat::Submodule;
using eat::Trust;
using host::Finished;
using host::Problem;

constexpr int kMaxDepth = 3;

Problem AtClaim(Error error, std::int64_t claim) {
  if (claim == 0) return error;
  const std::string_view name = eat::ClaimName(claim);
  return {error, "the claim " + (name.empty() ? std::to_string(claim)
                                              : std::string(name))};
}

bool Answers(const ClaimsSet& claims, Bytes nonce) {
  return claims.nonces && std::ranges::any_of(*claims.nonces, [&](auto& one) {
           return Equal(one.value, nonce);
         });
}

// What a token is, once a key has vouched for it.
struct Verified {
  Bytes token;  // the message itself, out of a bundle
  Envelope envelope;
  std::optional<Envelope> bundle;
  ClaimsSet claims;
  const TrustAnchor* anchor = nullptr;

  Bytes ueid() const { return claims.ueid ? claims.ueid->value : Bytes(); }
  bool endorsed() const { return anchor->ueid.has_value(); }
};

// In the order of protocol.md, 1.4: device, signature, profile, nonce, the
// kind's own checks, reference values.
class Appraiser {
 public:
  explicit Appraiser(const Expectations& expected) : expected_(expected) {}

  Finished Token(Bytes token, const std::string& name, int depth);
  Verdict verdict;

 private:
  Outcome<Verified> Authenticate(Bytes token) const;
  const TrustAnchor* FindAnchor(const ClaimsSet& claims) const;
  Finished CheckProfile(std::string_view profile) const;
  Finished CheckNonce(const ClaimsSet& claims);

  Finished Kind(const Verified& token, const std::string& name, int depth);
  Finished AiToken(const Verified& token);
  Finished KeyToken(const Verified& token);
  Finished PsaToken(const Verified& token, const std::string& name);
  Finished AttestationResult(const Verified& token);
  Finished AnyToken(const Verified& token, const std::string& name, int depth);

  Result<eat::Endorsement> EndorsementOf(const Verified& token,
                                         Bytes platform) const;
  Finished Platform(const Verified& token, const eat::PlatformClaims& claims);
  Finished Lifecycle(std::uint16_t lifecycle, Part& part);
  void Identity(const Verified& token, Part& part);
  Finished Hardware(const Verified& token, Bytes implementation, Part& part);
  Finished Firmware(const std::vector<Component>& components,
                    Bytes implementation, Part& part);
  Finished Models(const eat::AiClaims& claims);

  Finished Claims(const ClaimsSet& claims, Part& part);
  Finished Measurements(const ClaimsSet& claims, Part& part);
  Finished Submodules(const Verified& token, const ClaimsSet& claims,
                      int depth);
  Finished Detached(const Verified& token, const Submodule& submodule,
                    int depth);
  Finished Nested(const Submodule& submodule, int depth);

  // Says once what nobody asked about.
  void Unchecked(const std::string& what);

  const Expectations& expected_;
};

// ---- Who says so -----------------------------------------------------------

// An anchor of this very UEID comes before one that names none.
const TrustAnchor* Appraiser::FindAnchor(const ClaimsSet& claims) const {
  const TrustAnchor* any = nullptr;
  for (const TrustAnchor& anchor : expected_.anchors) {
    if (!anchor.ueid && any == nullptr) any = &anchor;
    if (anchor.ueid && claims.ueid && Equal(*anchor.ueid, claims.ueid->value))
      return &anchor;
  }
  return any;
}

Outcome<Verified> Appraiser::Authenticate(Bytes bytes) const {
  Verified token;
  token.token = bytes;
  CAI_TRY_ASSIGN(token.envelope, eat::OpenEnvelope(bytes));
  if (token.envelope.kind == Envelope::Kind::kBundle) {
    token.bundle = token.envelope;
    token.token = token.envelope.payload;
    CAI_TRY_ASSIGN(token.envelope, eat::OpenEnvelope(token.token));
  }
  const Envelope& envelope = token.envelope;
  if (envelope.proof.empty()) return Error::kEatUnsigned;
  std::int64_t where = 0;
  const auto claims =
      eat::ReadPsaClaims(envelope.payload, cbor::Mode::kLenient, &where);
  if (!claims.ok()) return AtClaim(claims.error(), where);
  token.claims = *claims;
  token.anchor = FindAnchor(token.claims);
  if (token.anchor == nullptr) return Error::kEatNoKey;
  if (envelope.algorithm &&
      !expected_.policy.AllowsAlgorithm(*envelope.algorithm))
    return Error::kEatWrongAlgorithm;
  CAI_TRY(token.anchor->key->Check(envelope));
  return token;
}

Finished Appraiser::CheckProfile(std::string_view profile) const {
  const bool pinned = !expected_.profile || *expected_.profile == profile;
  if (pinned && expected_.policy.AllowsProfile(profile)) return kDone;
  return Problem(
      Error::kEatWrongProfile,
      profile.empty() ? "no profile" : "the profile " + std::string(profile));
}

Finished Appraiser::CheckNonce(const ClaimsSet& claims) {
  if (claims.nonces && !claims.nonces->empty() && verdict.nonce.empty())
    verdict.nonce = host::ToBlob((*claims.nonces)[0].value);
  if (!expected_.nonce) {
    Unchecked("nonce");
    return kDone;
  }
  return Answers(claims, *expected_.nonce) ? Finished(kDone)
                                           : Finished(Error::kEatWrongNonce);
}

Finished Appraiser::Token(Bytes bytes, const std::string& name, int depth) {
  CAI_TRY_ASSIGN(const Verified token, Authenticate(bytes));
  const std::string_view profile = token.claims.ProfileUri();
  if (depth == 0) {
    verdict.profile = profile;
    verdict.ueid = host::ToBlob(token.ueid());
    verdict.anchor = token.anchor->source;
    CAI_TRY(CheckProfile(profile));
    CAI_TRY(CheckNonce(token.claims));
  } else if (expected_.nonce && !Answers(token.claims, *expected_.nonce)) {
    // Nested tokens may be older than the one around them.
    Unchecked("nonce of " + name);
  }
  std::int64_t where = 0;
  if (const Status status =
          expected_.policy.Check(token.claims, expected_.now, where);
      !status.ok())
    return AtClaim(status.error(), where);
  return Kind(token, name, depth);
}

Finished Appraiser::Kind(const Verified& token, const std::string& name,
                         int depth) {
  const std::string_view profile = token.claims.ProfileUri();
  if (profile == eat::kProfileAi) return AiToken(token);
  if (profile == eat::kProfileKey) return KeyToken(token);
  if (profile == eat::kProfileEar) return AttestationResult(token);
  if (eat::IsPsaProfile(profile)) return PsaToken(token, name);
  return AnyToken(token, name, depth);
}

// ---- Our own tokens --------------------------------------------------------

// An endorsement without implementation id takes the platform token's word; the
// part then says nothing of the hardware.
Result<eat::Endorsement> Appraiser::EndorsementOf(const Verified& token,
                                                  Bytes platform) const {
  const auto key = token.anchor->key->p256();
  if (!key) return Error::kEatWrongAlgorithm;
  eat::Endorsement device;
  CopyInto(device.ueid, token.ueid());
  device.attestation_key = *key;
  CAI_TRY_ASSIGN(const eat::PlatformToken parsed,
                 eat::ParsePlatformToken(platform));
  CopyInto(device.implementation_id, token.anchor->implementation
                                         ? Bytes(*token.anchor->implementation)
                                         : parsed.claims.implementation_id);
  return device;
}

// Lifecycle and reference values are this file's to judge, by a finer policy.
constexpr eat::Policy kLeaveToCaller{false, true};

// The nonce was compared above; its ledger is the services'.
eat::NonceEntry EntryOf(Bytes nonce) {
  eat::NonceEntry entry;
  CopyInto(entry.nonce, nonce);
  return entry;
}

Finished Appraiser::AiToken(const Verified& token) {
  CAI_TRY_ASSIGN(const eat::AiToken parsed, eat::ParseAiToken(token.token));
  eat::AiExpectations expect;
  CAI_TRY_ASSIGN(expect.device, EndorsementOf(token, parsed.claims.platform));
  expect.nonce = EntryOf(parsed.claims.nonce);
  CopyInto(expect.service, expected_.service ? Bytes(*expected_.service)
                                             : parsed.claims.service);
  expect.boot_count = expected_.boot_count.value_or(parsed.claims.boot_count);
  expect.confirmation =
      expected_.confirmation.value_or(parsed.claims.confirmation);
  expect.policy = kLeaveToCaller;
  if (!expected_.service) Unchecked("audience");
  if (!expected_.boot_count) Unchecked("boot count");
  if (!expected_.confirmation) Unchecked("confirmed key");
  CAI_TRY_ASSIGN(const eat::AiResult result,
                 eat::VerifyAiToken(token.token, expect));
  CAI_TRY(Platform(token, result.platform));
  return Models(result.claims);
}

Finished Appraiser::KeyToken(const Verified& token) {
  CAI_TRY_ASSIGN(const eat::KeyToken parsed, eat::ParseKeyToken(token.token));
  eat::KeyExpectations expect;
  CAI_TRY_ASSIGN(expect.device, EndorsementOf(token, parsed.claims.platform));
  expect.nonce = EntryOf(parsed.claims.nonce);
  CopyInto(expect.request_digest, expected_.request_digest
                                      ? Bytes(*expected_.request_digest)
                                      : parsed.claims.request_digest);
  expect.confirmation =
      expected_.confirmation.value_or(parsed.claims.confirmation);
  expect.purpose = expected_.purpose ? std::string_view(*expected_.purpose)
                                     : parsed.claims.purpose;
  expect.policy = kLeaveToCaller;
  if (!expected_.request_digest) Unchecked("request");
  if (!expected_.confirmation) Unchecked("confirmed key");
  if (!expected_.purpose) Unchecked("purpose");
  CAI_TRY_ASSIGN(const eat::KeyResult result,
                 eat::VerifyKeyToken(token.token, expect));
  return Platform(token, result.platform);
}

Finished Appraiser::Platform(const Verified& token,
                             const eat::PlatformClaims& claims) {
  Part part{.name = "platform"};
  part.applicable = {Trust::kInstanceIdentity, Trust::kConfiguration,
                     Trust::kExecutables, Trust::kHardware};
  std::vector<Component> components;
  for (std::size_t i = 0; i < claims.component_count; ++i) {
    const eat::SoftwareComponent& c = claims.components[i];
    components.push_back({c.type, c.version, c.measurement, c.signer});
  }
  Identity(token, part);
  CAI_TRY(Lifecycle(claims.lifecycle, part));
  CAI_TRY(Hardware(token, claims.implementation_id, part));
  CAI_TRY(Firmware(components, claims.implementation_id, part));
  verdict.parts.push_back(part);
  return kDone;
}

Finished Appraiser::Models(const eat::AiClaims& claims) {
  Part engine{.name = "engine", .applicable = {Trust::kExecutables}};
  Part models{.name = "models", .applicable = {Trust::kSourcedData}};
  const ReferenceValues& known = expected_.references;
  if (known.engines.empty()) Unchecked("engine");
  if (known.models.empty() && claims.component_count > 1) Unchecked("models");
  for (std::size_t i = 0; i < claims.component_count; ++i) {
    const eat::MeasuredComponent& c = claims.components[i];
    const auto& list = i == 0 ? known.engines : known.models;
    if (list.empty()) continue;
    const Lookup lookup{
        IsOneOf(c.digest, list),
        i == 0 ? expected_.policy.unknown_engine
               : expected_.policy.unknown_model,
        i == 0 ? Error::kEatEngineUnknown : Error::kEatModelUnknown,
        (i == 0 ? "the engine " : "the model ") + std::string(c.name)};
    CAI_TRY(Judge(lookup, i == 0 ? Trust::kExecutables : Trust::kSourcedData,
                  i == 0 ? engine : models, verdict.findings));
  }
  verdict.parts.push_back(engine);
  if (claims.component_count > 1) verdict.parts.push_back(models);
  return kDone;
}

// ---- PSA tokens ------------------------------------------------------------

Finished Appraiser::PsaToken(const Verified& token, const std::string& name) {
  const ClaimsSet& claims = token.claims;
  std::int64_t where = 0;
  if (const Status status = eat::CheckPsa(claims, &where); !status.ok())
    return AtClaim(status.error(), where);
  if (!expected_.policy.AllowsClient(*claims.client_id))
    return Problem(Error::kEatClient,
                   "client " + std::to_string(*claims.client_id));
  Part part{.name = name};
  part.applicable = {Trust::kInstanceIdentity, Trust::kConfiguration,
                     Trust::kExecutables, Trust::kHardware};
  std::vector<Component> components;
  if (claims.software_components)
    for (const eat::PsaComponent& c : *claims.software_components)
      components.push_back({c.type, c.version, c.measurement, c.signer});
  const Bytes implementation = claims.implementation_id->value;
  Identity(token, part);
  CAI_TRY(Lifecycle(*claims.lifecycle, part));
  CAI_TRY(Hardware(token, implementation, part));
  CAI_TRY(Firmware(components, implementation, part));
  verdict.parts.push_back(part);
  return kDone;
}

// A key that no UEID was named for identifies nobody in particular.
void Appraiser::Identity(const Verified& token, Part& part) {
  if (token.endorsed()) return part.Add(Trust::kInstanceIdentity, trust::kGood);
  Unchecked("whose key it is");
}

Finished Appraiser::Lifecycle(std::uint16_t lifecycle, Part& part) {
  if (!expected_.policy.AllowsLifecycle(lifecycle))
    return Problem(Error::kEatLifecycle,
                   "lifecycle " + std::string(eat::LifecycleName(lifecycle)));
  const bool secured = eat::LifecycleName(lifecycle) == "secured";
  part.Add(Trust::kConfiguration, secured ? trust::kGood : trust::kBad);
  if (!secured)
    verdict.findings.push_back(
        {Error::kEatLifecycle, std::string(eat::LifecycleName(lifecycle))});
  return kDone;
}

Finished Appraiser::Hardware(const Verified& token, Bytes implementation,
                             Part& part) {
  const auto& endorsed = token.anchor->implementation;
  if (!endorsed) {
    Unchecked("implementation");
    return kDone;
  }
  if (!Equal(*endorsed, implementation)) return Error::kEatImplementation;
  part.Add(Trust::kHardware, trust::kGood);
  return kDone;
}

Finished Appraiser::Firmware(const std::vector<Component>& components,
                             Bytes implementation, Part& part) {
  const auto& known = expected_.references.firmware;
  if (known.empty()) {
    Unchecked("firmware");
    return kDone;
  }
  for (const Component& c : components) {
    const Lookup lookup{
        IsKnown(c, implementation, known), expected_.policy.unknown_firmware,
        Error::kEatFirmwareUnknown,
        "the component " +
            (c.type.empty() ? host::Hex(c.measurement) : std::string(c.type))};
    CAI_TRY(Judge(lookup, Trust::kExecutables, part, verdict.findings));
  }
  return kDone;
}

// ---- Attestation results ---------------------------------------------------

// A verifier's word about an attester: from an attester's own key it is worth
// nothing.
Finished Appraiser::AttestationResult(const Verified& token) {
  if (token.endorsed())
    return Problem(Error::kEatWrongProfile,
                   "an attestation result by the attester itself");
  CAI_TRY_ASSIGN(const eat::Ear ear, eat::EarOf(token.claims));
  for (const eat::EarAppraisal& one : ear.appraisals)
    verdict.parts.push_back({.name = std::string(one.name),
                             .vector = one.vector,
                             .stated = one.status});
  return kDone;
}

// ---- Any other EAT ---------------------------------------------------------

Finished Appraiser::AnyToken(const Verified& token, const std::string& name,
                             int depth) {
  Part part{.name = name};
  part.applicable = {Trust::kInstanceIdentity, Trust::kExecutables};
  Identity(token, part);
  CAI_TRY(Claims(token.claims, part));
  verdict.parts.push_back(part);
  return Submodules(token, token.claims, depth);
}

Finished Appraiser::Claims(const ClaimsSet& claims, Part& part) {
  if (!expected_.policy.AllowsDebug(claims))
    return Problem(Error::kEatDebug, "the part " + part.name);
  if (claims.debug)
    part.Add(Trust::kConfiguration, *claims.debug == eat::DebugStatus::kEnabled
                                        ? trust::kWarning
                                        : trust::kGood);
  if (claims.oem_boot && !*claims.oem_boot) {
    part.Add(Trust::kExecutables, trust::kWarning);
    verdict.findings.push_back(
        {Error::kEatFirmwareUnknown, "booted what the OEM did not authorise"});
  }
  if (claims.results)
    for (const eat::ResultGroup& group : *claims.results)
      for (const eat::ResultOf& one : group.results)
        if (one.result == eat::Measured::kFail) {
          part.Add(Trust::kExecutables, trust::kBad);
          verdict.findings.push_back(
              {Error::kEatMeasurement, std::string(group.system)});
        }
  return Measurements(claims, part);
}

// Digests of measured components may be any approved value's.
Finished Appraiser::Measurements(const ClaimsSet& claims, Part& part) {
  const ReferenceValues& known = expected_.references;
  if (!claims.measurements) return kDone;
  if (known.firmware.empty() && known.engines.empty() && known.models.empty()) {
    Unchecked("measurements");
    return kDone;
  }
  for (const eat::Formatted& one : *claims.measurements) {
    const auto component = eat::ReadMeasured(one.content);
    if (!component.ok()) {
      Unchecked("measurements of format " + std::to_string(one.format));
      continue;
    }
    const bool good =
        IsOneOf(component->value, known.engines) ||
        IsOneOf(component->value, known.models) ||
        std::ranges::any_of(known.firmware, [&](const KnownFirmware& f) {
          return Equal(f.measurement, component->value);
        });
    CAI_TRY(Judge(
        {good, expected_.policy.unknown_firmware, Error::kEatFirmwareUnknown,
         "the component " + std::string(component->name)},
        Trust::kExecutables, part, verdict.findings));
  }
  return kDone;
}

Finished Appraiser::Submodules(const Verified& token, const ClaimsSet& claims,
                               int depth) {
  if (!claims.submodules) return kDone;
  if (depth == kMaxDepth) return Error::kEatTooMany;
  for (const Submodule& submodule : *claims.submodules) {
    switch (submodule.kind) {
      case Submodule::Kind::kToken:
        CAI_TRY(Nested(submodule, depth + 1));
        break;
      case Submodule::Kind::kJsonToken:
        Unchecked("the submodule " + std::string(submodule.name) +
                  " (a token of JSON)");
        break;
      case Submodule::Kind::kDigest:
        CAI_TRY(Detached(token, submodule, depth + 1));
        break;
      case Submodule::Kind::kClaims: {
        CAI_TRY_ASSIGN(const ClaimsSet inner, eat::ReadClaims(submodule.item));
        Part part{.name = std::string(submodule.name)};
        CAI_TRY(Claims(inner, part));
        verdict.parts.push_back(part);
        CAI_TRY(Submodules(token, inner, depth + 1));
        break;
      }
    }
  }
  return kDone;
}

// Its own signer's word: no key for it makes it unknown, a key that did not
// sign it makes it a forgery.
Finished Appraiser::Nested(const Submodule& submodule, int depth) {
  const std::string name(submodule.name);
  const Finished done = Token(submodule.content, name, depth);
  if (done.ok() || done.error().error != Error::kEatNoKey) return done;
  verdict.parts.push_back({.name = name});
  verdict.findings.push_back({Error::kEatNoKey, "the nested token " + name});
  return kDone;
}

std::optional<crypto::HashAlgorithm> HashOf(const eat::IntOrText& algorithm) {
  if (algorithm.is_text) return std::nullopt;
  switch (algorithm.number) {
    case -16:
      return crypto::HashAlgorithm::kSha256;
    case -43:
      return crypto::HashAlgorithm::kSha384;
    case -44:
      return crypto::HashAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

// RFC 9711, 5: the digest is of the claims set's encoding, without its bstr.
Finished Appraiser::Detached(const Verified& token, const Submodule& submodule,
                             int depth) {
  std::optional<Bytes> found;
  if (token.bundle) {
    CAI_TRY_ASSIGN(found, eat::FindDetached(*token.bundle, submodule.name));
  }
  const auto hash = HashOf(submodule.algorithm);
  if (!found || !hash) {
    Unchecked("the detached submodule " + std::string(submodule.name));
    return kDone;
  }
  Blob digest(crypto::HashSize(*hash));
  const Bytes parts[] = {*found};
  CAI_TRY(crypto::HashOf(*hash, parts, digest));
  if (!Equal(digest, submodule.content))
    return Problem(Error::kEatDigestMismatch,
                   "the submodule " + std::string(submodule.name));
  CAI_TRY_ASSIGN(const ClaimsSet claims, eat::ReadClaims(*found));
  Part part{.name = std::string(submodule.name)};
  CAI_TRY(Claims(claims, part));
  verdict.parts.push_back(part);
  return Submodules(token, claims, depth);
}

void Appraiser::Unchecked(const std::string& what) {
  if (std::ranges::count(verdict.unchecked, what) == 0)
    verdict.unchecked.push_back(what);
}

// How the first part of a token is called in its result.
std::string NameOf(Bytes token) {
  const auto envelope = eat::OpenEnvelope(token);
  if (!envelope.ok()) return "token";
  const auto claims = eat::ReadPsaClaims(envelope->payload);
  const bool psa = claims.ok() && eat::IsPsaProfile(claims->ProfileUri());
  return psa ? "PSA" : "EAT";
}

}  // namespace

eat::Tier Verdict::Status() const {
  eat::Tier worst = parts.empty() ? eat::Tier::kNone : eat::Tier::kAffirming;
  bool none = parts.empty();
  for (const Part& part : parts) {
    const eat::Tier status = part.Status();
    none |= status == eat::Tier::kNone;
    worst = std::max(worst, status);
  }
  return none && worst == eat::Tier::kAffirming ? eat::Tier::kNone : worst;
}

Outcome<Verdict> Appraise(Bytes token, const Expectations& expected) {
  Appraiser appraiser(expected);
  CAI_TRY(appraiser.Token(token, NameOf(token), 0));
  return std::move(appraiser.verdict);
}

}  // namespace cai::verifier
