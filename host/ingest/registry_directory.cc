#include "host/ingest/registry_directory.h"

namespace cai::ingest {
namespace {

std::vector<Component> ComponentsOf(const eat::AiClaims& claims,
                                    const References& references) {
  std::vector<Component> components;
  for (std::size_t i = 0; i < claims.component_count; ++i) {
    const eat::MeasuredComponent& measured = claims.components[i];
    Component c{
        std::string(measured.name), std::string(measured.version), {}, {}};
    CopyInto(c.digest, measured.digest);
    if (const Component* known = references.FindModel(measured.digest))
      c.labels = known->labels;
    components.push_back(std::move(c));
  }
  return components;
}

// Attested: an endorsed key signed for firmware, engine and models that all
// have reference values, and the signing key was enrolled under such a token.
std::string StatusOf(const Device& device, const eat::Appraisal& appraisal) {
  if (!device.attested) return "tofu";
  return appraisal.status == eat::Tier::kAffirming ? "attested" : "unattested";
}

}  // namespace

Outcome<RegistryDirectory> RegistryDirectory::Open(const host::State& state) {
  CAI_TRY_ASSIGN(registry::Registry registry,
                 registry::Registry::Open(state.registry_db()));
  const host::fs::path path = References::PathIn(state);
  // A damaged file is better noticed at the start than at the first session.
  CAI_TRY(References::Read(path));
  return RegistryDirectory(std::move(registry), path);
}

Outcome<std::optional<Device>> RegistryDirectory::Find(
    const std::string& uuid) {
  CAI_TRY_ASSIGN(const host::Uuid id, host::ParseUuid(uuid));
  const auto found = registry_.Find(id);
  if (!found.ok()) {
    if (found.error().error == Error::kRegistryUnknownDevice)
      return std::optional<Device>();
    return found.error();
  }
  if (found->status != registry::DeviceStatus::kActive)
    return std::optional<Device>();
  const registry::Endorsement& e = found->endorsement;
  return std::optional(Device{uuid, e.uuid.bytes, e.ueid, e.implementation_id,
                              e.iak, found->cose_sign,
                              found->cose_sign_attested});
}

Outcome<Appraisal> RegistryDirectory::Appraise(
    const Device& device, const wire::Svc& svc,
    const wire::SessionHeader& header, Bytes token) {
  CAI_TRY_ASSIGN(const References references, References::Read(references_));
  const ReferenceView view(references);
  CAI_TRY_ASSIGN(const eat::AiToken parsed, eat::ParseAiToken(token));

  eat::AiExpectations expected;
  expected.device = {device.ueid, device.iak, device.implementation_id};
  expected.token_id = header.token_id;
  // The ledger is the receiver's: it asks who the nonce was given to, when, and
  // whether another token spent it.
  eat::NonceEntry nonce;
  CopyInto(nonce.nonce, parsed.claims.nonce);
  expected.nonce = nonce;
  expected.service = svc;
  expected.boot_count = static_cast<std::uint32_t>(header.boot_count());
  expected.confirmation = *device.cose_sign;
  expected.references = view.values();
  CAI_TRY_ASSIGN(const eat::AiResult result,
                 eat::VerifyAiToken(token, expected));

  return Appraisal{StatusOf(device, result.appraisal),
                   ComponentsOf(result.claims, references),
                   result.claims.uptime_s * 1000,
                   host::ToBlob(result.claims.nonce)};
}

}  // namespace cai::ingest
