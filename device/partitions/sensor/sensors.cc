#include "device/partitions/sensor/sensors.h"

#include <array>

#include "device/partitions/sensor/clock.h"
#include "device/partitions/sensor/i2c.h"

namespace cai::sensor {
namespace {

// TMP105 (SBOS342).
constexpr std::uint8_t kTemperature = 0;
constexpr std::uint8_t kConfiguration = 1;
constexpr std::byte k12Bits{0x60};

// LSM303DLHC (DocID018771), magnetometer.
constexpr std::uint8_t kCra = 0x00;
constexpr std::byte kMagneticSetup[] = {
    std::byte{0x90},  // CRA: temperature on, 15 Hz
    std::byte{0x20},  // CRB: +-1.3 gauss, 1100 (x, y) and 980 (z) a gauss
    std::byte{0x00},  // MR: continuous
};
constexpr std::uint8_t kOutXHigh = 0x03;  // then x, z, y: high byte first
constexpr std::int32_t kOverflow = -4096;
constexpr std::int32_t kNanoteslaInGauss = 100000;
constexpr std::int32_t kXyInGauss = 1100;
constexpr std::int32_t kZInGauss = 980;

// Set up once; again after an error, since the device may have been replaced.
bool temperature_ready = false;
bool magnetic_ready = false;

std::int32_t Signed16(std::byte high, std::byte low) {
  return static_cast<std::int16_t>(std::to_integer<int>(high) << 8 |
                                   std::to_integer<int>(low));
}

Status SetUpTemperature() {
  if (temperature_ready) return kDone;
  CAI_TRY(WriteRegister(kTmp105, kConfiguration, {&k12Bits, 1}));
  temperature_ready = true;
  return kDone;
}

Status SetUpMagnetic() {
  if (magnetic_ready) return kDone;
  for (std::uint8_t i = 0; i < std::size(kMagneticSetup); ++i)
    CAI_TRY(WriteRegister(kMagnetometer, kCra + i, {&kMagneticSetup[i], 1}));
  magnetic_ready = true;
  return kDone;
}

Result<std::int32_t> TryTemperature() {
  CAI_TRY(SetUpTemperature());
  ByteArray<2> raw;
  CAI_TRY(ReadRegister(kTmp105, kTemperature, raw));
  // Sixteenths of a degree, left-justified: 62.5 thousandths each.
  return (Signed16(raw[0], raw[1]) >> 4) * 125 / 2;
}

Status TryMagnetic(std::int32_t (&nanotesla)[3]) {
  CAI_TRY(SetUpMagnetic());
  ByteArray<6> raw;
  CAI_TRY(ReadRegister(kMagnetometer, kOutXHigh, raw));
  const std::int32_t x = Signed16(raw[0], raw[1]);
  const std::int32_t z = Signed16(raw[2], raw[3]);
  const std::int32_t y = Signed16(raw[4], raw[5]);
  if (x == kOverflow || y == kOverflow || z == kOverflow)
    return Error::kSensorBadValue;
  // |raw| is below 2^15: one factor at a time would overflow 32 bits.
  const auto scale = [](std::int32_t value, std::int32_t in_gauss) {
    return static_cast<std::int32_t>(static_cast<std::int64_t>(value) *
                                     kNanoteslaInGauss / in_gauss);
  };
  nanotesla[0] = scale(x, kXyInGauss);
  nanotesla[1] = scale(y, kXyInGauss);
  nanotesla[2] = scale(z, kZInGauss);
  return kDone;
}

}  // namespace

Result<std::int32_t> ReadTemperature() {
  const auto value = TryTemperature();
  temperature_ready = value.ok();
  return value;
}

Status ReadMagnetic(std::int32_t (&nanotesla)[3]) {
  const Status status = TryMagnetic(nanotesla);
  magnetic_ready = status.ok();
  return status;
}

Result<SensorSample> ReadSample() {
  SensorSample sample{};
  const auto temperature = ReadTemperature();
  if (temperature.ok()) {
    sample.temperature_milli_c = *temperature;
    sample.present |= kHasTemperature;
  }
  const Status magnetic = ReadMagnetic(sample.magnetic_nt);
  if (magnetic.ok()) sample.present |= kHasMagnetic;
  if (sample.present != 0) return sample;
  return temperature.error() == Error::kSensorAbsent ? magnetic.error()
                                                     : temperature.error();
}

std::uint32_t Present() {
  return (Answers(kTmp105) ? kHasTemperature : 0) |
         (Answers(kMagnetometer) ? kHasMagnetic : 0) |
         (ReadClock().ok() ? kHasClock : 0);
}

}  // namespace cai::sensor
