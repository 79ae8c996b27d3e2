// The six messages (RFC 9052, 4 to 6).
#include "host/inspect/explain.h"

#include <algorithm>

#include "host/inspect/walk.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;

struct TypeName {
  Type type;
  std::string_view option;
  std::string_view name;
  std::uint64_t tag;
};
constexpr TypeName kTypes[] = {
    {Type::kSign1, "sign1", "COSE_Sign1", 18},
    {Type::kSign, "sign", "COSE_Sign", 98},
    {Type::kEncrypt0, "encrypt0", "COSE_Encrypt0", 16},
    {Type::kEncrypt, "encrypt", "COSE_Encrypt", 96},
    {Type::kMac0, "mac0", "COSE_Mac0", 17},
    {Type::kMac, "mac", "COSE_Mac", 97},
    {Type::kKey, "key", "COSE_Key", 0},
    {Type::kKeySet, "key-set", "COSE_KeySet", 0},
};
constexpr std::uint64_t kTagCwt = 61, kTagSelfDescribed = 55799;

// The algorithm of a layer, looked up without a report.
std::int64_t AlgorithmOf(const Item& layer) {
  if (!layer.is(Kind::kArray) || layer.items.size() < 2) return 0;
  const auto document = Parse(layer.items[0].content);
  const Item* value = document.ok() ? document->root.At(1) : nullptr;
  if (value == nullptr) value = layer.items[1].At(1);
  return value == nullptr ? 0 : value->Int().value_or(0);
}

bool HasHeaders(const Item& item) {
  return item.is(Kind::kArray) && item.items.size() >= 3 &&
         item.items[0].is(Kind::kBstr) && item.items[1].is(Kind::kMap);
}

// Two structures can look alike: the algorithms tell.
Type UntaggedType(const Item& item) {
  if (item.is(Kind::kMap) && item.At(1) != nullptr) return Type::kKey;
  if (item.is(Kind::kArray) && !item.items.empty() &&
      std::ranges::all_of(item.items, [](const Item& key) {
        return key.is(Kind::kMap) && key.At(1) != nullptr;
      }))
    return Type::kKeySet;
  if (!HasHeaders(item)) return Type::kUnknown;
  const Role role = RoleOf(AlgorithmOf(item));
  const std::size_t count = item.items.size();
  if (count == 3) return Type::kEncrypt0;
  if (count == 5 && item.items[4].is(Kind::kArray)) return Type::kMac;
  if (count != 4) return Type::kUnknown;
  if (!item.items[3].is(Kind::kArray))
    return role == Role::kMac ? Type::kMac0 : Type::kSign1;
  const auto& layers = item.items[3].items;
  const bool signer =
      !layers.empty() && RoleOf(AlgorithmOf(layers[0])) == Role::kSignature;
  return signer && role != Role::kAead ? Type::kSign : Type::kEncrypt;
}

// Behind the tags that only say what it is.
const Item& Inner(const Item& item) {
  const Item* at = &item;
  while (at->is(Kind::kTag) &&
         (at->argument == kTagCwt || at->argument == kTagSelfDescribed))
    at = &at->items[0];
  return *at;
}

