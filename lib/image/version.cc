#include "lib/image/version.h"

#include <charconv>

namespace cai::image {
namespace {

template <typename T>
bool TakeNumber(std::string_view& text, T& value) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool TakeMark(std::string_view& text, char mark) {
  if (text.empty() || text[0] != mark) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string_view FormatVersion(const Version& version,
                               std::span<char, kVersionText> out) {
  char* at = out.data();
  char* const end = at + out.size();
  const auto number = [&](std::uint32_t value) {
    at = std::to_chars(at, end, value).ptr;
  };
  number(version.major);
  *at++ = '.';
  number(version.minor);
  *at++ = '.';
  number(version.revision);
  *at++ = '+';
  number(version.build);
  return {out.data(), static_cast<std::size_t>(at - out.data())};
}

Result<Version> ParseVersion(std::string_view text) {
  Version version;
  bool good = TakeNumber(text, version.major) && TakeMark(text, '.') &&
              TakeNumber(text, version.minor) && TakeMark(text, '.') &&
              TakeNumber(text, version.revision);
  if (good && !text.empty())
    good = TakeMark(text, '+') && TakeNumber(text, version.build);
  if (!good || !text.empty()) return Error::kImageHeader;
  return version;
}

}  // namespace cai::image
