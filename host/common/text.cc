#include "host/common/text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "lib/cbor/utf8.h"

namespace cai::host {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

unsigned Octet(std::byte b) { return std::to_integer<unsigned>(b); }

// Up to three bytes as four characters.
std::string Base64Group(Bytes group) {
  unsigned bits = 0;
  for (std::size_t i = 0; i < 3; ++i)
    bits = bits << 8 | (i < group.size() ? Octet(group[i]) : 0);
  std::string out(4, '=');
  for (std::size_t i = 0; i <= group.size(); ++i)
    out[i] = kBase64[bits >> (18 - 6 * i) & 63];
  return out;
}

// Four characters, of which `padding` are '='.
bool AppendGroup(std::string_view group, std::size_t padding, Blob& out) {
  unsigned bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const bool pad = i >= 4 - padding;
    const std::size_t value = pad ? 0 : kBase64.find(group[i]);
    if (value == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<unsigned>(value);
  }
  // The bits that padding leaves over must be zero: one text, one value.
  if (padding != 0 && (bits & ((1u << (8 * padding)) - 1)) != 0) return false;
  for (std::size_t i = 0; i < 3 - padding; ++i)
    out.push_back(std::byte(bits >> (16 - 8 * i)));
  return true;
}

bool IsDash(std::size_t i) {
  return std::ranges::find(kDashes, i) != kDashes.end();
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string WithDashes(std::string_view digits) {
  std::string out(digits);
  for (const std::size_t at : kDashes) out.insert(at, 1, '-');
  return out;
}

bool IsUtf8(std::string_view text) { return cbor::IsUtf8(AsBytes(text)); }

// The size of the first character; 0 if it is no UTF-8.
std::size_t FirstSize(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size());
       ++size)
    if (IsUtf8(text.substr(0, size))) return size;
  return 0;
}

// `each(character, true)`, and `each(byte, false)` for what is no UTF-8.
template <typename Each>
void ForCharacters(std::string_view text, Each each) {
  while (!text.empty()) {
    const std::size_t size = FirstSize(text);
    const std::string_view one = text.substr(0, std::max<std::size_t>(1, size));
    each(one, size != 0);
    text.remove_prefix(one.size());
  }
}

// C0, DEL, and C1 (U+0080 to U+009F): what a terminal obeys.
bool IsControl(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

std::string Escape(const char* format, char c) {
  std::array<char, 8> room{};
  std::snprintf(room.data(), room.size(), format,
                static_cast<unsigned char>(c));
  return room.data();
}

}  // namespace

std::string Hex(Bytes bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::byte b : bytes) {
    out += kDigits[Octet(b) >> 4];
    out += kDigits[Octet(b) & 15];
  }
  return out;
}

Outcome<Blob> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return Error::kHostMalformed;
  Blob out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return Error::kHostMalformed;
    out.push_back(std::byte(high << 4 | low));
  }
  return out;
}

std::string Base64(Bytes bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3)
    out += Base64Group(
        bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i)));
  return out;
}

Outcome<Blob> FromBase64(std::string_view text) {
  std::string joined;
  for (const char c : text)
    if (c != '\n' && c != '\r') joined += c;
  if (joined.size() % 4 != 0) return Error::kHostMalformed;
  Blob out;
  for (std::size_t i = 0; i < joined.size(); i += 4) {
    const std::string_view group = std::string_view(joined).substr(i, 4);
    const bool last = i + 4 == joined.size();
    const std::size_t padding = !last || group[3] != '=' ? 0
                                : group[2] == '='        ? 2
                                                         : 1;
    if (!AppendGroup(group, padding, out)) return Error::kHostMalformed;
  }
  return out;
}

std::string Uuid::Text() const { return WithDashes(Hex(bytes)); }

Outcome<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != 36) return Error::kHostMalformed;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i) != (text[i] == '-')) return Error::kHostMalformed;
    if (text[i] >= 'A' && text[i] <= 'F') return Error::kHostMalformed;
    if (!IsDash(i)) digits += text[i];
  }
  CAI_TRY_ASSIGN(const Blob bytes, FromHex(digits));
  Uuid uuid;
  CopyInto(uuid.bytes, bytes);
  return uuid;
}

Outcome<Uuid> ParseAnyUuid(std::string_view text) {
  std::string plain = Lower(text);
  if (plain.starts_with("urn:uuid:")) plain.erase(0, 9);
  if (plain.size() == 38 && plain.front() == '{' && plain.back() == '}')
    plain = plain.substr(1, 36);
  if (plain.size() == 32) plain = WithDashes(plain);
  return ParseUuid(plain);
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  ForCharacters(text, [&](std::string_view one, bool utf8) {
    if (!utf8)
      out += "\\ufffd";
    else if (one == "\"" || one == "\\")
      out += "\\" + std::string(one);
    else if (IsControl(one))
      out += Escape("\\u%04x", one.back());  // C1: C2 and the number
    else
      out += one;
  });
  return out + '"';
}

std::string OneLine(std::string_view text) {
  std::string out;
  ForCharacters(text, [&](std::string_view one, bool utf8) {
    if (utf8 && !IsControl(one))
      out += one;
    else
      for (const char c : one) out += Escape("\\x%02x", c);
  });
  return out;
}

std::string UtcText(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::int64_t NowMilliseconds() {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  return duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t NowSeconds() { return NowMilliseconds() / 1000; }

}  // namespace cai::host
