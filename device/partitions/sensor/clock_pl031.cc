#include "device/images/memory_map.h"
#include "device/partitions/sensor/clock.h"

namespace cai::sensor {
namespace {

constexpr std::uintptr_t kData = 0x0;  // RTCDR (DDI 0224, 3.3.1)

}  // namespace

Result<std::uint64_t> ReadClock() {
  // Safety: a register of the PL031, which the manifest maps into this
  // partition. Behind a closed gate it reads 0, which is no time.
  const std::uint32_t seconds =
      *reinterpret_cast<volatile std::uint32_t*>(memory::kPl031.base + kData);
  if (seconds == 0) return Error::kSensorAbsent;
  return std::uint64_t{seconds};
}

}  // namespace cai::sensor
