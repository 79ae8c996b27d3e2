// The board's NV memory where it is mapped (device.md, 2): file-backed RAM of
// QEMU, secure.
#include <cstring>

#include "device/images/memory_map.h"
#include "device/nv/layout.h"
#include "device/platform/nv_memory.h"

namespace cai::platform {
namespace {

static_assert(memory::kNv.size == nv::kSize);

// Safety: the board's memory map; secure code alone reaches it.
std::byte* Base() { return reinterpret_cast<std::byte*>(memory::kNv.base); }

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
