#include "host/verifier/explain.h"

#include <algorithm>

#include "host/verifier/names.h"
#include "lib/cose/sign1.h"
#include "lib/eat/ear.h"
#include "lib/eat/envelope.h"
#include "lib/eat/measured.h"
#include "lib/eat/parse.h"
#include "lib/eat/psa.h"

namespace cai::verifier {
namespace {

namespace json = boost::json;
using eat::ClaimsSet;
using eat::Envelope;
using eat::Submodule;
using host::Problem;

constexpr int kMaxDepth = 4;

json::string Text(std::string_view text) {
  return json::string(text.data(), text.size());
}

std::string Named(Names names, std::int64_t number) {
  const std::string_view name = TextOf(names, number);
  if (name.empty()) return std::to_string(number);
  return std::string(name) + " (" + std::to_string(number) + ")";
}

const char* KindName(Envelope::Kind kind) {
  switch (kind) {
    case Envelope::Kind::kSign1:
      return "COSE_Sign1";
    case Envelope::Kind::kMac0:
      return "COSE_Mac0";
    case Envelope::Kind::kClaims:
      return "unsigned claims";
    case Envelope::Kind::kBundle:
      return "detached EAT bundle";
  }
  return "";
}

// ---- Warnings --------------------------------------------------------------

using Warnings = json::array;

void Warn(Warnings& warnings, const std::string& words) {
  warnings.push_back(Text(words));
}

void WarnOfEnvelope(const Envelope& envelope, Warnings& warnings) {
  if (envelope.kind == Envelope::Kind::kClaims)
    Warn(warnings, "nobody signed these claims");
  const bool cose = !envelope.proof.empty();
  if (cose && !envelope.algorithm)
    Warn(warnings, "the algorithm is not in the protected header");
  if (envelope.critical)
    Warn(warnings, "has critical header parameters that are not understood");
}

// RFC 9711, 4.2.1.1: RAND of 16, 24 or 32 bytes, EUI of 6 or 8, IMEI of 14.
bool IsUeidForm(Bytes ueid) {
  const std::size_t size = ueid.size() - 1;
  switch (std::to_integer<int>(ueid[0])) {
    case 1:
      return size == 16 || size == 24 || size == 32;
    case 2:
      return size == 6 || size == 8;
    case 3:
      return size == 14;
    default:
      return false;
  }
}

void WarnOfClaims(const ClaimsSet& claims, Warnings& warnings) {
  if (!claims.nonces) Warn(warnings, "no nonce: it may be a replay");
  if (claims.ueid && !IsUeidForm(claims.ueid->value))
    Warn(warnings, "the ueid has none of the registered forms");
  if (claims.debug == eat::DebugStatus::kEnabled)
    Warn(warnings, "debugging is enabled");
  if (claims.oem_boot == false)
    Warn(warnings, "booted what the OEM did not authorise");
  if (!claims.others.empty())
    Warn(warnings,
         std::to_string(claims.others.size()) + " claims are not registered");
}

void WarnOfPsa(const ClaimsSet& claims, Warnings& warnings) {
  std::int64_t where = 0;
  const Status status = eat::CheckPsa(claims, &where);
  if (!status.ok())
    Warn(warnings, "not a valid PSA token: the claim " +
                       std::string(eat::ClaimName(where)) + ": " +
                       std::string(ErrorWords(status.error())));
  if (claims.ProfileUri() == eat::kProfilePsaLegacy)
    Warn(warnings, "the legacy profile, superseded by RFC 9783");
  if (claims.lifecycle && eat::LifecycleName(*claims.lifecycle) != "secured")
    Warn(warnings, "the lifecycle is not secured");
}

// ---- Contents --------------------------------------------------------------

json::object Measured(const eat::AnyMeasured& component) {
  json::object out{{"name", Text(component.name)}};
  if (component.version) out["version"] = Text(component.version->text);
  if (component.is_raw) {
    out["raw"] = host::Hex(component.value);
  } else {
    const auto& algorithm = component.algorithm;
    out["algorithm"] = algorithm.is_text
                           ? std::string(algorithm.text)
                           : std::string(TextOf(kHashNames, algorithm.number));
    out["digest"] = host::Hex(component.value);
  }
  if (component.flags) out["flags"] = host::Hex(component.flags->value);
  return out;
}

// The measurements that can be read: name, version, digest.
json::array Components(const ClaimsSet& claims) {
  json::array out;
  if (!claims.measurements) return out;
  for (const eat::Formatted& one : *claims.measurements) {
    const auto component = eat::ReadMeasured(one.content);
    if (component.ok())
      out.push_back(Measured(*component));
    else
      out.push_back({{"format", Named(kFormatNames, one.format)},
                     {"bytes", one.content.size()}});
  }
  return out;
}

// What people read instead of numbers.
void Annotate(const ClaimsSet& claims, json::object& out) {
  if (claims.lifecycle)
    out["lifecycle"] = Text(eat::LifecycleName(*claims.lifecycle));
  if (claims.client_id)
    out["client"] = *claims.client_id > 0 ? "secure partition" : "non-secure";
  if (claims.issued)
    out["issued"] =
        host::UtcText(static_cast<std::int64_t>(claims.issued->value()));
  if (claims.expires)
    out["expires"] =
        host::UtcText(static_cast<std::int64_t>(claims.expires->value()));
}

Outcome<json::object> ExplainAt(Bytes token, int depth);

// A token within the token; what cannot be read says why.
json::object Nested(Bytes token, int depth) {
  auto inner = depth == kMaxDepth ? Outcome<json::object>(Error::kCborTooDeep)
                                  : ExplainAt(token, depth + 1);
  if (inner.ok()) return *std::move(inner);
  return {{"error", inner.error().Text()}};
}

void DescribeClaims(const ClaimsSet& claims, int depth, json::object& out,
                    Warnings& warnings) {
  if (!claims.ProfileUri().empty()) out["profile"] = Text(claims.ProfileUri());
  Annotate(claims, out);
  out["claims"] = ToJson(claims, Style::kPeople);
  if (auto components = Components(claims); !components.empty())
    out["components"] = std::move(components);
  WarnOfClaims(claims, warnings);
  if (eat::IsPsaProfile(claims.ProfileUri())) WarnOfPsa(claims, warnings);
  if (claims.ProfileUri() == eat::kProfileEar && !eat::EarOf(claims).ok())
    Warn(warnings, "not a valid attestation result");
  if (!claims.submodules) return;
  json::object nested;
  for (const Submodule& one : *claims.submodules)
    if (one.kind == Submodule::Kind::kToken)
      nested[one.name] = Nested(one.content, depth);
  if (!nested.empty()) out["nested"] = std::move(nested);
}

void DescribeMessage(const Envelope& envelope, json::object& out) {
  if (envelope.algorithm)
    out["algorithm"] = Named(kAlgorithmNames, *envelope.algorithm);
  if (!envelope.key_id.empty()) out["key_id"] = host::Hex(envelope.key_id);
  if (envelope.content_type)
    out["content_type"] = envelope.content_type->is_text
                              ? json::value(Text(envelope.content_type->text))
                              : json::value(envelope.content_type->number);
  if (envelope.kind == Envelope::Kind::kSign1)
    out["id"] = host::Hex(
        cose::ToBeSigned(envelope.protected_header, envelope.payload));
}

// AI and key tokens must have the one form that their readers take.
Status CheckOurs(Bytes token, std::string_view profile) {
  if (profile == eat::kProfileAi) CAI_TRY(eat::ParseAiToken(token));
  if (profile == eat::kProfileKey) CAI_TRY(eat::ParseKeyToken(token));
  return kDone;
}

// The bundle's token is nested in it; what travels beside is named.
Outcome<json::object> ExplainBundle(const Envelope& bundle, int depth,
                                    json::object out) {
  out["nested"] = json::object{{"token", Nested(bundle.payload, depth)}};
  return out;
}

Outcome<json::object> ExplainAt(Bytes token, int depth) {
  CAI_TRY_ASSIGN(const Envelope envelope, eat::OpenEnvelope(token));
  json::object out{{"kind", KindName(envelope.kind)},
                   {"cwt_tag", envelope.tagged},
                   {"size", token.size()}};
  DescribeMessage(envelope, out);
  if (envelope.kind == Envelope::Kind::kBundle)
    return ExplainBundle(envelope, depth, std::move(out));
  std::int64_t where = 0;
  const auto claims =
      eat::ReadPsaClaims(envelope.payload, cbor::Mode::kLenient, &where);
  if (!claims.ok())
    return Problem(claims.error(),
                   where == 0
                       ? "claims"
                       : "the claim " + std::string(eat::ClaimName(where)));
  Warnings warnings;
  WarnOfEnvelope(envelope, warnings);
  DescribeClaims(*claims, depth, out, warnings);
  if (const Status ours = CheckOurs(token, claims->ProfileUri()); !ours.ok())
    Warn(warnings,
         "not of the profile's form: " + std::string(ErrorWords(ours.error())));
  if (!warnings.empty()) out["warnings"] = std::move(warnings);
  return out;
}

}  // namespace

Blob FromFile(Bytes file) {
  std::string digits(AsText(file));
  std::erase_if(digits, [](unsigned char c) { return std::isspace(c); });
  const bool hex =
      !digits.empty() &&
      digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
  if (!hex) return host::ToBlob(file);
  auto bytes = host::FromHex(digits);
  return bytes.ok() ? *std::move(bytes) : host::ToBlob(file);
}

Outcome<json::object> Explain(Bytes token) {
  const std::string_view text = AsText(token);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && text[first] == '{') {
    CAI_TRY_ASSIGN(const Blob claims, ClaimsFromJson(text));
    return ExplainAt(claims, 0);
  }
  return ExplainAt(token, 0);
}

}  // namespace cai::verifier
