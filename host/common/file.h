// Files of the state folder: written whole or not at all, readable by the
// owner alone.
#pragma once

#include <filesystem>
#include <memory>

#include "host/common/problem.h"
#include "host/common/text.h"

namespace cai::host {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 64u << 20;

// kHostNotFound, kHostTooLarge (beyond `limit`), kHostIo.
Outcome<Blob> ReadFile(const fs::path& path, std::size_t limit = kMaxFile);
Outcome<std::string> ReadText(const fs::path& path,
                              std::size_t limit = kMaxFile);

// A reader sees the old content or the new, also after a crash: temporary file
// beside it, fsync, rename, fsync of the folder. Mode 0600 unless told.
Finished WriteFile(const fs::path& path, Bytes content, unsigned mode = 0600);
Finished WriteFile(const fs::path& path, std::string_view text,
                   unsigned mode = 0600);

// The same for a file that must not be there yet: kHostExists.
Finished WriteNewFile(const fs::path& path, Bytes content,
                      unsigned mode = 0600);

// Makes it and its parents; the last one gets 0700.
Finished MakeFolder(const fs::path& path);

// Held by one process at a time, until destroyed or the process ends.
class FileLock {
 public:
  // kHostInUse if another process holds it; `who` goes into the words.
  static Outcome<FileLock> Take(const fs::path& path, std::string_view who);
  // The same, but waits up to `seconds` for it.
  static Outcome<FileLock> Wait(const fs::path& path, std::string_view who,
                                int seconds);
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace cai::host
