// Files that commands take and leave.
#pragma once

#include <string>

#include "host/common/file.h"

namespace cai::cli {

// The last second that a certificate can name; times beyond are no times.
constexpr std::int64_t kYear9999 = 253402300799;

// A file's content, or standard input's for "-". Stops if it is not there or
// larger than `limit`.
host::Blob ReadInput(const std::string& path, std::size_t limit);

// Stops if there is such a file: before work is done for one.
void Absent(const host::fs::path& path);

// Writes what belongs to `first`, which was written before it: if it cannot be
// written `first` goes too, and the command stops.
void WriteSecond(const host::fs::path& first, const host::fs::path& path,
                 Bytes content);

}  // namespace cai::cli
