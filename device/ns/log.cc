#include "device/ns/log.h"

#include "device/ns/platform/clock.h"
#include "device/ns/platform/uart.h"

namespace cai::ns {
namespace {

LogLevel most_ = LogLevel::kInfo;
std::uint32_t lost = 0;

void Write(const Text& line) {
  if (!uart::Write(AsBytes(line.view()))) {
    ++lost;
    return;
  }
  (void)uart::Write(AsBytes("\r\n"));
}

}  // namespace

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kDebug:
      return "debug";
  }
  return "?";
}

void SetLogLevel(LogLevel most) { most_ = most; }
LogLevel log_level() { return most_; }
std::uint32_t log_lines_lost() { return lost; }

void Log(LogLevel level, std::string_view source, const Text& text) {
  if (level > most_) return;
  const std::uint64_t now = clock::NowMs();
  Text line;
  line << '[' << static_cast<std::uint32_t>(now / 1000) << '.';
  line.Padded(static_cast<std::uint32_t>(now % 1000), 3);
  line << "] " << LogLevelName(level) << ' ' << source << ": " << text.view();
  Write(line);
}

void Print(const Text& text) { Write(text); }

}  // namespace cai::ns
