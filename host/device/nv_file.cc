#include "host/device/nv_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "device/nv/layout.h"

namespace cai::device {
namespace {

std::byte*& Current() {
  static std::byte* memory = nullptr;
  return memory;
}

host::Problem Failed(const host::fs::path& path, int why) {
  const std::string hint = why == ENOSPC ? "free some disk space" : "";
  return {Error::kHostIo, path.string() + ": " + std::strerror(why), hint};
}

class File {
 public:
  File(const host::fs::path& path, int flags)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

host::Outcome<std::byte*> Map(int fd, const host::fs::path& path,
                              const Board& board) {
  void* const memory =
      mmap(nullptr, nv::kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
           static_cast<off_t>(board.nv_offset));
  if (memory == MAP_FAILED) return Failed(path, errno);
  return static_cast<std::byte*>(memory);
}

// Allocated first: a full disk is then an error here, not a signal later.
host::Finished Allocate(int fd, const host::fs::path& path,
                        const Board& board) {
  if (ftruncate(fd, static_cast<off_t>(board.nv_file_size)) != 0)
    return Failed(path, errno);
  const int why =
      posix_fallocate(fd, static_cast<off_t>(board.nv_offset), nv::kSize);
  if (why != 0) return Failed(path, why);
  return kDone;
}

}  // namespace

host::Finished NvFile::Create(const host::fs::path& path, const Board& board) {
  const File file(path, O_RDWR | O_CREAT | O_EXCL);
  if (file.get() < 0) return Failed(path, errno);
  CAI_TRY(Allocate(file.get(), path, board));
  CAI_TRY_ASSIGN(std::byte* const memory, Map(file.get(), path, board));
  std::memset(memory, 0xFF, nv::kSize);
  munmap(memory, nv::kSize);
  if (fsync(file.get()) != 0) return Failed(path, errno);
  return kDone;
}

host::Outcome<NvFile> NvFile::Open(const host::fs::path& path,
                                   const Board& board) {
  const File file(path, O_RDWR);
  if (file.get() < 0) return Failed(path, errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return Failed(path, errno);
  if (static_cast<std::uint64_t>(status.st_size) != board.nv_file_size)
    return host::Problem(Error::kHostDamaged,
                         path.string() + " has a wrong size",
                         "remove the device's folder and make it anew");
  // A file that was copied sparsely could still meet a full disk.
  CAI_TRY(Allocate(file.get(), path, board));
  CAI_TRY_ASSIGN(std::byte* const memory, Map(file.get(), path, board));
  return NvFile(memory);
}

NvFile::NvFile(std::byte* memory) : memory_(memory) { Current() = memory; }

NvFile::~NvFile() {
  if (memory_ == nullptr) return;
  munmap(memory_, nv::kSize);
  Current() = nullptr;
}

host::Finished NvFile::Sync() {
  if (msync(memory_, nv::kSize, MS_SYNC) != 0)
    return host::Problem(Error::kHostIo, "writing the device's flash");
  return kDone;
}

}  // namespace cai::device

namespace cai::platform {

Bytes NvMemory() {
  const std::byte* const memory = device::Current();
  return {memory, memory == nullptr ? 0 : nv::kSize};
}

Status StoreNv(std::uint32_t offset, Bytes data) {
  if (device::Current() == nullptr) return Error::kFlashPowerLost;
  std::memcpy(device::Current() + offset, data.data(), data.size());
  return kDone;
}

Status EraseNv(std::uint32_t offset, std::uint32_t size) {
  if (device::Current() == nullptr) return Error::kFlashPowerLost;
  std::memset(device::Current() + offset, 0xFF, size);
  return kDone;
}

}  // namespace cai::platform
