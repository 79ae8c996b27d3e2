#include "lib/x509/name.h"

namespace cai::x509 {
namespace {

using der::Reader;
using der::Tag;
using der::Writer;

// X.520: id-at 2.5.4 and its arc.
constexpr std::uint8_t kIdAt[] = {0x55, 0x04};
enum class Attribute : std::uint8_t {
  kCommonName = 3,
  kOrganization = 10,
  kUnit = 11,
};

bool IsPrintable(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) return true;
  if (c >= 'A' && c <= 'Z') return true;
  return std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
}

// No control character: a name ends up in logs, ACLs and file names.
bool IsText(Tag tag, std::string_view text) {
  if (text.empty() || text.size() > kMaxText) return false;
  return std::ranges::all_of(text, [tag](char c) {
    const auto u = static_cast<unsigned char>(c);
    if (tag == Tag::kPrintableString) return IsPrintable(c);
    return u >= 0x20 && u < 0x7f;
  });
}

bool Fits(std::string_view text) {
  return text.empty() || IsText(Tag::kUtf8String, text);
}

void WriteAttribute(Attribute type, std::string_view text, Writer& out) {
  if (text.empty()) return;
  const std::size_t mark = out.size();
  const std::uint8_t oid[] = {kIdAt[0], kIdAt[1],
                              static_cast<std::uint8_t>(type)};
  out.Text(Tag::kUtf8String, text);
  out.Element(Tag::kOid, AsBytes(oid, sizeof oid));
  out.Wrap(Tag::kSequence, mark);
  out.Wrap(Tag::kSet, mark);
}

Result<std::string_view> ReadText(Reader& in) {
  for (const Tag tag :
       {Tag::kUtf8String, Tag::kPrintableString, Tag::kIa5String}) {
    if (!in.Next(tag)) continue;
    CAI_TRY_ASSIGN(const Bytes text, in.Content(tag));
    if (!IsText(tag, AsText(text))) return Error::kX509BadName;
    return AsText(text);
  }
  return Error::kX509BadName;
}

std::string_view* Field(Name& name, Bytes oid) {
  if (oid.size() != 3 || !Equal(oid.first(2), AsBytes(kIdAt, sizeof kIdAt)))
    return nullptr;
  switch (static_cast<Attribute>(oid[2])) {
    case Attribute::kCommonName:
      return &name.common_name;
    case Attribute::kOrganization:
      return &name.organization;
    case Attribute::kUnit:
      return &name.unit;
  }
  return nullptr;
}

Status ReadAttribute(Reader attribute, Name& name) {
  CAI_TRY_ASSIGN(const Bytes oid, attribute.Content(Tag::kOid));
  std::string_view* field = Field(name, oid);
  if (field == nullptr) {
    CAI_TRY(attribute.Any());
    return attribute.Finish();
  }
  if (!field->empty()) return Error::kX509BadName;
  CAI_TRY_ASSIGN(*field, ReadText(attribute));
  return attribute.Finish();
}

}  // namespace

bool IsEncodable(const Name& name) {
  return Fits(name.organization) && Fits(name.common_name) && Fits(name.unit);
}

void WriteName(const Name& name, Writer& out) {
  const std::size_t mark = out.size();
  WriteAttribute(Attribute::kUnit, name.unit, out);
  WriteAttribute(Attribute::kCommonName, name.common_name, out);
  WriteAttribute(Attribute::kOrganization, name.organization, out);
  out.Wrap(Tag::kSequence, mark);
}

Result<Name> ReadName(Reader& in) {
  Reader at = in;
  Name name;
  CAI_TRY_ASSIGN(Reader rdns, at.Enter(Tag::kSequence));
  while (!rdns.empty()) {
    CAI_TRY_ASSIGN(Reader rdn, rdns.Enter(Tag::kSet));
    CAI_TRY_ASSIGN(const Reader attribute, rdn.Enter(Tag::kSequence));
    if (!rdn.empty()) return Error::kX509BadName;
    CAI_TRY(ReadAttribute(attribute, name));
  }
  in = at;
  return name;
}

}  // namespace cai::x509
