#include "tests/edn.h"

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <string>

#include "lib/eat/number.h"

namespace cai {
namespace {

using Blob = std::vector<std::byte>;

// Appends what `write` writes.
template <typename Write>
void Emit(Blob& out, Write write) {
  cbor::Writer measure({});
  write(measure);
  const std::size_t before = out.size();
  out.resize(before + measure.size());
  cbor::Writer writer(MutableBytes(out).subspan(before));
  write(writer);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Blob> One() {
    Blob out;
    if (!Item(out, 0)) return std::nullopt;
    Blank();
    if (!text_.empty()) return std::nullopt;
    return out;
  }

 private:
  static constexpr int kMaxDepth = 32;

  bool Item(Blob& out, int depth) {
    Blank();
    if (depth > kMaxDepth || text_.empty()) return false;
    if (Take("<<")) return Wrapped(out, depth);
    if (Take("h'")) return Hex(out);
    const char next = text_[0];
    if (next == '"') return Text(out);
    if (next == '[') return Container(out, ']', depth);
    if (next == '{') return Container(out, '}', depth);
    if (next == '-' || std::isdigit(static_cast<unsigned char>(next)))
      return NumberOrTag(out, depth);
    return Simple(out);
  }

  // Spaces and comments.
  void Blank() {
    while (!text_.empty()) {
      if (std::isspace(static_cast<unsigned char>(text_[0])))
        text_.remove_prefix(1);
      else if (text_[0] == '/')
        DropThrough('/', 1);
      else if (text_[0] == '#')
        DropThrough('\n', 0);
      else
        return;
    }
  }

  void DropThrough(char end, std::size_t from) {
    const std::size_t at = text_.find(end, from);
    text_.remove_prefix(at == text_.npos ? text_.size() : at + 1);
  }

  bool Take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  bool TakeAfterBlank(std::string_view token) {
    Blank();
    return Take(token);
  }

  bool Wrapped(Blob& out, int depth) {
    Blob inside;
    if (!Item(inside, depth + 1) || !TakeAfterBlank(">>")) return false;
    Emit(out, [&](cbor::Writer& w) { w.Bstr(inside); });
    return true;
  }

  bool Hex(Blob& out) {
    Blob bytes;
    int high = -1;
    while (!text_.empty() && text_[0] != '\'') {
      const char digit = text_[0];
      text_.remove_prefix(1);
      if (std::isspace(static_cast<unsigned char>(digit))) continue;
      if (!std::isxdigit(static_cast<unsigned char>(digit))) return false;
      const int value = std::stoi(std::string(1, digit), nullptr, 16);
      if (high >= 0) bytes.push_back(std::byte(high << 4 | value));
      high = high >= 0 ? -1 : value;
    }
    if (high >= 0 || !Take("'")) return false;
    Emit(out, [&](cbor::Writer& w) { w.Bstr(bytes); });
    return true;
  }

  // Line breaks within a text, as RFCs fold their examples, are dropped.
  bool Text(Blob& out) {
    text_.remove_prefix(1);
    std::string text;
    while (!text_.empty() && text_[0] != '"') {
      char c = text_[0];
      text_.remove_prefix(1);
      if (c == '\n') continue;
      if (c == '\\') {
        if (text_.empty()) return false;
        c = text_[0] == 'n' ? '\n' : text_[0];
        text_.remove_prefix(1);
      }
      text.push_back(c);
    }
    if (!Take("\"")) return false;
    Emit(out, [&](cbor::Writer& w) { w.Text(text); });
    return true;
  }

  bool Container(Blob& out, char end, int depth) {
    const bool map = end == '}';
    text_.remove_prefix(1);
    Blob inside;
    std::uint64_t items = 0;
    const std::string_view close(map ? "}" : "]");
    while (!TakeAfterBlank(close)) {
      if (items != 0 && !TakeAfterBlank(",")) return false;
      if (TakeAfterBlank(close)) break;
      if (!Item(inside, depth + 1)) return false;
      if (map && (!TakeAfterBlank(":") || !Item(inside, depth + 1)))
        return false;
      ++items;
    }
    Emit(out, [&](cbor::Writer& w) {
      map ? w.Map(items) : w.Array(items);
      w.Raw(inside);
    });
    return true;
  }

  bool NumberOrTag(Blob& out, int depth) {
    const std::size_t end = text_.find_first_not_of("+-.0123456789e");
    const std::string word(text_.substr(0, end));
    text_.remove_prefix(word.size());
    eat::Number number;
    number.is_float = word.find_first_of(".e") != word.npos;
    if (number.is_float) {
      number.real = std::strtod(word.c_str(), nullptr);
    } else {
      const char* const last = word.data() + word.size();
      const auto done = std::from_chars(word.data(), last, number.integer);
      if (done.ec != std::errc() || done.ptr != last) return false;
    }
    if (!number.is_float && number.integer >= 0 && TakeAfterBlank("("))
      return Tagged(out, static_cast<std::uint64_t>(number.integer), depth);
    Emit(out, [&](cbor::Writer& w) { eat::WriteNumber(number, w); });
    return true;
  }

  bool Tagged(Blob& out, std::uint64_t tag, int depth) {
    Emit(out, [&](cbor::Writer& w) { w.Tag(tag); });
    return Item(out, depth + 1) && TakeAfterBlank(")");
  }

  bool Simple(Blob& out) {
    if (Take("true")) return Emit(out, [](auto& w) { w.Bool(true); }), true;
    if (Take("false")) return Emit(out, [](auto& w) { w.Bool(false); }), true;
    if (Take("null")) return Emit(out, [](auto& w) { w.Null(); }), true;
    return false;
  }

  std::string_view text_;
};

}  // namespace

std::optional<std::vector<std::byte>> FromEdn(std::string_view text) {
  return Parser(text).One();
}

std::vector<std::byte> Edn(std::string_view text) {
  auto item = FromEdn(text);
  if (!item) std::abort();
  return *std::move(item);
}

}  // namespace cai
