#include "lib/x509/name.h"

#include <array>

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

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool IsDash(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

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

UuidText FormatUuid(std::span<const std::byte, 16> uuid) {
  constexpr char kHex[] = "0123456789abcdef";
  UuidText text;
  std::size_t at = 0;
  for (const std::byte b : uuid) {
    if (IsDash(at)) text[at++] = '-';
    text[at++] = kHex[std::to_integer<unsigned>(b) >> 4];
    text[at++] = kHex[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

Result<ByteArray<16>> ParseUuid(std::string_view text) {
  if (text.size() != std::tuple_size_v<UuidText>) return Error::kX509BadName;
  ByteArray<16> uuid{};
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') return Error::kX509BadName;
      continue;
    }
    const int digit = HexDigit(text[i]);
    if (digit < 0) return Error::kX509BadName;
    uuid[nibble / 2] |= std::byte(nibble % 2 == 0 ? digit << 4 : digit);
    ++nibble;
  }
  return uuid;
}

}  // namespace cai::x509
