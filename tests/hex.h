// For tests: hexadecimal, and files of named vectors (`name = hex`, one a
// line).
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/base/bytes.h"

namespace cai::testing {

inline std::string Hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes) {
    text += kDigits[std::to_integer<unsigned>(b) >> 4];
    text += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

inline std::vector<std::byte> FromHex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(
        std::byte(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

template <std::size_t N>
ByteArray<N> ArrayFromHex(std::string_view text) {
  const std::vector<std::byte> bytes = FromHex(text);
  if (bytes.size() != N) throw std::invalid_argument("wrong size");
  ByteArray<N> array;
  CopyInto(array, bytes);
  return array;
}

// Paths are relative to the repository, which is where ctest runs.
class Vectors {
 public:
  explicit Vectors(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    for (std::string line; std::getline(file, line);) {
      const std::size_t at = line.find(" = ");
      if (line.empty() || line[0] == '#' || at == std::string::npos) continue;
      values_[line.substr(0, at)] = line.substr(at + 3);
    }
  }
  const std::string& text(const std::string& name) const {
    return values_.at(name);
  }
  std::vector<std::byte> bytes(const std::string& name) const {
    return FromHex(text(name));
  }
  template <std::size_t N>
  ByteArray<N> array(const std::string& name) const {
    return ArrayFromHex<N>(text(name));
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace cai::testing
