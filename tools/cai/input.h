// What commands take from a person in the same way.
#pragma once

#include <string>

#include "host/common/text.h"

namespace cai::cli {

// The last second that a certificate can name; times beyond are no times.
constexpr std::int64_t kYear9999 = 253402300799;

// A file's content, or standard input's for "-". Stops if it is not there or
// larger than `limit`.
host::Blob ReadInput(const std::string& path, std::size_t limit);

}  // namespace cai::cli
