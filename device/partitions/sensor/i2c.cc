#include "device/partitions/sensor/i2c.h"

#include "device/partitions/sensor/lines.h"

namespace cai::sensor {
namespace {

enum Direction : std::uint8_t { kWrite = 0, kRead = 1 };

// Data falls while the clock is high. Also the repeated start.
void Start() {
  Raise(kData);
  Raise(kClock);
  Pull(kData);
  Pull(kClock);
}

// Data rises while the clock is high.
void Stop() {
  Pull(kData);
  Raise(kClock);
  Raise(kData);
}

void SendBit(bool bit) {
  if (bit)
    Raise(kData);
  else
    Pull(kData);
  Raise(kClock);
  Pull(kClock);
}

bool ReceiveBit() {
  Raise(kData);
  Raise(kClock);
  const bool bit = DataIsHigh();
  Pull(kClock);
  return bit;
}

// Whether the device acknowledged.
bool SendByte(std::byte value) {
  for (int bit = 7; bit >= 0; --bit)
    SendBit((value >> bit & std::byte{1}) != std::byte{0});
  return !ReceiveBit();
}

std::byte ReceiveByte(bool more) {
  std::byte value{0};
  for (int bit = 0; bit < 8; ++bit)
    value = value << 1 | std::byte{ReceiveBit()};
  SendBit(!more);  // acknowledge all but the last
  return value;
}

bool SendAddress(std::uint8_t address, Direction direction) {
  return SendByte(std::byte(address << 1 | direction));
}

// A device that lost count mid-byte holds the wire; nine clocks free it
// (UM10204, 3.1.16).
Status FreeTheBus() {
  Raise(kClock);
  Raise(kData);
  for (int clock = 0; clock < 9 && !DataIsHigh(); ++clock) {
    Pull(kClock);
    Raise(kClock);
  }
  if (!DataIsHigh()) return Error::kSensorBusStuck;
  return kDone;
}

// From Start() to just before Stop().
Status SendAll(std::uint8_t address, std::uint8_t number, Bytes value) {
  Start();
  if (!SendAddress(address, kWrite)) return Error::kSensorAbsent;
  if (!SendByte(std::byte{number})) return Error::kSensorBusStuck;
  for (const std::byte b : value)
    if (!SendByte(b)) return Error::kSensorBusStuck;
  return kDone;
}

Status ReceiveAll(std::uint8_t address, std::uint8_t number,
                  MutableBytes value) {
  CAI_TRY(SendAll(address, number, {}));
  Start();
  if (!SendAddress(address, kRead)) return Error::kSensorBusStuck;
  for (std::size_t i = 0; i < value.size(); ++i)
    value[i] = ReceiveByte(i + 1 < value.size());
  return kDone;
}

// `transfer` up to kTries times, each on a free bus and closed by a stop.
template <typename Transfer>
Status Try(Transfer transfer) {
  Status status = Error::kSensorAbsent;
  for (int i = 0; i < kTries && !status.ok(); ++i) {
    status = FreeTheBus();
    if (!status.ok()) continue;
    status = transfer();
    Stop();
  }
  return status;
}

}  // namespace

Status WriteRegister(std::uint8_t address, std::uint8_t number, Bytes value) {
  return Try([&] { return SendAll(address, number, value); });
}

Status ReadRegister(std::uint8_t address, std::uint8_t number,
                    MutableBytes value) {
  return Try([&] { return ReceiveAll(address, number, value); });
}

bool Answers(std::uint8_t address) {
  return Try([&]() -> Status {
           Start();
           if (!SendAddress(address, kWrite)) return Error::kSensorAbsent;
           return kDone;
         })
      .ok();
}

}  // namespace cai::sensor
