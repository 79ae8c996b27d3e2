#include "host/ingest/references.h"

#include <algorithm>

#include "host/common/json.h"

namespace cai::ingest {
namespace {

namespace json = boost::json;
using host::Problem;

crypto::Digest DigestOf(const json::value& text) {
  const auto bytes = host::FromHex(json::value_to<std::string>(text));
  crypto::Digest digest{};
  if (!bytes.ok() || bytes->size() != digest.size())
    throw std::invalid_argument("a digest is not 64 hexadecimal digits");
  CopyInto(digest, *bytes);
  return digest;
}

Component ComponentOf(const json::value& value) {
  Component c{json::value_to<std::string>(value.at("name")),
              json::value_to<std::string>(value.at("version")),
              DigestOf(value.at("digest")),
              {}};
  if (const auto* labels = value.as_object().if_contains("labels"))
    for (const auto& one : labels->as_array())
      c.labels.push_back(json::value_to<std::string>(one));
  return c;
}

References Parse(const std::string& text) {
  const json::value value = json::parse(text);
  References r;
  for (const auto& one : value.at("firmware").as_array()) {
    r.firmware.push_back({json::value_to<std::string>(one.at("type")),
                          json::value_to<std::string>(one.at("version")),
                          DigestOf(one.at("measurement")),
                          DigestOf(one.at("signer"))});
  }
  for (const auto& one : value.at("engines").as_array())
    r.engines.push_back(ComponentOf(one));
  for (const auto& one : value.at("models").as_array())
    r.models.push_back(ComponentOf(one));
  return r;
}

json::array ToJson(const std::vector<Component>& components) {
  json::array array;
  for (const Component& c : components) {
    array.push_back(
        {{"name", c.name},
         {"version", c.version},
         {"digest", host::Hex(c.digest)},
         {"labels", json::array(c.labels.begin(), c.labels.end())}});
  }
  return array;
}

void Replace(std::vector<Component>& list, const Component& one) {
  std::erase_if(list, [&](const auto& c) { return c.digest == one.digest; });
  list.push_back(one);
}

}  // namespace

host::fs::path References::PathIn(const host::State& state) {
  return state.service() / "references.json";
}

Outcome<References> References::Read(const host::fs::path& path) {
  if (!host::fs::exists(path)) return References{};
  CAI_TRY_ASSIGN(const std::string text, host::ReadText(path));
  try {
    return Parse(text);
  } catch (const std::exception& why) {
    return Problem(Error::kHostDamaged, path.string() + ": " + why.what(),
                   "cai reference add writes it anew");
  }
}

Finished References::Write(const host::fs::path& path) const {
  json::array list;
  for (const Firmware& f : firmware) {
    list.push_back({{"type", f.type},
                    {"version", f.version},
                    {"measurement", host::Hex(f.measurement)},
                    {"signer", host::Hex(f.signer)}});
  }
  const json::value value = {{"firmware", list},
                             {"engines", ToJson(engines)},
                             {"models", ToJson(models)}};
  return host::WriteFile(path, json::serialize(value) + "\n");
}

void References::Add(const Firmware& one) {
  std::erase_if(firmware, [&](const Firmware& f) {
    return f.type == one.type && f.measurement == one.measurement;
  });
  firmware.push_back(one);
}

void References::AddEngine(const Component& one) { Replace(engines, one); }
void References::AddModel(const Component& one) { Replace(models, one); }

const Component* References::FindModel(Bytes digest) const {
  const auto found = std::ranges::find_if(
      models, [&](const Component& c) { return Equal(c.digest, digest); });
  return found == models.end() ? nullptr : &*found;
}

ReferenceView::ReferenceView(const References& references) {
  for (const Firmware& f : references.firmware)
    firmware_.push_back({f.type, f.measurement, f.signer});
  for (const Component& c : references.engines) engines_.push_back(c.digest);
  for (const Component& c : references.models) models_.push_back(c.digest);
}

}  // namespace cai::ingest
