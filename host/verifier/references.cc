// Files of reference values, told apart by what they hold.
#include "host/ingest/references.h"

#include <algorithm>

#include "host/common/json.h"
#include "host/verifier/claims_json.h"
#include "host/verifier/reference_values.h"

namespace cai::verifier {
namespace {

namespace json = boost::json;
using host::Problem;

// ---- `cai reference` -------------------------------------------------------

ReferenceValues From(const ingest::References& references) {
  ReferenceValues out;
  for (const auto& f : references.firmware)
    out.firmware.push_back(
        {{}, f.type, {}, host::ToBlob(f.measurement), host::ToBlob(f.signer)});
  for (const auto& c : references.engines)
    out.engines.push_back(host::ToBlob(c.digest));
  for (const auto& c : references.models)
    out.models.push_back(host::ToBlob(c.digest));
  return out;
}

// ---- CoMID as JSON ---------------------------------------------------------

std::string Text(const json::value& value) {
  return std::string(value.as_string());
}

// Standard base64 or base64url, padded or not: the tools write both.
Blob Base64Of(std::string_view text) {
  std::string url(text);
  while (url.ends_with('=')) url.pop_back();
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  auto bytes = FromBase64Url(url);
  if (!bytes.ok()) throw std::invalid_argument("bytes that are not base64");
  return *std::move(bytes);
}

struct Environment {
  Blob implementation;
  std::optional<Blob> instance;
};

Environment EnvironmentOf(const json::value& triple) {
  const json::value& environment = triple.at("environment");
  Environment out;
  out.implementation =
      Base64Of(Text(environment.at("class").at("id").at("value")));
  if (const auto* instance = environment.as_object().if_contains("instance"))
    out.instance = Base64Of(Text(instance->at("value")));
  return out;
}

// "sha-256:<base64>" or [1, "<base64>"].
Blob DigestOf(const json::value& digests) {
  if (digests.as_array().size() != 1)
    throw std::invalid_argument("a component has not exactly one digest");
  const json::value& one = digests.as_array()[0];
  if (one.is_array()) return Base64Of(Text(one.at(1)));
  const std::string text = Text(one);
  const std::size_t mark = text.find_first_of(":;");
  return Base64Of(text.substr(mark == text.npos ? 0 : mark + 1));
}

void ReadKey(const json::value& key, KnownFirmware& out) {
  if (!key.is_object()) return;
  const json::object& object = key.as_object();
  if (const auto* label = object.if_contains("label")) out.type = Text(*label);
  if (const auto* version = object.if_contains("version"))
    out.version = Text(*version);
  out.signer = Base64Of(Text(object.at("signer-id")));
}

void ReadValue(const json::value& value, KnownFirmware& out) {
  const json::object& object = value.as_object();
  out.measurement = DigestOf(object.at("digests"));
  if (const auto* name = object.if_contains("name")) out.type = Text(*name);
  if (const auto* keys = object.if_contains("cryptokeys"))
    out.signer = Base64Of(Text(keys->at(0).at("value")));
}

void AddMeasurement(const json::value& measurement,
                    const Environment& environment, ReferenceValues& out) {
  const json::value& key = measurement.at("key");
  const std::string type = Text(key.at("type"));
  const bool new_profile =
      type == "string" && Text(key.at("value")) == "psa.software-component";
  if (type != "psa.refval-id" && !new_profile) return;
  KnownFirmware one;
  one.implementation = environment.implementation;
  ReadKey(key.at("value"), one);
  ReadValue(measurement.at("value"), one);
  out.firmware.push_back(std::move(one));
}

void AddReferences(const json::value& triple, ReferenceValues& out) {
  const Environment environment = EnvironmentOf(triple);
  if (const auto* one = triple.as_object().if_contains("measurement"))
    return AddMeasurement(*one, environment, out);
  for (const json::value& one : triple.at("measurements").as_array())
    AddMeasurement(one, environment, out);
}

void AddKey(const json::value& triple, ReferenceValues& out) {
  const Environment environment = EnvironmentOf(triple);
  const json::array& keys = triple.at("verification-keys").as_array();
  if (keys.size() != 1 || !environment.instance)
    throw std::invalid_argument("a key that is not one device's alone");
  auto key = ParsePkixKey(Text(keys[0].at("value")));
  if (!key.ok()) throw std::invalid_argument(key.error().words);
  out.anchors.push_back({std::make_shared<const TokenKey>(*std::move(key)),
                         environment.instance, environment.implementation,
                         "CoMID"});
}

ReferenceValues FromTriples(const json::object& triples) {
  ReferenceValues out;
  if (const auto* list = triples.if_contains("reference-values"))
    for (const json::value& one : list->as_array()) AddReferences(one, out);
  if (const auto* list = triples.if_contains("attester-verification-keys"))
    for (const json::value& one : list->as_array()) AddKey(one, out);
  return out;
}

bool IsComid(std::string_view text) {
  return text.find("\"triples\"") != text.npos;
}

Outcome<ReferenceValues> Parse(const host::fs::path& path, Bytes file,
                               const TokenKey* signer) {
  const std::string_view text = AsText(file);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] != '{') return ParseCorim(file, signer);
  if (IsComid(text)) return ParseComidJson(text);
  CAI_TRY_ASSIGN(const ingest::References references,
                 ingest::References::Read(path));
  return From(references);
}

template <typename T>
void MoveInto(std::vector<T>& to, std::vector<T>& from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

Outcome<ReferenceValues> ParseComidJson(std::string_view text) {
  try {
    return FromTriples(json::parse(text).at("triples").as_object());
  } catch (const std::exception& why) {
    return Problem(Error::kEatBadReference,
                   std::string("a CoMID: ") + why.what());
  }
}

Outcome<ReferenceValues> ReadReferenceValues(const host::fs::path& path,
                                             const TokenKey* signer) {
  CAI_TRY_ASSIGN(const Blob file, host::ReadFile(path));
  auto values = Parse(path, file, signer);
  if (values.ok()) return values;
  const Problem& why = values.error();
  return Problem(why.error, path.string() + ": " + why.words,
                 why.hint.empty()
                     ? "a file of `cai reference`, a CoRIM (CBOR) or a CoMID "
                       "(JSON)"
                     : why.hint);
}

void ReferenceValues::Append(ReferenceValues more) {
  MoveInto(firmware, more.firmware);
  MoveInto(engines, more.engines);
  MoveInto(models, more.models);
  MoveInto(anchors, more.anchors);
}

}  // namespace cai::verifier
