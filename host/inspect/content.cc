// What is inside: payloads, claims, tokens in tokens.
#include "host/inspect/walk.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;

// A map with integer keys of which most are claims.
bool LooksLikeClaims(const Item& item) {
  if (!item.is(Kind::kMap) || item.items.empty()) return false;
  std::size_t known = 0;
  for (std::size_t i = 0; i < item.items.size(); i += 2)
    if (const auto key = item.items[i].Int())
      known += ClaimName(*key).empty() ? 0 : 1;
  return 2 * known > item.items.size() / 2;
}

}  // namespace

void Walk::AddContent(Part& part, Bytes content, int nesting) {
  const auto document = Parse(content);
  if (nesting >= kMaxNesting || !document.ok() || document->trailing != 0)
    return;
  const Item& item = document->root;
  bool tagged = false;
  const Type type = TypeOf(item, tagged);
  // An untagged map is a key only where a key is expected.
  if (type != Type::kUnknown && type != Type::kKey && type != Type::kKeySet) {
    Part inner{{}, {}, {}, {}, nullptr, {}};
    if (AddMessage(inner, item, type, nesting + 1).ok()) {
      WarnOddities("inner message", *document);
      part.parts.push_back(std::move(inner));
      return;
    }
  }
  if (LooksLikeClaims(item)) {
    AddClaims(part.Add("claims"), item, nesting + 1);
  } else if (item.is(Kind::kArray) || item.is(Kind::kMap) ||
             item.is(Kind::kTag)) {
    SetValue(part.Add("CBOR"), item);
  } else {
    return;
  }
  WarnOddities("payload", *document);
}

void Walk::AddClaims(Part& part, const Item& map, int nesting) {
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    const Item& label = map.items[i];
    const Item& value = map.items[i + 1];
    const auto number = label.Int();
    Part& line = part.Add(number ? std::string(ClaimName(*number)) : "");
    line.label = LabelText(label);
    SetValue(line, value);
    if (number == 266 && value.is(Kind::kMap) && nesting < kMaxNesting) {
      line.text.clear();
      line.value = nullptr;
      for (std::size_t j = 0; j + 1 < value.items.size(); j += 2) {
        Part& module = line.Add("submodule " + Diagnostic(value.items[j], 32));
        SetValue(module, value.items[j + 1]);
        AddContent(module, value.items[j + 1].content, nesting + 1);
      }
    }
    const bool confirmation = number == 8 && value.is(Kind::kMap);
    const Item* const key = confirmation ? value.At(1) : nullptr;
    if (key == nullptr || !key->is(Kind::kMap)) continue;
    line.text.clear();
    line.value = nullptr;
    AddKey(line.Add("COSE_Key"), *key);
  }
}

}  // namespace cai::inspect
