#include "host/verifier/policy.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "host/verifier/names.h"
#include "lib/eat/ear.h"
#include "lib/eat/psa.h"

namespace cai::verifier {
namespace {

using host::Problem;

// Thrown by the readers of values, caught in Parse(): what is wrong with one.
struct Wrong {
  std::string words;
};

std::string TextIn(const toml::node& node) {
  const auto text = node.value_exact<std::string>();
  if (!text) throw Wrong{"is not a text"};
  return *text;
}

std::vector<std::string> TextsIn(const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr || list->empty()) throw Wrong{"is not a list of texts"};
  std::vector<std::string> texts;
  for (const toml::node& one : *list) texts.push_back(TextIn(one));
  return texts;
}

std::int64_t IntIn(const toml::node& node, std::int64_t min, std::int64_t max) {
  const auto number = node.value_exact<std::int64_t>();
  if (!number || *number < min || *number > max)
    throw Wrong{"is not a number from " + std::to_string(min) + " to " +
                std::to_string(max)};
  return *number;
}

std::int64_t NumberFor(Names names, const std::string& text) {
  const auto number = NumberOf(names, text);
  if (!number) throw Wrong{"has \"" + text + "\", which it cannot"};
  return *number;
}

// ---- One function a key ----------------------------------------------------

constexpr std::int64_t kYear = 366LL * 24 * 3600;

void ReadId(const toml::node& node, Policy& out) {
  out.id = TextIn(node);
  if (out.id.empty() || out.id.size() > eat::EarAppraisal::kMaxPolicyId)
    throw Wrong{"is not of 1 to 128 bytes"};
}

void ReadProfiles(const toml::node& node, Policy& out) {
  out.profiles = TextsIn(node);
}

void ReadAlgorithms(const toml::node& node, Policy& out) {
  for (const std::string& text : TextsIn(node))
    out.algorithms.push_back(NumberFor(kAlgorithmNames, text));
}

void ReadLifecycles(const toml::node& node, Policy& out) {
  out.lifecycles = TextsIn(node);
  for (const std::string& text : out.lifecycles) {
    bool known = false;
    for (std::uint16_t i = 0; i <= 6; ++i)
      known |= eat::LifecycleName(static_cast<std::uint16_t>(i << 12)) == text;
    if (!known) throw Wrong{"has \"" + text + "\", which it cannot"};
  }
}

void ReadClients(const toml::node& node, Policy& out) {
  constexpr Name kClients[] = {
      {static_cast<int>(Policy::Client::kAny), "any"},
      {static_cast<int>(Policy::Client::kSpe), "spe"},
      {static_cast<int>(Policy::Client::kNspe), "nspe"}};
  if (node.is_integer()) {
    out.clients = Policy::Client::kOne;
    out.client = static_cast<std::int32_t>(
        IntIn(node, std::numeric_limits<std::int32_t>::min(),
              std::numeric_limits<std::int32_t>::max()));
    return;
  }
  out.clients = static_cast<Policy::Client>(NumberFor(kClients, TextIn(node)));
}

void ReadDebug(const toml::node& node, Policy& out) {
  out.debug.clear();
  for (const std::string& text : TextsIn(node))
    out.debug.insert(
        static_cast<eat::DebugStatus>(NumberFor(kDebugNames, text)));
}

void ReadRequire(const toml::node& node, Policy& out) {
  for (const std::string& text : TextsIn(node)) {
    const auto key = eat::ClaimKey(text);
    if (!key) throw Wrong{"has \"" + text + "\", which is no claim's name"};
    out.require.push_back(*key);
  }
}

void ReadMaxAge(const toml::node& node, Policy& out) {
  out.max_age_s = IntIn(node, 1, 10 * kYear);
}

void ReadSkew(const toml::node& node, Policy& out) {
  out.clock_skew_s = IntIn(node, 0, 3600);
}

template <Unknown Policy::* kMember>
void ReadUnknown(const toml::node& node, Policy& out) {
  constexpr Name kUnknown[] = {
      {static_cast<int>(Unknown::kWarning), "warning"},
      {static_cast<int>(Unknown::kContraindicated), "contraindicated"},
      {static_cast<int>(Unknown::kRefuse), "refuse"}};
  out.*kMember = static_cast<Unknown>(NumberFor(kUnknown, TextIn(node)));
}

struct Key {
  std::string_view name;
  void (*read)(const toml::node&, Policy&);
};
constexpr Key kKeys[] = {
    {"id", ReadId},
    {"profiles", ReadProfiles},
    {"algorithms", ReadAlgorithms},
    {"lifecycles", ReadLifecycles},
    {"clients", ReadClients},
    {"debug", ReadDebug},
    {"require", ReadRequire},
    {"max_age_s", ReadMaxAge},
    {"clock_skew_s", ReadSkew},
    {"unknown_firmware", ReadUnknown<&Policy::unknown_firmware>},
    {"unknown_engine", ReadUnknown<&Policy::unknown_engine>},
    {"unknown_model", ReadUnknown<&Policy::unknown_model>},
};

Problem Refused(std::string_view key, const std::string& words) {
  return {Error::kHostMalformed, "the key " + std::string(key) + " " + words,
          "the keys of a policy are in docs/guide/tokens.md"};
}

Outcome<Policy> FromTable(const toml::table& table) {
  Policy policy;
  for (const auto& [name, node] : table) {
    const auto* key = std::ranges::find(kKeys, name.str(), &Key::name);
    if (key == std::end(kKeys)) return Refused(name.str(), "is unknown");
    try {
      key->read(node, policy);
    } catch (const Wrong& wrong) {
      return Refused(name.str(), wrong.words);
    }
  }
  return policy;
}

constexpr std::int64_t kIssued = 6, kExpires = 4, kNotBefore = 5;

}  // namespace

