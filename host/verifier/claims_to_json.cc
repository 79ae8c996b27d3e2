// An overload of Put() for each form of value, and the table of claim_list.h.
#include <cmath>

#include "host/verifier/claims_json.h"
#include "host/verifier/names.h"

namespace cai::verifier {
namespace {

namespace json = boost::json;
using namespace eat;  // the forms of claims: every overload names one

// What a form is made in; as an argument it lets templates find every Put().
struct Sink {
  Style style;
  int depth = 0;

  json::value Bytes(cai::Bytes bytes) const {
    return json::value(style == Style::kPeople ? host::Hex(bytes)
                                               : Base64Url(bytes));
  }
};

json::string Text(std::string_view text) {
  return json::string(text.data(), text.size());
}

json::value Named(Names names, std::int64_t number) {
  return Text(TextOf(names, number));
}

// ---- Simple forms ----------------------------------------------------------

json::value Put(Sink, std::string_view text) { return Text(text); }
json::value Put(Sink, bool value) { return value; }
json::value Put(Sink, std::uint64_t value) { return value; }
json::value Put(Sink, std::uint16_t value) { return value; }
json::value Put(Sink, std::int32_t value) { return value; }
json::value Put(Sink, DebugStatus value) {
  return Named(kDebugNames, static_cast<int>(value));
}
json::value Put(Sink, IntendedUse value) {
  return Named(kUseNames, static_cast<int>(value));
}
json::value Put(Sink, Measured value) {
  return Named(kMeasuredNames, static_cast<int>(value));
}
json::value Put(Sink, Tier value) {
  return Named(kTierNames, static_cast<int>(value));
}

json::value Put(Sink, const Number& value) {
  if (value.is_float) return value.real;
  return value.integer;
}

template <std::size_t kMin, std::size_t kMax>
json::value Put(Sink sink, const BytesOf<kMin, kMax>& value) {
  return sink.Bytes(value.value);
}

json::value Put(Sink, const IntOrText& value) {
  if (value.is_text) return Text(value.text);
  return value.number;
}

template <typename T, std::size_t N>
json::array PutAll(Sink sink, const List<T, N>& list) {
  json::array array;
  for (const T& one : list) array.push_back(Put(sink, one));
  return array;
}
template <typename T, std::size_t N>
json::value Put(Sink sink, const List<T, N>& list) {
  return PutAll(sink, list);
}

// The fields that are there, under the names of their numbers.
template <typename T, std::size_t N>
json::object PutFields(const std::array<std::optional<T>, N>& fields,
                       Names names) {
  json::object object;
  for (std::size_t i = 0; i < N; ++i)
    if (fields[i]) object[names[i].text] = json::value_from(*fields[i]);
  return object;
}

// ---- CWT and EAT -----------------------------------------------------------

json::value Put(Sink sink, const Audience& value) {
  if (value.service) return sink.Bytes(*value.service);
  if (value.is_array) return PutAll(sink, value.names);
  return value.names.empty() ? json::value() : Text(value.names[0]);
}

// RFC 8747's JSON (RFC 7800) has keys as JWK; the CBOR is kept as it is.
json::value Put(Sink sink, const Confirmation& value) {
  json::object object;
  if (!value.key.empty()) object["cose-key"] = sink.Bytes(value.key);
  if (!value.encrypted_key.empty())
    object["encrypted-cose-key"] = sink.Bytes(value.encrypted_key);
  if (value.key_id) object["kid"] = sink.Bytes(*value.key_id);
  return object;
}

json::value Put(Sink sink, const Nonces& value) {
  if (value.size() == 1) return Put(sink, value[0]);
  return PutAll(sink, value);
}

json::value Put(Sink sink, const Sueids& value) {
  json::object object;
  for (const LabelledUeid& one : value) object[one.label] = Put(sink, one.ueid);
  return object;
}

json::value Put(Sink sink, const OemId& value) {
  if (value.bytes.empty()) return value.enterprise;
  return sink.Bytes(value.bytes);
}

json::value Put(Sink sink, const Version& value) {
  json::array array{Text(value.text)};
  if (value.scheme) array.push_back(Put(sink, *value.scheme));
  return array;
}

json::value Put(Sink sink, const Location& value) {
  json::object object;
  for (std::size_t i = 0; i < Location::kFields; ++i)
    if (value.fields[i])
      object[kLocationNames[i].text] = Put(sink, *value.fields[i]);
  return object;
}

json::value Put(Sink sink, const Profile& value) {
  if (!value.oid.empty()) return sink.Bytes(value.oid);
  return Text(value.uri);
}

// Digests of detached claims sets have the text names of their algorithms
// (RFC 9711, 4.2.18.1.1).
json::value PutDigest(Sink sink, const Submodule& value) {
  json::value algorithm = Put(sink, value.algorithm);
  if (!value.algorithm.is_text)
    if (const auto name = TextOf(kHashNames, value.algorithm.number);
        !name.empty())
      algorithm = Text(name);
  return json::array{"DIGEST",
                     json::array{algorithm, sink.Bytes(value.content)}};
}

json::object PutSet(Sink sink, const ClaimsSet& claims);

// A claims set that cannot be read stays what it is: bytes.
json::value PutClaims(Sink sink, Bytes item) {
  constexpr int kMaxDepth = 8;
  const auto claims = ReadClaims(item);
  if (!claims.ok() || sink.depth == kMaxDepth) return sink.Bytes(item);
  return PutSet({sink.style, sink.depth + 1}, *claims);
}

json::value Put(Sink sink, const Submodules& value) {
  json::object object;
  for (const Submodule& one : value) {
    switch (one.kind) {
      case Submodule::Kind::kClaims:
        object[one.name] = PutClaims(sink, one.item);
        break;
      case Submodule::Kind::kToken:
        object[one.name] = sink.style == Style::kPeople
                               ? json::value("nested token")
                               : json::array{"CBOR", sink.Bytes(one.content)};
        break;
      case Submodule::Kind::kJsonToken:
        object[one.name] = Text(one.text);
        break;
      case Submodule::Kind::kDigest:
        object[one.name] = PutDigest(sink, one);
        break;
    }
  }
  return object;
}

json::value Put(Sink, const Approval& value) {
  json::array array{Text(value.registrar), Text(value.platform)};
  if (value.application) array.push_back(Text(*value.application));
  return array;
}

json::value Put(Sink sink, const Formatted& value) {
  return json::array{value.format,
                     value.is_text ? json::value(Text(AsText(value.content)))
                                   : sink.Bytes(value.content)};
}

json::value Put(Sink sink, const ResultOf& value) {
  return json::array{value.is_text ? json::value(Text(AsText(value.id)))
                                   : sink.Bytes(value.id),
                     Put(sink, value.result)};
}

json::value Put(Sink sink, const ResultGroup& value) {
  return json::array{Text(value.system), PutAll(sink, value.results)};
}

// ---- EAR and PSA -----------------------------------------------------------

json::value Put(Sink, const TrustVector& value) {
  return PutFields(value.fields, kTrustNames);
}

json::value Put(Sink, const VerifierId& value) {
  return json::object{{"developer", Text(value.developer)},
                      {"build", Text(value.build)}};
}

json::value Put(Sink sink, const PsaComponent& value) {
  json::object object;
  if (!value.type.empty()) object["measurement-type"] = Text(value.type);
  object["measurement-value"] = sink.Bytes(value.measurement);
  if (!value.version.empty()) object["version"] = Text(value.version);
  object["signer-id"] = sink.Bytes(value.signer);
  if (!value.description.empty())
    object["measurement-desc"] = Text(value.description);
  return object;
}

// ---- The set ---------------------------------------------------------------

json::object PutSet(Sink sink, const ClaimsSet& claims) {
  json::object object;
#define CAI_CLAIM(member, key, name) \
  if (claims.member) object[name] = Put(sink, *claims.member);
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
  for (const OtherClaim& other : claims.others)
    object[other.is_text ? std::string(other.name)
                         : std::to_string(other.key)] = sink.Bytes(other.value);
  return object;
}

}  // namespace

json::object ToJson(const ClaimsSet& claims, Style style) {
  return PutSet({style}, claims);
}

std::string Base64Url(Bytes bytes) {
  std::string text = host::Base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Outcome<Blob> FromBase64Url(std::string_view text) {
  if (text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                             "wxyz0123456789-_") != text.npos)
    return host::Problem(Error::kHostMalformed, "not base64url");
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return host::FromBase64(padded);
}

}  // namespace cai::verifier
