#include "tools/cai/files.h"

#include <iostream>

#include "tools/cai/problem.h"

namespace cai::cli {

host::Blob ReadInput(const std::string& path, std::size_t limit) {
  if (path != "-") return Or(host::ReadFile(path, limit));
  host::Blob input(limit + 1);
  // Safety: bytes are read into memory of bytes.
  std::cin.read(reinterpret_cast<char*>(input.data()),
                static_cast<std::streamsize>(input.size()));
  input.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (input.size() > limit)
    throw Stop("standard input is too large",
               std::to_string(limit) + " bytes are the limit");
  return input;
}

void Absent(const host::fs::path& path) {
  if (host::fs::exists(host::fs::symlink_status(path)))
    throw Stop(path.string() + " exists already",
               "nothing is overwritten: move it away, or name another file");
}

void WriteSecond(const host::fs::path& first, const host::fs::path& path,
                 Bytes content) {
  const auto written = host::WriteNewFile(path, content, 0644);
  std::error_code ignored;
  if (!written.ok()) host::fs::remove(first, ignored);
  Or(written);
}

}  // namespace cai::cli
