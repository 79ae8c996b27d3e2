// An overload of Get() for each form of value, and the table of claim_list.h.
// Values are views, so what JSON does not hold as it is needed lies in Memory.
#include <deque>
#include <limits>

#include "host/verifier/claims_json.h"
#include "host/verifier/names.h"

namespace cai::verifier {
namespace {

namespace json = boost::json;
using namespace eat;  // the forms of claims: every overload names one

using Memory = std::deque<Blob>;

// What a form is read from; as an argument it lets templates find every Get().
// Boost's checked accessors throw what PutClaim() catches.
struct Source {
  Memory& memory;
  const json::value& value;

  Source operator()(const json::value& part) const { return {memory, part}; }
  Bytes Keep(Blob bytes) const { return memory.emplace_back(std::move(bytes)); }
};

[[noreturn]] void Refuse(const char* why) { throw std::invalid_argument(why); }

std::string_view TextIn(const json::value& value) {
  const json::string& text = value.as_string();
  return {text.data(), text.size()};
}

std::int64_t IntIn(const json::value& value) {
  return value.to_number<std::int64_t>();
}

std::int64_t IntIn(const json::value& value, std::int64_t min,
                   std::int64_t max) {
  const std::int64_t number = IntIn(value);
  if (number < min || number > max) Refuse("out of range");
  return number;
}

std::int64_t NamedIn(const json::value& value, Names names) {
  const auto number = NumberOf(names, TextIn(value));
  if (!number) Refuse("not one of the names that this claim has");
  return *number;
}

Bytes BytesIn(Source from) {
  auto bytes = FromBase64Url(TextIn(from.value));
  if (!bytes.ok()) Refuse("not base64url");
  return from.Keep(*std::move(bytes));
}

// The items of an array of `min` to `max`.
const json::array& Items(const json::value& value, std::size_t min,
                         std::size_t max) {
  const json::array& array = value.as_array();
  if (array.size() < min || array.size() > max)
    Refuse("too many or too few items");
  return array;
}

template <typename T, std::size_t N>
void Append(List<T, N>& list, const T& value) {
  if (!list.Add(value).ok()) Refuse("too many items");
}

// ---- Simple forms ----------------------------------------------------------

void Get(Source from, std::string_view& out) { out = TextIn(from.value); }
void Get(Source from, bool& out) { out = from.value.as_bool(); }
void Get(Source from, std::uint64_t& out) {
  out = from.value.to_number<std::uint64_t>();
}
void Get(Source from, std::uint16_t& out) {
  out = static_cast<std::uint16_t>(IntIn(from.value, 0, 0xffff));
}
void Get(Source from, std::int32_t& out) {
  using Limits = std::numeric_limits<std::int32_t>;
  out = static_cast<std::int32_t>(
      IntIn(from.value, Limits::min(), Limits::max()));
}
void Get(Source from, std::int8_t& out) {
  out = static_cast<std::int8_t>(IntIn(from.value, -128, 127));
}
void Get(Source from, DebugStatus& out) {
  out = static_cast<DebugStatus>(NamedIn(from.value, kDebugNames));
}
void Get(Source from, IntendedUse& out) {
  out = static_cast<IntendedUse>(NamedIn(from.value, kUseNames));
}
void Get(Source from, Measured& out) {
  out = static_cast<Measured>(NamedIn(from.value, kMeasuredNames));
}
void Get(Source from, Tier& out) {
  out = static_cast<Tier>(NamedIn(from.value, kTierNames));
}

void Get(Source from, Number& out) {
  out.is_float = from.value.is_double();
  if (out.is_float)
    out.real = from.value.as_double();
  else
    out.integer = IntIn(from.value);
}

template <std::size_t kMin, std::size_t kMax>
void Get(Source from, BytesOf<kMin, kMax>& out) {
  out.value = BytesIn(from);
}

void Get(Source from, IntOrText& out) {
  out.is_text = from.value.is_string();
  if (out.is_text)
    out.text = TextIn(from.value);
  else
    out.number = IntIn(from.value);
}

template <typename T, std::size_t N>
void GetAll(Source from, List<T, N>& out) {
  for (const json::value& item : from.value.as_array()) {
    T one{};
    Get(from(item), one);
    Append(out, one);
  }
}
template <typename T, std::size_t N>
void Get(Source from, List<T, N>& out) {
  GetAll(from, out);
}

// An object of fields whose names have numbers, the first of them `first`.
template <typename T, std::size_t N>
void GetFields(Source from, std::array<std::optional<T>, N>& out, Names names,
               std::int64_t first) {
  for (const auto& [key, value] : from.value.as_object()) {
    const auto number = NumberOf(names, key);
    if (!number) Refuse("has a field of another name");
    Get(from(value), out[*number - first].emplace());
  }
}

// ---- CWT and EAT -----------------------------------------------------------

void Get(Source from, Audience& out) {
  out.is_array = from.value.is_array();
  if (out.is_array) return GetAll(from, out.names);
  Append(out.names, TextIn(from.value));
}

void Get(Source, Confirmation&) {
  Refuse("keys of JSON (RFC 7800) have no form here");
}

void Get(Source from, Nonces& out) {
  if (from.value.is_array()) return GetAll(from, out);
  BytesOf<8, 64> one;
  Get(from, one);
  Append(out, one);
}

// Maps of texts stand in the order of their encoded keys.
template <typename T, std::size_t N>
void Sort(List<T, N>& list, std::string_view T::* name) {
  std::sort(list.begin(), list.end(), [name](const T& a, const T& b) {
    if ((a.*name).size() != (b.*name).size())
      return (a.*name).size() < (b.*name).size();
    return a.*name < b.*name;
  });
}

void Get(Source from, Sueids& out) {
  for (const auto& [key, value] : from.value.as_object()) {
    LabelledUeid one{key, {}};
    Get(from(value), one.ueid);
    Append(out, one);
  }
  Sort(out, &LabelledUeid::label);
}

void Get(Source from, OemId& out) {
  if (from.value.is_string())
    out.bytes = BytesIn(from);
  else
    out.enterprise = IntIn(from.value);
}

void Get(Source from, Version& out) {
  const json::array& items = Items(from.value, 1, 2);
  out.text = TextIn(items[0]);
  if (items.size() == 2) Get(from(items[1]), out.scheme.emplace());
}

void Get(Source from, Location& out) {
  GetFields(from, out.fields, kLocationNames, 1);
}

void Get(Source from, Profile& out) { out.uri = TextIn(from.value); }

// ["DIGEST", [algorithm, digest]]
void GetDigest(Source from, Submodule& out) {
  const json::array& items = Items(from.value, 2, 2);
  out.kind = Submodule::Kind::kDigest;
  Get(from(items[0]), out.algorithm);
  out.content = BytesIn(from(items[1]));
  const auto number = NumberOf(kHashNames, out.algorithm.text);
  if (out.algorithm.is_text && number) out.algorithm = {false, *number, {}};
}

// RFC 9711, 4.2.18.1.2: ["CBOR", token]; any other pair is a token of JSON.
void GetSelected(Source from, Submodule& out) {
  const json::array& items = Items(from.value, 2, 2);
  const std::string_view type = TextIn(items[0]);
  if (type == "DIGEST") return GetDigest(from(items[1]), out);
  if (type == "CBOR") {
    out.kind = Submodule::Kind::kToken;
    out.content = BytesIn(from(items[1]));
    return;
  }
  const std::string text = json::serialize(from.value);
  out.kind = Submodule::Kind::kJsonToken;
  out.text = AsText(from.Keep(host::ToBlob(AsBytes(text))));
}

void Get(Source from, Submodule& out) {
  if (from.value.is_array()) return GetSelected(from, out);
  auto claims = ClaimsFromJson(from.value);
  if (!claims.ok()) throw std::invalid_argument(claims.error().words);
  out.item = from.Keep(*std::move(claims));
}

void Get(Source from, Submodules& out) {
  for (const auto& [key, value] : from.value.as_object()) {
    Submodule one;
    one.name = key;
    Get(from(value), one);
    Append(out, one);
  }
  Sort(out, &Submodule::name);
}

void Get(Source from, Approval& out) {
  const json::array& items = Items(from.value, 2, 3);
  out.registrar = TextIn(items[0]);
  out.platform = TextIn(items[1]);
  if (items.size() == 3) out.application = TextIn(items[2]);
}

// Within JSON a text is JSON, and CBOR is base64url (RFC 9711, 4.2.15); which
// it is follows from its first byte, since no base64url begins with a brace.
void Get(Source from, Formatted& out) {
  const json::array& items = Items(from.value, 2, 2);
  Get(from(items[0]), out.format);
  const std::string_view content = TextIn(items[1]);
  out.is_text = content.starts_with('{') || content.starts_with('[');
  out.content = out.is_text ? AsBytes(content) : BytesIn(from(items[1]));
}

void Get(Source from, ResultOf& out) {
  const json::array& items = Items(from.value, 2, 2);
  out.id = AsBytes(TextIn(items[0]));
  Get(from(items[1]), out.result);
}

void Get(Source from, ResultGroup& out) {
  const json::array& items = Items(from.value, 2, 2);
  out.system = TextIn(items[0]);
  GetAll(from(items[1]), out.results);
}

// ---- EAR and PSA -----------------------------------------------------------

void Get(Source from, TrustVector& out) {
  GetFields(from, out.fields, kTrustNames, 0);
}

void Get(Source from, VerifierId& out) {
  const json::object& object = from.value.as_object();
  if (object.size() != 2) Refuse("has not developer and build alone");
  out.developer = TextIn(object.at("developer"));
  out.build = TextIn(object.at("build"));
}

void Get(Source from, PsaComponent& out) {
  for (const auto& [key, value] : from.value.as_object()) {
    if (key == "measurement-type")
      out.type = TextIn(value);
    else if (key == "measurement-value")
      out.measurement = BytesIn(from(value));
    else if (key == "version")
      out.version = TextIn(value);
    else if (key == "signer-id")
      out.signer = BytesIn(from(value));
    else if (key == "measurement-desc")
      out.description = TextIn(value);
    else
      Refuse("has a field of another name");
  }
}

// ---- The set ---------------------------------------------------------------

void GetClaim(Source from, std::string_view name, ClaimsSet& claims) {
#define CAI_CLAIM(member, key, text) \
  if (name == text) return Get(from, claims.member.emplace());
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
  Refuse("is not a registered claim");
}

Outcome<Blob> Encode(const ClaimsSet& claims) {
  cbor::Writer measure({});
  WriteClaims(claims, measure);
  Blob out(measure.size());
  cbor::Writer writer(out);
  WriteClaims(claims, writer);
  // What JSON allows and the claims do not is found by reading them.
  std::int64_t where = 0;
  if (const auto read = ReadClaims(out, cbor::Mode::kStrict, &where);
      !read.ok())
    return host::Problem(read.error(),
                         "the claim " + std::string(ClaimName(where)));
  return out;
}

}  // namespace

Outcome<Blob> ClaimsFromJson(const json::value& value) {
  Memory memory;
  ClaimsSet claims;
  const json::object* object = value.if_object();
  if (object == nullptr)
    return host::Problem(Error::kEatMalformed, "claims that are no object");
  for (const auto& [name, claim] : *object) {
    try {
      GetClaim({memory, claim}, name, claims);
    } catch (const std::exception& why) {
      return host::Problem(
          Error::kEatMalformed,
          "the claim " + std::string(name) + ": " + why.what());
    }
  }
  return Encode(claims);
}

Outcome<Blob> ClaimsFromJson(std::string_view text) {
  if (text.size() > kMaxClaimsSet) return Error::kEatTooLarge;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error)
    return host::Problem(Error::kHostMalformed, "claims: " + error.message());
  return ClaimsFromJson(value);
}

}  // namespace cai::verifier
