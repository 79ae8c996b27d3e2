// A device's NV memory as the file that QEMU maps: on the host the memory
// behind the flash driver of device/nv, so that making and installing obey the
// same rules as the device.
#pragma once

#include "device/platform/nv_memory.h"
#include "host/common/file.h"
#include "host/device/boards.h"

namespace cai::device {

// One at a time in a process: while it lives, nv::Program() and the like work
// on this file. The caller holds the device's lock.
class NvFile {
 public:
  // A new file, 0600, NV erased and allocated on disk; the rest is sparse.
  static host::Finished Create(const host::fs::path& path, const Board& board);

  // kHostDamaged if its size is not the board's.
  static host::Outcome<NvFile> Open(const host::fs::path& path,
                                    const Board& board);
  NvFile(NvFile&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)) {}
  NvFile& operator=(NvFile&&) = delete;
  ~NvFile();

  // Everything so far is on disk.
  host::Finished Sync();

 private:
  explicit NvFile(std::byte* memory);
  std::byte* memory_;
};

}  // namespace cai::device
