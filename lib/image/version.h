// Versions as text.
#pragma once

#include <string_view>

#include "lib/image/image.h"

namespace cai::image {

// "1.2.3+4" into `out`, and back ("+4" may be missing). The writer needs
// kVersionText bytes.
std::string_view FormatVersion(const Version& version,
                               std::span<char, kVersionText> out);
Result<Version> ParseVersion(std::string_view text);

}  // namespace cai::image
