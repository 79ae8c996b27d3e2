#include "lib/eat/verify.h"

#include "lib/eat/headers.h"

namespace cai::eat {
namespace {

Status Check(bool holds, Error otherwise) {
  if (!holds) return otherwise;
  return kDone;
}

// Any failure to verify is the same refusal; the cause within is of no use.
Status CheckSignature(const cose::Sign1& message,
                      const crypto::P256Public& key) {
  return Check(cose::VerifySignature(message, key).ok(),
               Error::kEatBadSignature);
}

Status CheckNonce(Bytes nonce, const std::optional<NonceEntry>& entry,
                  const crypto::Digest& token_id) {
  if (!entry || !Equal(entry->nonce, nonce)) return Error::kEatWrongNonce;
  // The same token may serve several sessions of one boot.
  const bool spent = entry->spent_by && *entry->spent_by != token_id;
  CAI_TRY(Check(!spent, Error::kEatNonceSpent));
  return Check(!entry->expired, Error::kEatNonceExpired);
}

// Device, signatures and profiles: what both kinds begin with. Returns the
// nested token, which is then known to be the device's own.
template <typename Claims>
Result<PlatformToken> CheckOrigin(const Token<Claims>& outer,
                                  const Endorsement& device,
                                  std::string_view profile) {
  CAI_TRY(
      Check(Equal(outer.claims.ueid, device.ueid), Error::kEatUnknownDevice));
  CAI_TRY(CheckSignature(outer.message, device.attestation_key));
  CAI_TRY_ASSIGN(const PlatformToken platform,
                 ParsePlatformToken(outer.claims.platform));
  CAI_TRY(CheckSignature(platform.message, device.attestation_key));
  CAI_TRY(Check(outer.profile == profile, Error::kEatWrongProfile));
  CAI_TRY(Check(platform.profile == kProfilePlatform, Error::kEatWrongProfile));
  return platform;
}

// protocol.md, 2, H10: key, ueid and nonce are the same, and nobody but the
// attestation partition asked for it.
template <typename Claims>
Status CheckNested(const Claims& outer, const PlatformClaims& platform,
                   const Endorsement& device) {
  CAI_TRY(
      Check(platform.client_id == kAttestClientId, Error::kEatPlatformClient));
  CAI_TRY(Check(
      Equal(platform.ueid, outer.ueid) && Equal(platform.nonce, outer.nonce),
      Error::kEatPlatformMismatch));
  return Check(Equal(platform.implementation_id, device.implementation_id),
               Error::kEatImplementation);
}

// ---- Reference values ------------------------------------------------------

// Collects tiers; remembers the first reason.
class Appraiser {
 public:
  explicit Appraiser(const Policy& policy) : policy_(policy) {}

  // A value without an approved counterpart: refused or noted, by policy.
  Status Note(bool known, Error reason, Tier& tier) {
    const Tier found = known ? Tier::kAffirming : Tier::kContraindicated;
    if (found > tier) tier = found;
    if (known) return kDone;
    if (policy_.refuse_unknown) return reason;
    if (!result_.reason) result_.reason = reason;
    return kDone;
  }

  Status Lifecycle(std::uint16_t lifecycle) {
    const bool secured = IsSecured(lifecycle);
    if (!secured && !policy_.accept_unsecured) return Error::kEatLifecycle;
    result_.configuration = secured ? Tier::kAffirming : Tier::kContraindicated;
    if (!secured && !result_.reason) result_.reason = Error::kEatLifecycle;
    return kDone;
  }

  Status Firmware(const PlatformClaims& platform,
                  std::span<const FirmwareReference> references) {
    if (references.empty()) return kDone;
    for (std::size_t i = 0; i < platform.component_count; ++i)
      CAI_TRY(Note(IsApproved(platform.components[i], references),
                   Error::kEatFirmwareUnknown, result_.executables));
    return kDone;
  }

  Status Engine(const MeasuredComponent& engine,
                std::span<const crypto::Digest> references) {
    if (references.empty()) return kDone;
    return Note(IsOneOf(engine.digest, references), Error::kEatEngineUnknown,
                result_.engine);
  }

  Status Models(std::span<const MeasuredComponent> models,
                std::span<const crypto::Digest> references) {
    if (references.empty()) return kDone;
    for (const MeasuredComponent& model : models)
      CAI_TRY(Note(IsOneOf(model.digest, references), Error::kEatModelUnknown,
                   result_.models));
    return kDone;
  }

  // The signature and the endorsement were checked before.
  Appraisal Finish(std::initializer_list<Tier Appraisal::*> applicable) {
    Appraisal& r = result_;
    r.instance_identity = r.hardware = Tier::kAffirming;
    r.status = std::max({r.instance_identity, r.configuration, r.executables,
                         r.hardware, r.engine, r.models});
    for (const auto tier : applicable)
      if (r.*tier == Tier::kNone && r.status == Tier::kAffirming)
        r.status = Tier::kNone;
    return r;
  }

