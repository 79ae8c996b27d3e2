// The SMSC LAN9118 Ethernet controller as an lwIP interface. Its interrupt only
// masks itself and wakes the main loop, which drains the FIFO.
#pragma once

#include <cstdint>

#include "lwip/netif.h"

namespace cai::ns::lan9118 {

// netif_add()'s init function: ERR_IF if the chip does not answer.
err_t Init(netif* interface);

// Takes all received frames to lwIP. Call after each wake-up.
void Poll(netif* interface);

// True if frames wait; with interrupts masked, before sleeping.
bool Pending();

struct Counters {
  std::uint32_t received, sent, dropped;
};
const Counters& counters();

}  // namespace cai::ns::lan9118
