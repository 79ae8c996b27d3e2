#include "host/common/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace cai::host {
namespace {

Problem Failed(const fs::path& path) {
  const int why = errno;
  const std::string words = path.string() + ": " + std::strerror(why);
  if (why == ENOENT) return {Error::kHostNotFound, words};
  if (why == ENOSPC) return {Error::kHostIo, words, "free some disk space"};
  if (why == EACCES || why == EPERM)
    return {Error::kHostIo, words, "check the owner and mode of the folder"};
  return {Error::kHostIo, words};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

bool WriteAll(int fd, Bytes content) {
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// What fails is said of the file that was asked for.
Finished WriteTemporary(const fs::path& temporary, const fs::path& path,
                        Bytes content, unsigned mode) {
  const Descriptor file(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.get() < 0) return Failed(path);
  if (fchmod(file.get(), mode) != 0 || !WriteAll(file.get(), content) ||
      fsync(file.get()) != 0) {
    const Problem problem = Failed(path);
    unlink(temporary.c_str());
    return problem;
  }
  return kDone;
}

// The process id keeps two writers' temporaries apart; one that a crash left
// behind goes.
fs::path TemporaryOf(const fs::path& path) {
  const fs::path temporary = path.string() + ".new." + std::to_string(getpid());
  unlink(temporary.c_str());
  return temporary;
}

void SyncFolder(const fs::path& folder) {
  const Descriptor fd(open(folder.empty() ? "." : folder.c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) fsync(fd.get());
}

}  // namespace

Outcome<Blob> ReadFile(const fs::path& path, std::size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed(path);
  Blob content;
  ByteArray<16384> buffer;
  for (;;) {
    const ssize_t n = read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed(path);
    if (n == 0) return content;
    if (content.size() + static_cast<std::size_t>(n) > limit)
      return Problem(Error::kHostTooLarge, path.string());
    content.insert(content.end(), buffer.begin(), buffer.begin() + n);
  }
}

Outcome<std::string> ReadText(const fs::path& path, std::size_t limit) {
  CAI_TRY_ASSIGN(const Blob content, ReadFile(path, limit));
  return std::string(AsText(content));
}

Finished WriteNewFile(const fs::path& path, Bytes content, unsigned mode) {
  const fs::path temporary = TemporaryOf(path);
  CAI_TRY(WriteTemporary(temporary, path, content, mode));
  // Unlike rename, link replaces nothing.
  const int linked = link(temporary.c_str(), path.c_str());
  const int why = errno;
  unlink(temporary.c_str());
  errno = why;
  if (linked != 0 && why == EEXIST)
    return Problem(
        Error::kHostExists, path.string(),
        "nothing is overwritten: move it away, or name another file");
  if (linked != 0) return Failed(path);
  SyncFolder(path.parent_path());
  return kDone;
}

Finished WriteFile(const fs::path& path, Bytes content, unsigned mode) {
  const fs::path temporary = TemporaryOf(path);
  CAI_TRY(WriteTemporary(temporary, path, content, mode));
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const Problem problem = Failed(path);
    unlink(temporary.c_str());
    return problem;
  }
  SyncFolder(path.parent_path());
  return kDone;
}

Finished WriteFile(const fs::path& path, std::string_view text, unsigned mode) {
  return WriteFile(path, AsBytes(text), mode);
}

Finished MakeFolder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return Failed(path);
  if (!fs::is_directory(path, error))
    return Problem(Error::kHostIo, path.string() + " is not a folder");
  return kDone;
}

Outcome<FileLock> FileLock::Take(const fs::path& path, std::string_view who) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return Failed(path);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return Problem(Error::kHostInUse,
                   std::string(who) + " (lock " + path.string() + ")",
                   "stop the other instance, or give another --state folder");
  return FileLock(file.release());
}

Outcome<FileLock> FileLock::Wait(const fs::path& path, std::string_view who,
                                 int seconds) {
  for (int tries = seconds * 20;; --tries) {
    auto lock = Take(path, who);
    if (lock.ok() || lock.error().error != Error::kHostInUse || tries <= 0)
      return lock;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace cai::host
