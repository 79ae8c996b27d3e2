#include "device/partitions/sensor/clock.h"
#include "device/partitions/sensor/i2c.h"
#include "device/partitions/sensor/sensors.h"

namespace cai::sensor {
namespace {

// Registers 0..6: seconds, minutes, hours, weekday, day, month, year; read in
// one transfer, which the device takes from one moment.
enum Field { kSeconds, kMinutes, kHours, kWeekday, kDay, kMonth, kYear };
constexpr std::byte kHalted{0x80};      // of seconds
constexpr std::byte kTwelveHour{0x40};  // of hours

constexpr std::uint32_t kNoDigit = 100;

// Two binary-coded digits, or kNoDigit.
std::uint32_t Digits(std::byte bcd) {
  const auto value = std::to_integer<std::uint32_t>(bcd);
  const std::uint32_t tens = value >> 4, ones = value & 15;
  return tens > 9 || ones > 9 ? kNoDigit : tens * 10 + ones;
}

}  // namespace

Result<std::uint64_t> ReadClock() {
  ByteArray<7> raw;
  CAI_TRY(ReadRegister(kDs1338, kSeconds, raw));
  if ((raw[kSeconds] & kHalted) != std::byte{0} ||
      (raw[kHours] & kTwelveHour) != std::byte{0})
    return Error::kSensorBadValue;
  const std::uint32_t seconds = Digits(raw[kSeconds]);
  const std::uint32_t minutes = Digits(raw[kMinutes]);
  const std::uint32_t hours = Digits(raw[kHours]);
  const std::uint32_t day = Digits(raw[kDay]);
  const std::uint32_t month = Digits(raw[kMonth]);
  const std::uint32_t year = Digits(raw[kYear]);
  if (seconds > 59 || minutes > 59 || hours > 23 || day < 1 || day > 31 ||
      month < 1 || month > 12 || year > 99)
    return Error::kSensorBadValue;
  const std::uint64_t days = DaysFromEpoch(2000 + year, month, day);
  return days * 86400 + hours * 3600 + minutes * 60 + seconds;
}

}  // namespace cai::sensor
