#include "host/inspect/report.h"

#include "lib/cbor/utf8.h"

namespace cai::inspect {
namespace {

using Kind = Item::Kind;
constexpr std::size_t kShownBytes = 48;
constexpr std::size_t kAllBytes = kMaxInput;

// "kid (4): h'3131'  the key's name"
void AppendLines(const Part& part, int depth, std::string& out) {
  out.append(static_cast<std::size_t>(2 * depth), ' ');
  out += part.name;
  if (!part.label.empty())
    out += part.name.empty() ? part.label : " (" + part.label + ")";
  if (!part.text.empty()) out += ": " + part.text;
  if (!part.meaning.empty()) out += "  " + part.meaning;
  out += "\n";
  for (const Part& inner : part.parts) AppendLines(inner, depth + 1, out);
}

boost::json::object PartJson(const Part& part) {
  boost::json::object out;
  if (!part.name.empty()) out["name"] = part.name;
  if (!part.label.empty()) out["label"] = part.label;
  if (!part.value.is_null()) out["value"] = part.value;
  if (!part.meaning.empty()) out["meaning"] = part.meaning;
  if (part.parts.empty()) return out;
  boost::json::array inner;
  for (const Part& one : part.parts) inner.push_back(PartJson(one));
  out["parts"] = std::move(inner);
  return out;
}

}  // namespace

void SetValue(Part& part, const Item& item) {
  part.text = Diagnostic(item, kShownBytes);
  if (const auto number = item.Int()) {
    part.value = *number;
  } else if (item.is(Kind::kBstr)) {
    part.value = {{"hex", host::Hex(item.content)}};
    if (item.content.size() > kShownBytes)
      part.meaning = std::to_string(item.content.size()) + " bytes";
  } else if (!item.is(Kind::kText)) {
    part.value = Diagnostic(item, kAllBytes);
  } else if (cbor::IsUtf8(item.content)) {
    part.value = AsText(item.content);
  } else {
    // JSON is UTF-8: text that is not is shown as the bytes that it is.
    part.value = {{"hex", host::Hex(item.content)}};
    part.text = HexText(item.content, kShownBytes);
  }
}

std::string AsLines(const Report& report) {
  std::string out;
  AppendLines(report.root, 0, out);
  for (const std::string& warning : report.warnings)
    out += "warning: " + warning + "\n";
  return out;
}

boost::json::object AsJson(const Report& report) {
  boost::json::object out = PartJson(report.root);
  boost::json::array warnings;
  for (const std::string& warning : report.warnings)
    warnings.push_back(boost::json::value(warning));
  out["warnings"] = std::move(warnings);
  return out;
}

}  // namespace cai::inspect
