#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"
#include "device/platform/uart.h"

namespace cai::platform {
namespace {

constexpr std::uintptr_t kBase = memory::kUart1.base;
constexpr std::uintptr_t kData = kBase + 0x0, kState = kBase + 0x4;
constexpr std::uintptr_t kControl = kBase + 0x8, kDivider = kBase + 0x10;
constexpr std::uint32_t kFull = 1, kTransmit = 1;

}  // namespace

void StartSecureUart() {
  armv8m::Register(kDivider) = 16;  // the least that the device accepts
  armv8m::Register(kControl) = kTransmit;
}

void WriteSecureUart(std::byte b) {
  while ((armv8m::Register(kState) & kFull) != 0) {
  }
  armv8m::Register(kData) = std::to_integer<std::uint32_t>(b);
}

}  // namespace cai::platform
