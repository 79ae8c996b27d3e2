// The file that keeps one end of a session: read whole, replaced whole, its
// bytes wiped from memory, and held by one process at a time.
#pragma once

#include <string>

#include "host/common/file.h"

namespace cai::session {

inline host::Outcome<host::FileLock> LockState(const host::fs::path& path) {
  constexpr int kSeconds = 10;
  return host::FileLock::Wait(path.string() + ".lock", path.string(), kSeconds);
}

// kHostMalformed, "<path> is not the state of <whose>", if `parse` refuses what
// is there; `hint` says what writes such a file.
template <typename State>
host::Outcome<State> LoadState(const host::fs::path& path, std::size_t max_size,
                               Result<State> (*parse)(Bytes),
                               const std::string& whose,
                               const std::string& hint) {
  CAI_TRY_ASSIGN(host::Blob bytes, host::ReadFile(path, max_size));
  auto state = parse(bytes);
  Wipe(bytes);
  if (!state.ok())
    return host::Problem(Error::kHostMalformed,
                         path.string() + " is not the state of " + whose, hint);
  return *std::move(state);
}

inline host::Finished SaveState(const host::fs::path& path, host::Blob bytes) {
  auto written = host::WriteFile(path, bytes);
  Wipe(bytes);
  return written;
}

}  // namespace cai::session
