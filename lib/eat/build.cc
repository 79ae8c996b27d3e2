#include "lib/eat/build.h"

#include "lib/cbor/writer.h"
#include "lib/cose/algorithms.h"
#include "lib/cose/key.h"
#include "lib/cose/sign1.h"
#include "lib/eat/headers.h"

namespace cai::eat {
namespace {

using cbor::Writer;

constexpr std::size_t kSignatureSize = 64;

void Key(Claim claim, Writer& out) {
  out.Int(static_cast<std::int32_t>(claim));
}

void BstrClaim(Claim claim, Bytes value, Writer& out) {
  Key(claim, out);
  out.Bstr(value);
}

void TextClaim(Claim claim, std::string_view value, Writer& out) {
  Key(claim, out);
  out.Text(value);
}

void UintClaim(Claim claim, std::uint64_t value, Writer& out) {
  Key(claim, out);
  out.Uint(value);
}

// RFC 8747, 3.1: {1: COSE_Key}.
void WriteConfirmation(const crypto::P256Public& key, Writer& out) {
  Key(Claim::kConfirmation, out);
  out.Map(1);
  out.Uint(1);
  cose::WriteKey(key, out);
}

// RFC 9711, 4.2.18.1.2: a nested CBOR token is a byte string.
void WritePlatform(Bytes platform, Writer& out) {
  Key(Claim::kSubmodules, out);
  out.Map(1);
  out.Text(kPlatformSubmodule);
  out.Bstr(platform);
}

void WriteComponent(const SoftwareComponent& component, Writer& out) {
  out.Map(2 + !component.type.empty() + !component.version.empty());
  if (!component.type.empty()) {
    out.Uint(1);
    out.Text(component.type);
  }
  out.Uint(2);
  out.Bstr(component.measurement);
  if (!component.version.empty()) {
    out.Uint(4);
    out.Text(component.version);
  }
  out.Uint(5);
  out.Bstr(component.signer);
}

void WritePlatformClaims(const PlatformClaims& claims, Writer& out) {
  out.Map(8);
  BstrClaim(Claim::kNonce, claims.nonce, out);
  BstrClaim(Claim::kUeid, claims.ueid, out);
  TextClaim(Claim::kProfile, kProfilePlatform, out);
  BstrClaim(Claim::kBootSeed, claims.boot_seed, out);
  Key(Claim::kClientId, out);
  out.Int(claims.client_id);
  UintClaim(Claim::kLifecycle, claims.lifecycle, out);
  BstrClaim(Claim::kImplementationId, claims.implementation_id, out);
  Key(Claim::kSoftwareComponents, out);
  out.Array(claims.component_count);
  for (std::size_t i = 0; i < claims.component_count; ++i)
    WriteComponent(claims.components[i], out);
}

void WriteMeasured(const MeasuredComponent& component, Writer& out) {
  out.Map(2);
  out.Uint(1);
  out.Array(component.version.empty() ? 1 : 2);
  out.Text(component.name);
  if (!component.version.empty()) {
    out.Array(1);
    out.Text(component.version);
  }
  out.Uint(2);
  out.Array(2);
  out.Int(kDigestAlgorithm);
  out.Bstr(component.digest);
}

// RFC 9711, 4.2.16: [content format, bstr .cbor measured-component].
void WriteMeasurement(const MeasuredComponent& component, Writer& out) {
  Writer measure({});
  WriteMeasured(component, measure);
  out.Array(2);
  out.Uint(kMeasuredComponentFormat);
  out.BstrHead(measure.size());
  WriteMeasured(component, out);
}

void WriteAiClaims(const AiClaims& claims, Writer& out) {
  out.Map(10);
  BstrClaim(Claim::kAudience, claims.service, out);
  WriteConfirmation(claims.confirmation, out);
  BstrClaim(Claim::kNonce, claims.nonce, out);
  BstrClaim(Claim::kUeid, claims.ueid, out);
  UintClaim(Claim::kUptime, claims.uptime_s, out);
  TextClaim(Claim::kProfile, kProfileAi, out);
  WritePlatform(claims.platform, out);
  UintClaim(Claim::kBootCount, claims.boot_count, out);
  BstrClaim(Claim::kBootSeed, claims.boot_seed, out);
  Key(Claim::kMeasurements, out);
  out.Array(claims.component_count);
  for (std::size_t i = 0; i < claims.component_count; ++i)
    WriteMeasurement(claims.components[i], out);
}

// -70001 stands before -70002 in bytewise order.
void WriteKeyClaims(const KeyClaims& claims, Writer& out) {
  out.Map(7);
  WriteConfirmation(claims.confirmation, out);
  BstrClaim(Claim::kNonce, claims.nonce, out);
  BstrClaim(Claim::kUeid, claims.ueid, out);
  TextClaim(Claim::kProfile, kProfileKey, out);
  WritePlatform(claims.platform, out);
  BstrClaim(Claim::kRequestDigest, claims.request_digest, out);
  TextClaim(Claim::kPurpose, claims.purpose, out);
}

// Two passes, so that the payload is written where it stays: a device has no
// room for it twice.
template <typename Write>
Result<Draft> Frame(Bytes header, MutableBytes out, Write write) {
  Writer measure({});
  write(measure);
  Writer writer(out);
  writer.Tag(cose::kTagSign1);
  writer.Array(4);
  writer.Bstr(header);
  writer.Map(0);
  writer.BstrHead(measure.size());
  const std::size_t payload = writer.size();
  write(writer);
  writer.Bstr(ByteArray<kSignatureSize>{});
  CAI_TRY(writer.Finish());
  const auto id =
      cose::ToBeSigned(header, Bytes(out).subspan(payload, measure.size()));
  return Draft{id, out.first(writer.size())};
}

// ---- What the builder insists on -------------------------------------------

bool Fits(const SoftwareComponent& component) {
  return component.type.size() <= SoftwareComponent::kMaxType &&
         component.version.size() <= SoftwareComponent::kMaxVersion &&
         component.measurement.size() == kHash &&
         component.signer.size() == kHash;
}

bool Fits(const MeasuredComponent& component) {
  return !component.name.empty() &&
         component.name.size() <= MeasuredComponent::kMaxName &&
         component.version.size() <= MeasuredComponent::kMaxVersion &&
         component.digest.size() == kHash;
}

// All of the first `count`, which is at least one.
template <typename Components>
bool AllFit(const Components& components, std::size_t count) {
  if (count == 0 || count > components.size()) return false;
  return std::all_of(components.begin(), components.begin() + count,
                     [](const auto& component) { return Fits(component); });
}

bool Fits(const PlatformClaims& claims) {
  return IsChallenge(claims.nonce) && IsUeid(claims.ueid) &&
         claims.boot_seed.size() == kHash && IsLifecycle(claims.lifecycle) &&
         claims.implementation_id.size() == kHash &&
         AllFit(claims.components, claims.component_count);
}

bool Fits(const AiClaims& claims) {
  return claims.service.size() == kSvcSize && claims.nonce.size() == 32 &&
         IsUeid(claims.ueid) && claims.boot_count != 0 &&
         claims.boot_seed.size() == kHash && !claims.platform.empty() &&
         claims.platform.size() <= kMaxNestedPlatformToken &&
         AllFit(claims.components, claims.component_count);
}

bool Fits(const KeyClaims& claims) {
  return claims.nonce.size() == 32 && IsUeid(claims.ueid) &&
         !claims.platform.empty() &&
         claims.platform.size() <= kMaxNestedPlatformToken &&
         claims.request_digest.size() == kHash && IsPurpose(claims.purpose);
}

}  // namespace

Result<Draft> DraftPlatformToken(const PlatformClaims& claims,
                                 MutableBytes out) {
  if (!Fits(claims)) return Error::kEatMalformed;
  return Frame(PlatformHeader(), out,
               [&](Writer& w) { WritePlatformClaims(claims, w); });
}

Result<Draft> DraftAiToken(const AiClaims& claims, MutableBytes out) {
  if (!Fits(claims)) return Error::kEatMalformed;
  return Frame(AiHeader(), out, [&](Writer& w) { WriteAiClaims(claims, w); });
}

Result<Draft> DraftKeyToken(const KeyClaims& claims, MutableBytes out) {
  if (!Fits(claims)) return Error::kEatMalformed;
  return Frame(KeyHeader(), out, [&](Writer& w) { WriteKeyClaims(claims, w); });
}

Bytes Complete(const Draft& draft, const crypto::Signature& signature) {
  CopyInto(draft.message.last(kSignatureSize), signature);
  return draft.message;
}

std::size_t PlatformTokenSize(const PlatformClaims& claims) {
  Writer measure({});
  WritePlatformClaims(claims, measure);
  return size::Sign1(PlatformHeader().size(), measure.size());
}

}  // namespace cai::eat
