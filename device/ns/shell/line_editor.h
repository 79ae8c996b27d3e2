// Collects typed characters into a line: echo, backspace, a bound.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace cai::ns {

class LineEditor {
 public:
  static constexpr std::size_t kMaxLine = 80;

  struct Result {
    std::string_view echo;                 // to send back
    std::optional<std::string_view> line;  // complete; until the next Type()
  };
  Result Type(char c) {
    if (done_) size_ = 0;
    done_ = c == '\r' || c == '\n';
    if (done_) return {"\r\n", std::string_view(line_.data(), size_)};
    if (c == '\b' || c == 0x7F) {
      if (size_ == 0) return {};
      --size_;
      return {"\b \b", {}};
    }
    // Anything else that does not print is no command's.
    if (c < ' ' || c > '~' || size_ == line_.size()) return {};
    line_[size_++] = c;
    return {{&line_[size_ - 1], 1}, {}};
  }

 private:
  std::array<char, kMaxLine> line_{};
  std::size_t size_ = 0;
  bool done_ = false;
};

}  // namespace cai::ns
