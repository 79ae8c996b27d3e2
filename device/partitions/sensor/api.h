// What the sensor partition tells its callers (spm::SensorOp).
#pragma once

#include <cstdint>
#include <type_traits>

namespace cai::sensor {

// Bits of SensorSample::present and of kPresent's answer.
constexpr std::uint32_t kHasTemperature = 1u << 0;  // tmp105
constexpr std::uint32_t kHasMagnetic = 1u << 1;     // lsm303dlhc magnetometer
constexpr std::uint32_t kHasClock = 1u << 2;        // ds1338 or PL031

// One reading of all sensors (SensorOp::kRead). A sensor that did not answer
// has its bit clear in `present` and its fields zero: they are then no values,
// and a caller that needs them refuses. If none answers, the call fails.
struct SensorSample {
  std::int32_t temperature_milli_c;  // -55000..127937, in steps of 62.5
  std::int32_t magnetic_nt[3];       // x, y, z in nanotesla
  std::uint32_t present;             // kHasTemperature | kHasMagnetic
};
static_assert(sizeof(SensorSample) == 20);
static_assert(std::has_unique_object_representations_v<SensorSample>);

// How a call fails (psa/error.h):
//   PSA_ERROR_DOES_NOT_EXIST    no sensor (or clock) answers its address
//   PSA_ERROR_HARDWARE_FAILURE  the bus is stuck, or a transfer broke off
//   PSA_ERROR_DATA_CORRUPT      the device answered nonsense (a clock's digits
//                               that are no time)
//   PSA_ERROR_BUFFER_TOO_SMALL, PSA_ERROR_NOT_SUPPORTED, as everywhere

}  // namespace cai::sensor
