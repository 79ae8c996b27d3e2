// The application's log: plain lines on the console, each with its time since
// start, its level and its source. Names no secret and no key.
#pragma once

#include <string_view>

#include "device/ns/text.h"

namespace cai::ns {

enum class LogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };

std::string_view LogLevelName(LogLevel level);
void SetLogLevel(LogLevel most);
LogLevel log_level();

void Log(LogLevel level, std::string_view source, const Text& text);

// Writes a line as it is (the shell's answers).
void Print(const Text& text);

// Lines that found no room in the console's ring.
std::uint32_t log_lines_lost();

}  // namespace cai::ns
