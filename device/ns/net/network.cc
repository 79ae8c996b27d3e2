#include "device/ns/net/network.h"

#include <cstring>

#include "device/ns/net/lan9118.h"
#include "device/ns/platform/clock.h"
#include "lwip/dhcp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

namespace cai::ns::network {
namespace {

netif interface;

ByteArray<4> Octets(const ip4_addr_t* address) {
  ByteArray<4> out;
  std::memcpy(out.data(), &address->addr, out.size());  // network order
  return out;
}

}  // namespace

Status Start() {
  lwip_init();
  if (netif_add_noaddr(&interface, nullptr, lan9118::Init, ethernet_input) ==
      nullptr)
    return Error::kNsConnection;
  netif_set_default(&interface);
  netif_set_up(&interface);
  if (dhcp_start(&interface) != ERR_OK) return Error::kNsNoMemory;
  return kDone;
}

void Poll() {
  lan9118::Poll(&interface);
  sys_check_timeouts();
}

std::uint32_t SleepMs() { return sys_timeouts_sleeptime(); }

bool Pending() { return lan9118::Pending(); }

bool up() { return dhcp_supplied_address(&interface) != 0; }

State state() {
  State out{};
  std::memcpy(out.mac.data(), interface.hwaddr, out.mac.size());
  out.address = Octets(netif_ip4_addr(&interface));
  out.gateway = Octets(netif_ip4_gw(&interface));
  out.up = up();
  const lan9118::Counters& counters = lan9118::counters();
  out.received = counters.received;
  out.sent = counters.sent;
  out.dropped = counters.dropped;
  return out;
}

}  // namespace cai::ns::network

extern "C" u32_t sys_now() {
  return static_cast<u32_t>(cai::ns::clock::NowMs());
}
