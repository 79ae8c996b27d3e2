// The MPS boards' SBCon controller: two bits that software moves. The emulated
// bus has no timing, so there are no delays; silicon would want 5 us a phase.
#include "device/images/memory_map.h"
#include "device/partitions/sensor/lines.h"

namespace cai::sensor {
namespace {

constexpr std::uintptr_t kSetOrRead = 0x0;  // write: set bits; read: lines
constexpr std::uintptr_t kClear = 0x4;

// Safety: registers of i2c3, which the manifest maps into this partition.
volatile std::uint32_t& Register(std::uintptr_t offset) {
  return *reinterpret_cast<volatile std::uint32_t*>(memory::kI2c3.base +
                                                    offset);
}

}  // namespace

void Raise(Line line) { Register(kSetOrRead) = line; }
void Pull(Line line) { Register(kClear) = line; }
bool DataIsHigh() { return (Register(kSetOrRead) & kData) != 0; }

}  // namespace cai::sensor