 private:
  static bool IsOneOf(Bytes digest, std::span<const crypto::Digest> list) {
    return std::ranges::any_of(
        list, [digest](const auto& one) { return Equal(one, digest); });
  }

  static bool IsApproved(const SoftwareComponent& component,
                         std::span<const FirmwareReference> references) {
    return std::ranges::any_of(references, [&](const auto& reference) {
      return reference.type == component.type &&
             Equal(reference.measurement, component.measurement) &&
             Equal(reference.signer, component.signer);
    });
  }

  const Policy& policy_;
  Appraisal result_;
};

Result<Appraisal> AppraiseAi(const AiClaims& claims,
                             const PlatformClaims& platform,
                             const ReferenceValues& references,
                             const Policy& policy) {
  Appraiser appraiser(policy);
  const std::span components(claims.components.data(), claims.component_count);
  CAI_TRY(appraiser.Lifecycle(platform.lifecycle));
  CAI_TRY(appraiser.Firmware(platform, references.firmware));
  CAI_TRY(appraiser.Engine(components[0], references.engines));
  CAI_TRY(appraiser.Models(components.subspan(1), references.models));
  if (components.size() == 1)
    return appraiser.Finish({&Appraisal::executables, &Appraisal::engine});
  return appraiser.Finish(
      {&Appraisal::executables, &Appraisal::engine, &Appraisal::models});
}

Result<Appraisal> AppraiseKey(const PlatformClaims& platform,
                              const ReferenceValues& references,
                              const Policy& policy) {
  Appraiser appraiser(policy);
  CAI_TRY(appraiser.Lifecycle(platform.lifecycle));
  CAI_TRY(appraiser.Firmware(platform, references.firmware));
  return appraiser.Finish({&Appraisal::executables});
}

}  // namespace

std::string_view PurposeOf(std::string_view unit) {
  if (unit == "Device Client TLS") return kPurposeTlsClient;
  if (unit == "Device COSE SIGN/Encrypt") return kPurposeCoseSign;
  return {};
}

Result<AiResult> VerifyAiToken(Bytes token, const AiExpectations& expected) {
  CAI_TRY_ASSIGN(const AiToken parsed, ParseAiToken(token));
  const AiClaims& claims = parsed.claims;
  const crypto::Digest id = parsed.Id();
  CAI_TRY(Check(!expected.token_id || *expected.token_id == id,
                Error::kEatWrongTokenId));
  CAI_TRY_ASSIGN(const PlatformToken platform,
                 CheckOrigin(parsed, expected.device, kProfileAi));
  CAI_TRY(CheckNested(claims, platform.claims, expected.device));
  CAI_TRY(Check(Equal(platform.claims.boot_seed, claims.boot_seed),
                Error::kEatPlatformMismatch));
  CAI_TRY(CheckNonce(claims.nonce, expected.nonce, id));
  CAI_TRY(
      Check(Equal(claims.service, expected.service), Error::kEatWrongAudience));
  CAI_TRY(
      Check(claims.boot_count == expected.boot_count, Error::kEatWrongBoot));
  CAI_TRY(
      Check(claims.confirmation == expected.confirmation, Error::kEatWrongKey));
  CAI_TRY_ASSIGN(const Appraisal appraisal,
                 AppraiseAi(claims, platform.claims, expected.references,
                            expected.policy));
  return AiResult{id, claims, platform.claims, appraisal};
}

Result<KeyResult> VerifyKeyToken(Bytes token, const KeyExpectations& expected) {
  CAI_TRY_ASSIGN(const KeyToken parsed, ParseKeyToken(token));
  const KeyClaims& claims = parsed.claims;
  const crypto::Digest id = parsed.Id();
  CAI_TRY_ASSIGN(const PlatformToken platform,
                 CheckOrigin(parsed, expected.device, kProfileKey));
  CAI_TRY(CheckNested(claims, platform.claims, expected.device));
  CAI_TRY(CheckNonce(claims.nonce, expected.nonce, id));
  CAI_TRY(Check(Equal(claims.request_digest, expected.request_digest),
                Error::kEatWrongCsr));
  CAI_TRY(Check(claims.purpose == expected.purpose, Error::kEatWrongPurpose));
  CAI_TRY(
      Check(claims.confirmation == expected.confirmation, Error::kEatWrongKey));
  CAI_TRY_ASSIGN(
      const Appraisal appraisal,
      AppraiseKey(platform.claims, expected.references, expected.policy));
  return KeyResult{id, claims, platform.claims, appraisal};
}

}  // namespace cai::eat
