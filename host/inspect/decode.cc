// Input as people have it: bytes, or text copied from somewhere.
#include <algorithm>
#include <cctype>

#include "host/inspect/explain.h"

namespace cai::inspect {
namespace {

bool IsSpace(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool IsHex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool IsBase64(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' ||
         c == '/' || c == '-' || c == '_' || c == '=';
}

std::string WithoutSpace(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out),
                       [](char c) { return !IsSpace(c); });
  return out;
}

// RFC 4648, 5 to 4, and padded.
std::string Standard(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return text;
}

Result<host::Blob> From(host::Outcome<host::Blob> decoded) {
  if (!decoded.ok()) return Error::kInspectEncoding;
  return *std::move(decoded);
}

}  // namespace

Result<host::Blob> Decode(Bytes input) {
  if (input.size() > 4 * kMaxInput) return Error::kHostTooLarge;
  const bool text = std::ranges::all_of(AsText(input), [](char c) {
    return IsSpace(c) || std::isprint(static_cast<unsigned char>(c)) != 0;
  });
  // The first byte of a message is a tag, an array or a map: never a letter.
  if (!text) return host::ToBlob(input);
  const std::string joined = WithoutSpace(AsText(input));
  if (joined.empty()) return Error::kInspectEncoding;
  if (std::ranges::all_of(joined, IsHex) && joined.size() % 2 == 0)
    return From(host::FromHex(joined));
  if (std::ranges::all_of(joined, IsBase64))
    return From(host::FromBase64(Standard(joined)));
  return Error::kInspectEncoding;
}

}  // namespace cai::inspect
