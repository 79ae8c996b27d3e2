// A bit-banged I2C master for register devices: 7-bit addresses, one-byte
// register numbers. Every transfer is tried a bounded number of times.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::sensor {

constexpr int kTries = 3;

// kSensorAbsent: nobody acknowledged the address. kSensorBusStuck: the data
// wire stays low, or the device broke off in the middle.
Status WriteRegister(std::uint8_t address, std::uint8_t number, Bytes value);
Status ReadRegister(std::uint8_t address, std::uint8_t number,
                    MutableBytes value);

// Whether a device acknowledges the address.
bool Answers(std::uint8_t address);

}  // namespace cai::sensor
