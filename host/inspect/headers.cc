// Header parameters (RFC 9052, 3.1).
#include <openssl/x509.h>

#include <algorithm>

#include "host/common/keys.h"
#include "host/inspect/walk.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;

std::string Meaning(std::int64_t label, const Item& value) {
  const auto number = value.Int();
  if (label == 1 && number) {
    const auto name = AlgorithmName(*number);
    return std::string(name.empty() ? "unknown algorithm" : name);
  }
  if ((label == 3 || label == 16) && number)
    return std::string(ContentTypeName(*number));
  if (!value.is(Kind::kBstr) || value.content.empty()) return "";
  // A name in letters is easier to read than its bytes.
  const bool readable = std::ranges::all_of(
      AsText(value.content), [](char c) { return c >= 0x20 && c < 0x7f; });
  return readable ? "'" + std::string(AsText(value.content)) + "'" : "";
}

bool IsPrivateLabel(std::int64_t label) { return label < -65536; }

}  // namespace

std::string LabelText(const Item& label) { return Diagnostic(label, 32); }

const Item* Walk::Headers::Find(std::int64_t label) const {
  const Item* const inside =
      has_protected ? protected_header.root.At(label) : nullptr;
  return inside != nullptr || open == nullptr ? inside : open->At(label);
}

std::optional<std::int64_t> Walk::Headers::Algorithm() const {
  const Item* const value = Find(1);
  return value == nullptr ? std::nullopt : value->Int();
}

void Walk::AddHeader(Part& bucket, std::string_view place, const Item& label,
                     const Item& value, bool recipient) {
  Part& part = bucket.Add("");
  part.label = LabelText(label);
  SetValue(part, value);
  const auto number = label.Int();
  if (!number) return;
  part.name = std::string(recipient ? RecipientHeaderName(*number)
                                    : HeaderName(*number));
  // Outside of a recipient HPKE's two are the same.
  if (part.name.empty() && (*number == -4 || *number == -5))
    part.name = std::string(RecipientHeaderName(*number));
  if (const std::string meaning = Meaning(*number, value); !meaning.empty())
    part.meaning = meaning;
  if (part.name.empty())
    part.name = IsPrivateLabel(*number) ? "private use" : "unknown";
  AddSpecial(part, place, *number, value);
}

// Values that are structures of their own.
void Walk::AddSpecial(Part& part, std::string_view place, std::int64_t label,
                      const Item& value) {
  const bool key = label == -1 || label == -2;
  if (key && value.is(Kind::kMap)) {
    part.text.clear();
    part.value = nullptr;
    AddKey(part, value);
  } else if (label == 7 || label == 11) {
    part.text.clear();
    part.value = nullptr;
    AddCounterSignatures(part, place, value);
  } else if (label == 32 || label == 33) {
    part.text.clear();
    part.value = nullptr;
    AddCertificates(part, value);
  } else if (label == 15 && value.is(Kind::kMap)) {
    part.text.clear();
    part.value = nullptr;
    AddClaims(part, value, kMaxNesting - 1);
  }
}

void Walk::AddCertificates(Part& part, const Item& value) {
  std::vector<const Item*> all;
  if (value.is(Kind::kBstr)) all.push_back(&value);
  if (value.is(Kind::kArray))
    for (const Item& one : value.items) all.push_back(&one);
  for (const Item* one : all) {
    Part& line = part.Add("certificate");
    SetValue(line, *one);
    const auto parsed = host::ParseCertificate(one->content);
    if (!parsed.ok()) {
      line.meaning = "not a certificate";
      continue;
    }
    char subject[256] = "";
    X509_NAME_oneline(X509_get_subject_name(parsed->get()), subject,
                      sizeof(subject));
    line.text = std::to_string(one->content.size()) + " bytes";
    line.meaning = std::string(subject) + ", serial " +
                   host::SerialText(parsed->get()) + ", until " +
                   host::UtcText(host::NotAfter(parsed->get()));
  }
}

