#include "device/ns/http/http.h"

#include <array>
#include <charconv>

namespace cai::ns::http {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

// Counts past the end, as cbor::Writer does.
struct TextWriter {
  MutableBytes out;
  std::size_t size = 0;

  void Put(std::string_view text) {
    if (size < out.size()) CopyInto(out.subspan(size), AsBytes(text));
    size += text.size();
  }
};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Decimal digits only, and nothing else.
Result<std::uint32_t> Number(std::string_view text) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || at != end)
    return Error::kNsHttpMalformed;
  return value;
}

// RFC 9112, 4: HTTP-version SP 3DIGIT SP [reason].
Result<int> StatusLine(std::string_view line) {
  const bool known =
      line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  if (!known || line.size() < 12 || (line.size() > 12 && line[12] != ' '))
    return Error::kNsHttpMalformed;
  CAI_TRY_ASSIGN(const std::uint32_t status, Number(line.substr(9, 3)));
  if (status < 100 || status > 599) return Error::kNsHttpMalformed;
  return static_cast<int>(status);
}

struct Head {
  std::optional<std::uint32_t> length;
  bool close = false;
  std::string_view content_type;
};

Status Field(std::string_view line, Head& head) {
  const std::size_t colon = line.find(':');
  // RFC 9112, 5.1: no space before the colon, no folded lines (5.2).
  if (colon == 0 || colon == std::string_view::npos || line[0] == ' ' ||
      line[0] == '\t' || line[colon - 1] == ' ')
    return Error::kNsHttpMalformed;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trim(line.substr(colon + 1));

  if (SameName(name, "content-length")) {
    CAI_TRY_ASSIGN(const std::uint32_t length, Number(value));
    if (head.length && *head.length != length) return Error::kNsHttpMalformed;
    head.length = length;
  } else if (SameName(name, "transfer-encoding")) {
    return Error::kNsHttpMalformed;
  } else if (SameName(name, "connection")) {
    head.close = SameName(value, "close");
  } else if (SameName(name, "content-type")) {
    head.content_type = value;
  }
  return kDone;
}

Result<Head> Fields(std::string_view text) {
  Head head;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    CAI_TRY(Field(text.substr(0, end), head));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  return head;
}

}  // namespace

Result<Bytes> MakeRequest(std::string_view method, std::string_view path,
                          std::string_view host, Bytes body, MutableBytes out) {
  TextWriter writer{out};
  writer.Put(method);
  writer.Put(" ");
  writer.Put(path);
  writer.Put(" HTTP/1.1\r\nHost: ");
  writer.Put(host);
  // On a GET too: it chooses the response's encoding (LITE).
  writer.Put("\r\nContent-Type: application/cbor");
  if (!body.empty()) {
    std::array<char, 12> digits;
    const auto number = std::to_chars(
        digits.data(), digits.data() + digits.size(), body.size());
    writer.Put("\r\nContent-Length: ");
    writer.Put({digits.data(), number.ptr});
  }
  writer.Put(kEnd);
  writer.Put(AsText(body));
  if (writer.size > out.size()) return Error::kNsHttpNoRoom;
  return Bytes(out.first(writer.size));
}

Result<std::optional<Response>> ResponseParser::Parse() const {
  const std::string_view text = AsText(memory_.first(size_));
  const std::size_t end = text.find(kEnd);
  if (end == std::string_view::npos) {
    if (size_ == memory_.size()) return Error::kNsHttpTooLarge;
    return std::optional<Response>();
  }
  const std::string_view head_text = text.substr(0, end);
  const std::size_t line = head_text.find("\r\n");
  Response response;
  CAI_TRY_ASSIGN(response.status, StatusLine(head_text.substr(0, line)));
  if (response.status < 200) return Error::kNsHttpMalformed;
  CAI_TRY_ASSIGN(const Head head, Fields(line == std::string_view::npos
                                             ? std::string_view()
                                             : head_text.substr(line + 2)));

  // RFC 9112, 6.3: 204 and 304 have no body; elsewhere we insist on a length.
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!head.length && !bodiless) return Error::kNsHttpMalformed;
  const std::size_t length = bodiless ? 0 : *head.length;
  const std::size_t start = end + kEnd.size();
  if (length > memory_.size() - start) return Error::kNsHttpTooLarge;
  if (size_ - start < length) return std::optional<Response>();
  if (size_ - start > length) return Error::kNsHttpMalformed;

  response.body = Bytes(memory_).subspan(start, length);
  response.close = head.close || text.starts_with("HTTP/1.0");
  response.content_type = head.content_type;
  return std::optional<Response>(response);
}

}  // namespace cai::ns::http
