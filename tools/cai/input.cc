#include "tools/cai/input.h"

#include <iostream>

#include "host/common/file.h"
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

}  // namespace cai::cli
