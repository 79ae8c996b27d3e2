// The devices on the bus, as quantities. No made-up values: what cannot be read
// is an error.
#pragma once

#include <cstdint>

#include "device/partitions/sensor/api.h"
#include "lib/base/result.h"

namespace cai::sensor {

constexpr std::uint8_t kTmp105 = 0x48;
constexpr std::uint8_t kMagnetometer = 0x1e;  // of the LSM303DLHC
constexpr std::uint8_t kDs1338 = 0x68;

// Whatever answers, with its bits in `present`; an error if nothing does (the
// graver one, if the two fail differently).
Result<SensorSample> ReadSample();

// Thousandths of a degree Celsius, from a TMP105 at 12 bits (1/16 degree).
Result<std::int32_t> ReadTemperature();

// Nanotesla: x, y, z, at a full scale of +-1.3 gauss (130 uT; beyond about
// 186 uT the chip says overflow, which is an error).
Status ReadMagnetic(std::int32_t (&nanotesla)[3]);

// Bits of api.h, by who acknowledges its address.
std::uint32_t Present();

}  // namespace cai::sensor
