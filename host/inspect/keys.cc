// COSE_Key (RFC 9052, 7) and what a countersignature is.
#include "host/inspect/walk.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;

std::string MeaningOf(std::int64_t kty, std::int64_t label, const Item& value) {
  const auto number = value.Int();
  if (label == 1 && number) return std::string(KeyTypeName(*number));
  if (label == 3 && number) return std::string(AlgorithmName(*number));
  if (label == -1 && number && (kty == 1 || kty == 2))
    return std::string(CurveName(*number));
  if (label != 4 || !value.is(Kind::kArray)) return "";
  std::string names;
  for (const Item& operation : value.items)
    if (const auto one = operation.Int())
      names +=
          (names.empty() ? "" : ", ") + std::string(KeyOperationName(*one));
  return names;
}

}  // namespace

void Walk::AddKey(Part& part, const Item& map) {
  const Item* const type = map.At(1);
  const std::int64_t kty = type == nullptr ? 0 : type->Int().value_or(0);
  if (type == nullptr) Warn("key", "no kty");
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    const Item& label = map.items[i];
    const Item& value = map.items[i + 1];
    Part& line = part.Add("");
    line.label = LabelText(label);
    const auto number = label.Int();
    line.name = number ? std::string(KeyParameterName(kty, *number)) : "";
    if (number && IsSecretParameter(kty, *number)) {
      line.text = "not shown";
      line.meaning = std::to_string(value.content.size()) + " bytes";
      Warn("key", "it holds a secret: " +
                      (line.name.empty() ? line.label : line.name));
      continue;
    }
    SetValue(line, value);
    if (number) line.meaning = MeaningOf(kty, *number, value);
  }
}

void Walk::AddKeySet(Part& part, const Item& list) {
  for (const Item& key : list.items) {
    Part& one = part.Add("COSE_Key");
    if (key.is(Kind::kMap))
      AddKey(one, key);
    else
      SetValue(one, key);
  }
}

// RFC 9338, 3.1 and RFC 8152, 4.5: one COSE_Signature, or a list of them.
void Walk::AddCounterSignatures(Part& part, std::string_view place,
                                const Item& value) {
  const bool several = value.is(Kind::kArray) && !value.items.empty() &&
                       value.items[0].is(Kind::kArray);
  std::vector<const Item*> all;
  if (!several) all.push_back(&value);
  if (several)
    for (const Item& one : value.items) all.push_back(&one);
  for (const Item* one : all) {
    Part& line = part.Add("COSE_Countersignature");
    const std::string where = std::string(place) + " countersignature";
    if (!one->is(Kind::kArray) || one->items.size() != 3) {
      SetValue(line, *one);
      Warn(where, "it is not a list of three");
      continue;
    }
    const auto headers =
        AddHeaders(line, where, one->items[0], one->items[1], false);
    if (!headers.ok()) {
      Warn(where, "its headers are malformed");
      continue;
    }
    CheckHeaders(where, *headers, true);
    SetValue(line.Add("signature"), one->items[2]);
    if (one->items[2].content.empty()) Warn(where, "the signature is empty");
  }
}

}  // namespace cai::inspect