Result<Walk::Headers> Walk::AddHeaders(Part& layer, std::string_view place,
                                       const Item& protected_item,
                                       const Item& open, bool recipient) {
  if (!protected_item.is(Kind::kBstr) || !open.is(Kind::kMap))
    return Error::kInspectNotCose;
  Headers headers;
  headers.open = &open;
  Part& inside = layer.Add("protected");
  inside.meaning = std::to_string(protected_item.content.size()) + " bytes";
  if (!protected_item.content.empty()) {
    CAI_TRY_ASSIGN(headers.protected_header, Parse(protected_item.content));
    if (!headers.protected_header.root.is(Kind::kMap))
      return Error::kInspectNotCose;
    headers.has_protected = true;
    WarnOddities(std::string(place) + " protected header",
                 headers.protected_header);
    const auto& items = headers.protected_header.root.items;
    // RFC 9052, 3: senders SHOULD write the empty map as an empty string.
    if (items.empty())
      Warn(place, "an empty protected header is written as a map");
    for (std::size_t i = 0; i < items.size(); i += 2)
      AddHeader(inside, place, items[i], items[i + 1], recipient);
  }
  Part& outside = layer.Add("unprotected");
  for (std::size_t i = 0; i < open.items.size(); i += 2)
    AddHeader(outside, place, open.items[i], open.items[i + 1], recipient);
  if (open.items.empty()) outside.meaning = "empty";
  return headers;
}

namespace {

bool Understood(const Item& label) {
  const auto number = label.Int();
  return number && (!HeaderName(*number).empty() ||
                    !RecipientHeaderName(*number).empty());
}

// RFC 9052, 3.1: crit is protected, not empty, and names protected labels.
void CheckCritical(Walk& walk, std::string_view place,
                   const Walk::Headers& headers) {
  if (headers.open->At(2) != nullptr)
    walk.Warn(place, "crit is not protected: it has to be refused");
  const Item* const crit =
      headers.has_protected ? headers.protected_header.root.At(2) : nullptr;
  if (crit == nullptr) return;
  if (!crit->is(Kind::kArray) || crit->items.empty())
    return walk.Warn(place, "crit is not a list of labels");
  for (const Item& label : crit->items) {
    bool present = false;
    const auto& items = headers.protected_header.root.items;
    for (std::size_t i = 0; i < items.size(); i += 2)
      present = present || LabelText(items[i]) == LabelText(label);
    if (!present)
      walk.Warn(place, "crit names " + LabelText(label) +
                           ", which is not in the protected header");
    else if (!Understood(label))
      walk.Warn(place, "crit names " + LabelText(label) +
                           ", which few will understand");
  }
}

void CheckBuckets(Walk& walk, std::string_view place,
                  const Walk::Headers& headers) {
  if (!headers.has_protected) return;
  const auto& inside = headers.protected_header.root.items;
  for (std::size_t i = 0; i < inside.size(); i += 2)
    for (std::size_t j = 0; j < headers.open->items.size(); j += 2)
      if (LabelText(inside[i]) == LabelText(headers.open->items[j]))
        walk.Warn(place,
                  "label " + LabelText(inside[i]) + " is in both header maps");
}

void CheckIv(Walk& walk, std::string_view place, const Walk::Headers& headers) {
  const Item* const iv = headers.Find(5);
  if (iv != nullptr && headers.Find(6) != nullptr)
    walk.Warn(place, "IV and Partial IV exclude each other");
  const auto algorithm = headers.Algorithm();
  if (iv == nullptr || !algorithm) return;
  const std::size_t wanted = SizesOf(*algorithm).iv;
  if (wanted != 0 && iv->content.size() != wanted)
    walk.Warn(place, "an IV of " + std::to_string(iv->content.size()) +
                         " bytes where " +
                         std::string(AlgorithmName(*algorithm)) + " takes " +
                         std::to_string(wanted));
}

}  // namespace

void Walk::CheckHeaders(std::string_view place, const Headers& headers,
                        bool needs_algorithm) {
  const bool inside =
      headers.has_protected && headers.protected_header.root.At(1) != nullptr;
  if (!inside && headers.open->At(1) != nullptr)
    Warn(place, "alg is not protected: anyone can change it");
  else if (!inside && needs_algorithm)
    Warn(place, "no alg: the receiver has to know it");
  CheckCritical(*this, place, headers);
  CheckBuckets(*this, place, headers);
  CheckIv(*this, place, headers);
}

}  // namespace cai::inspect
