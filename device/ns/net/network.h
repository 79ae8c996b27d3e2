// The device's place on the network: the interface, its address by DHCP, and
// lwIP's timers.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::ns::network {

// kNsConnection if the controller does not answer.
Status Start();

// Moves frames and runs timers that are due.
void Poll();

// Milliseconds until a timer is due.
std::uint32_t SleepMs();

// With interrupts masked: true if frames wait.
bool Pending();

bool up();

struct State {
  ByteArray<6> mac;
  ByteArray<4> address, gateway;
  bool up;
  std::uint32_t received, sent, dropped;
};
State state();

}  // namespace cai::ns::network
