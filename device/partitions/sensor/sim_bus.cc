#include "device/partitions/sensor/sim_bus.h"

#include <map>

#include "device/partitions/sensor/lines.h"

namespace cai::sensor {
namespace {

enum class Phase { kIdle, kAddress, kRegister, kWrite, kRead };

struct Bus {
  std::map<std::uint8_t, sim::Device> devices;
  bool clock = true, master_data = true, device_data = true;
  Phase phase = Phase::kIdle;
  sim::Device* device = nullptr;
  std::uint8_t pointer = 0;
  int bit = 0;  // of the byte under way; 8 is the acknowledge
  int shift = 0;
  int held = 0;
  int starts = 0;
  bool data() const { return master_data && device_data && held == 0; }
};
Bus bus;

void Start() {
  ++bus.starts;
  bus.phase = Phase::kAddress;
  bus.bit = 0;
  bus.shift = 0;
  bus.device_data = true;
}

// What the device does with a whole byte; whether it acknowledges.
bool Take(std::uint8_t byte) {
  if (bus.phase == Phase::kAddress) {
    const auto found = bus.devices.find(byte >> 1);
    bus.device = found == bus.devices.end() ? nullptr : &found->second;
    if (bus.device == nullptr || !bus.device->present) return false;
    if (bus.device->fail_addresses > 0) {
      --bus.device->fail_addresses;
      return false;
    }
    bus.phase = (byte & 1) != 0 ? Phase::kRead : Phase::kRegister;
    return true;
  }
  if (bus.device->break_after_bytes == 0) {
    bus.device->break_after_bytes = -1;
    return false;
  }
  if (bus.device->break_after_bytes > 0) --bus.device->break_after_bytes;
  if (bus.phase == Phase::kRegister) {
    bus.pointer = static_cast<std::uint8_t>(byte * bus.device->width);
    bus.phase = Phase::kWrite;
  } else {
    bus.device->registers[bus.pointer++] = std::byte{byte};
  }
  return true;
}

void OfferBit() {
  const auto value =
      std::to_integer<unsigned>(bus.device->registers[bus.pointer]);
  bus.device_data = (value >> (7 - bus.bit) & 1) != 0;
}

// The device samples while the clock rises and moves its data when it falls.
void ClockRises() {
  if (bus.held > 0) --bus.held;
  if (bus.phase == Phase::kIdle) return;
  if (bus.bit < 8) {
    bus.shift = bus.shift << 1 | (bus.data() ? 1 : 0);
  } else if (bus.phase == Phase::kRead && bus.shift == -1) {
    ++bus.pointer;  // the master's acknowledge asks for the next
    if (bus.data()) bus.phase = Phase::kIdle;
  }
}

void ClockFalls() {
  if (bus.phase == Phase::kIdle) {
    bus.device_data = true;
    return;
  }
  ++bus.bit;
  if (bus.bit == 8) {
    if (bus.phase == Phase::kRead) {
      bus.shift = -1;  // a byte was given
      bus.device_data = true;
    } else {
      const bool acknowledged = Take(static_cast<std::uint8_t>(bus.shift));
      bus.shift = 0;
      bus.device_data = !acknowledged;
      if (!acknowledged) bus.phase = Phase::kIdle;
    }
    return;
  }
  if (bus.bit == 9) {
    bus.bit = 0;
    bus.shift = 0;
    bus.device_data = true;
  }
  if (bus.phase == Phase::kRead && bus.bit < 8) OfferBit();
}

void Move(Line line, bool high) {
  bool& wire = line == kClock ? bus.clock : bus.master_data;
  if (wire == high) return;
  wire = high;
  if (line == kClock) return high ? ClockRises() : ClockFalls();
  if (!bus.clock) return;
  // Data that moves under a high clock: start, stop. A first falling clock
  // follows each start; it is not a bit's.
  if (high) {
    bus.phase = Phase::kIdle;
  } else {
    Start();
    bus.bit = -1;
  }
}

}  // namespace

void Raise(Line line) { Move(line, true); }
void Pull(Line line) { Move(line, false); }
bool DataIsHigh() { return bus.data(); }

namespace sim {

void Reset() { bus = Bus{}; }
Device& Attach(std::uint8_t address) { return bus.devices[address]; }
void HoldData(int clocks) { bus.held = clocks; }
int starts() { return bus.starts; }

}  // namespace sim
}  // namespace cai::sensor