std::string Bytes_(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

bool IsNil(const Item& item) {
  return item.is(Kind::kSimple) && item.argument == 22;
}

// A signature, tag or ciphertext against what its algorithm gives.
void CheckOutput(Walk& walk, std::string_view place, const Item& output,
                 std::string_view what, std::optional<std::int64_t> algorithm) {
  if (!output.is(Kind::kBstr))
    return walk.Warn(place, std::string(what) + " is not a byte string");
  if (output.content.empty())
    return walk.Warn(place, std::string(what) + " is empty");
  const std::size_t wanted = algorithm ? SizesOf(*algorithm).output : 0;
  if (wanted != 0 && output.content.size() != wanted)
    walk.Warn(place, std::string(what) + " of " +
                         Bytes_(output.content.size()) + " where " +
                         std::string(AlgorithmName(*algorithm)) + " gives " +
                         std::to_string(wanted));
}

void CheckRole(Walk& walk, std::string_view place, Role wanted,
               std::optional<std::int64_t> algorithm) {
  if (!algorithm) return;
  const Role role = RoleOf(*algorithm);
  if (role == Role::kUnknown)
    walk.Warn(place,
              "algorithm " + std::to_string(*algorithm) + " is not known here");
  else if (role != wanted)
    walk.Warn(place, std::string(AlgorithmName(*algorithm)) +
                         " is not an algorithm for this place");
}

void AddOutput(Part& part, const char* name, const Item& output) {
  Part& line = part.Add(name);
  SetValue(line, output);
  if (output.is(Kind::kBstr)) line.meaning = Bytes_(output.content.size());
}

void AddPayload(Walk& walk, Part& part, const char* name, const Item& payload,
                int nesting) {
  Part& line = part.Add(name);
  if (IsNil(payload)) {
    line.text = "detached";
    walk.Warn(name, "detached: it travels elsewhere");
    return;
  }
  SetValue(line, payload);
  if (!payload.is(Kind::kBstr)) return walk.Warn(name, "not a byte string");
  line.meaning = Bytes_(payload.content.size());
  if (nesting >= 0) walk.AddContent(line, payload.content, nesting);
}

void AddCiphertext(Walk& walk, Part& part, std::string_view place,
                   const Item& ciphertext,
                   std::optional<std::int64_t> algorithm) {
  AddPayload(walk, part, "ciphertext", ciphertext, -1);
  const std::size_t tag = algorithm ? SizesOf(*algorithm).tag : 0;
  if (tag == 0 || !ciphertext.is(Kind::kBstr)) return;
  if (ciphertext.content.size() < tag)
    return walk.Warn(place, "the ciphertext is shorter than its tag");
  part.parts.back().meaning +=
      ", plaintext " + Bytes_(ciphertext.content.size() - tag);
}

Role RoleOf(Type type) {
  switch (type) {
    case Type::kEncrypt0:
    case Type::kEncrypt:
      return Role::kAead;
    case Type::kMac0:
    case Type::kMac:
      return Role::kMac;
    default:
      return Role::kSignature;
  }
}

std::size_t ItemsOf(Type type) {
  return type == Type::kEncrypt0 ? 3 : type == Type::kMac ? 5 : 4;
}

bool IsEncrypted(Type type) {
  return type == Type::kEncrypt0 || type == Type::kEncrypt;
}

std::string Title(Type type, const Item& outer, const Item& message) {
  std::string tags;
  for (const Item* at = &outer; at->is(Kind::kTag); at = &at->items[0])
    tags += ", tag " + std::to_string(at->argument);
  if (tags.empty()) tags = ", no tag";
  (void)message;
  return tags.substr(2) + ", " + Bytes_(outer.size) +
         (type == Type::kUnknown ? ", unknown" : "");
}

}  // namespace

Type TypeOf(std::string_view name) {
  for (const TypeName& type : kTypes)
    if (type.option == name) return type.type;
  return Type::kUnknown;
}

std::string_view NameOf(Type type) {
  for (const TypeName& known : kTypes)
    if (known.type == type) return known.name;
  return "unknown";
}

Type TypeOf(const Item& item, bool& tagged) {
  const Item& inner = Inner(item);
  tagged = inner.is(Kind::kTag);
  if (!tagged) return UntaggedType(inner);
  for (const TypeName& type : kTypes)
    if (type.tag != 0 && type.tag == inner.argument) return type.type;
  return Type::kUnknown;
}

void Walk::Warn(std::string_view place, std::string_view words) {
  std::string warning = std::string(place) + ": " + std::string(words);
  if (std::ranges::find(warnings, warning) == warnings.end())
    warnings.push_back(std::move(warning));
}

void Walk::WarnOddities(std::string_view place, const Document& document) {
  for (const Oddity& oddity : document.oddities)
    Warn(place, oddity.words + " (byte " + std::to_string(oddity.offset) + ")");
  if (document.trailing != 0)
    Warn(place, Bytes_(document.trailing) + " follow the item");
}

// ---- signers and recipients -------------------------------------------------

void Walk::CheckRecipient(std::string_view place, const Item& layer,
                          const Headers& headers) {
  const auto algorithm = headers.Algorithm();
  CheckRole(*this, place, Role::kRecipient, algorithm);
  if (!algorithm) return;
  const Item& key = layer.items[2];
  const bool direct = *algorithm == -6 ||
                      (*algorithm <= -10 && *algorithm >= -13) ||
                      (*algorithm <= -25 && *algorithm >= -28);
  if (direct && key.is(Kind::kBstr) && !key.content.empty())
    Warn(place, "a direct method carries no wrapped key, and here is one");
  if (!direct && key.content.empty()) Warn(place, "no wrapped key");
  const bool named =
      headers.Find(-21) != nullptr || headers.Find(-24) != nullptr;
  const bool agreed = *algorithm <= -25 && *algorithm >= -34;
  if (agreed && !named)
    Warn(place,
         "the key derivation names neither party, unless both know them");
}