Outcome<Policy> Policy::Parse(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& why) {
    std::ostringstream words;
    words << "line " << why.source().begin.line << ": " << why.description();
    return Problem(Error::kHostMalformed, words.str());
  }
  return FromTable(table);
}

Outcome<Policy> Policy::Read(const host::fs::path& path) {
  CAI_TRY_ASSIGN(const std::string text, host::ReadText(path, 1 << 20));
  auto policy = Parse(text);
  if (policy.ok()) return policy;
  return Problem(policy.error().error,
                 path.string() + ": " + policy.error().words,
                 policy.error().hint);
}

bool Policy::AllowsProfile(std::string_view profile) const {
  return profiles.empty() || std::ranges::count(profiles, profile) != 0;
}

bool Policy::AllowsAlgorithm(std::int64_t algorithm) const {
  return algorithms.empty() || std::ranges::count(algorithms, algorithm) != 0;
}

bool Policy::AllowsLifecycle(std::uint16_t lifecycle) const {
  return std::ranges::count(lifecycles, eat::LifecycleName(lifecycle)) != 0;
}

bool Policy::AllowsClient(std::int32_t one) const {
  switch (clients) {
    case Client::kAny:
      return true;
    case Client::kSpe:
      return one > 0;
    case Client::kNspe:
      return one < 0;
    case Client::kOne:
      return one == client;
  }
  return false;
}

bool Policy::AllowsDebug(const eat::ClaimsSet& claims) const {
  return !claims.debug || debug.contains(*claims.debug);
}

Status Policy::Check(const eat::ClaimsSet& claims, std::int64_t now,
                     std::int64_t& where) const {
  for (const std::int64_t key : require) {
    where = key;
    if (!eat::HasClaim(claims, key)) return Error::kEatPolicyClaim;
  }
  where = 263;
  if (!AllowsDebug(claims)) return Error::kEatDebug;
  return CheckTimes(claims, now, where);
}

// RFC 8392, 3.1.4 and 3.1.5, with the skew that RFC 7519 allows.
Status Policy::CheckTimes(const eat::ClaimsSet& claims, std::int64_t now,
                          std::int64_t& where) const {
  const auto at = static_cast<double>(now);
  const auto skew = static_cast<double>(clock_skew_s);
  where = kExpires;
  if (claims.expires && at >= claims.expires->value() + skew)
    return Error::kEatExpired;
  where = kNotBefore;
  if (claims.not_before && at < claims.not_before->value() - skew)
    return Error::kEatNotYetValid;
  where = kIssued;
  if (claims.issued && claims.issued->value() > at + skew)
    return Error::kEatNotYetValid;
  if (!max_age_s) return kDone;
  if (!claims.issued) return Error::kEatPolicyClaim;
  const auto age = static_cast<double>(*max_age_s);
  if (at - claims.issued->value() > age + skew) return Error::kEatTooOld;
  where = 0;
  return kDone;
}

}  // namespace cai::verifier
