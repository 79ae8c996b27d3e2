// The board's NV memory where it is mapped (device.md, 2): file-backed RAM of
// QEMU, secure.
#include <cstring>

#include "device/nv/layout.h"
#include "device/platform/nv_memory.h"

namespace cai::platform {
namespace {

// Safety: the board's memory map; secure code alone reaches it.
std::byte* Base() { return reinterpret_cast<std::byte*>(CAI_NV_BASE); }

}  // namespace

Bytes NvMemory() { return {Base(), nv::kSize}; }

Status StoreNv(std::uint32_t offset, Bytes data) {
  std::memcpy(Base() + offset, data.data(), data.size());
  return kDone;
}

Status EraseNv(std::uint32_t offset, std::uint32_t size) {
  std::memset(Base() + offset, 0xFF, size);
  return kDone;
}

}  // namespace cai::platform