Status Walk::AddLayers(Part& part, std::string_view place, const Item& list,
                       bool recipients, int nesting) {
  if (!list.is(Kind::kArray)) return Error::kInspectNotCose;
  if (nesting >= kMaxNesting) return Error::kCborTooDeep;
  const char* const name = recipients ? "recipient" : "signature";
  if (list.items.empty()) Warn(place, std::string("no ") + name + " at all");
  std::size_t number = 0;
  for (const Item& layer : list.items) {
    const std::string where =
        std::string(place) + " " + name + " " + std::to_string(++number);
    if (!HasHeaders(layer) || layer.items.size() > (recipients ? 4u : 3u))
      return Error::kInspectNotCose;
    Part& line = part.Add(name);
    line.label = std::to_string(number);
    CAI_TRY_ASSIGN(
        const Headers headers,
        AddHeaders(line, where, layer.items[0], layer.items[1], recipients));
    CheckHeaders(where, headers, true);
    AddOutput(line, recipients ? "wrapped key" : "signature", layer.items[2]);
    if (!recipients) {
      CheckRole(*this, where, Role::kSignature, headers.Algorithm());
      CheckOutput(*this, where, layer.items[2], "the signature",
                  headers.Algorithm());
    } else {
      CheckRecipient(where, layer, headers);
      if (layer.items.size() == 4)
        CAI_TRY(AddLayers(line, where, layer.items[3], true, nesting + 1));
    }
  }
  return kDone;
}

// ---- messages ---------------------------------------------------------------

Status Walk::AddMessage(Part& part, const Item& outer, Type type, int nesting) {
  const Item* message = &outer;
  while (message->is(Kind::kTag)) message = &message->items[0];
  part.name = std::string(NameOf(type));
  part.meaning = Title(type, outer, *message);
  if (type == Type::kKey || type == Type::kKeySet) {
    if (!message->is(type == Type::kKey ? Kind::kMap : Kind::kArray))
      return Error::kInspectNotCose;
    type == Type::kKey ? AddKey(part, *message) : AddKeySet(part, *message);
    return kDone;
  }
  if (!HasHeaders(*message) || message->items.size() != ItemsOf(type))
    return Error::kInspectNotCose;
  const auto& items = message->items;
  const std::string place(NameOf(type));
  CAI_TRY_ASSIGN(const Headers headers,
                 AddHeaders(part, place, items[0], items[1], false));
  const auto algorithm = headers.Algorithm();
  CheckHeaders(place, headers, type != Type::kSign);
  if (type != Type::kSign) CheckRole(*this, place, RoleOf(type), algorithm);
  if (IsEncrypted(type))
    AddCiphertext(*this, part, place, items[2], algorithm);
  else
    AddPayload(*this, part, "payload", items[2], nesting);
  switch (type) {
    case Type::kSign1:
      AddOutput(part, "signature", items[3]);
      CheckOutput(*this, place, items[3], "the signature", algorithm);
      return kDone;
    case Type::kMac0:
    case Type::kMac:
      AddOutput(part, "tag", items[3]);
      CheckOutput(*this, place, items[3], "the tag", algorithm);
      if (type == Type::kMac0) return kDone;
      return AddLayers(part, place, items[4], true, nesting);
    case Type::kEncrypt0:
      return kDone;
    default:
      return AddLayers(part, place, items[3], type == Type::kEncrypt, nesting);
  }
}

Result<Report> Explain(Bytes message, Type assumed) {
  CAI_TRY_ASSIGN(const Document document, Parse(message));
  bool tagged = false;
  Type type = TypeOf(document.root, tagged);
  if (!tagged && assumed != Type::kUnknown) type = assumed;
  if (type == Type::kUnknown) return Error::kInspectNotCose;
  Walk walk;
  Report report;
  CAI_TRY(walk.AddMessage(report.root, document.root, type, 0));
  walk.WarnOddities("encoding", document);
  report.warnings = std::move(walk.warnings);
  return report;
}

}  // namespace cai::inspect
