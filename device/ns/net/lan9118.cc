#include "device/ns/net/lan9118.h"

#include <array>
#include <cstring>

#include "device/images/memory_map.h"
#include "device/ns/platform/cpu.h"
#include "device/ns/platform/interrupts.h"
#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "netif/ethernet.h"

namespace cai::ns::lan9118 {
namespace {

// LAN9118 datasheet, 5.3 (offsets) and 3.12 (transmit commands).
enum Offset : std::uintptr_t {
  kRxData = 0x00,
  kTxData = 0x20,
  kRxStatus = 0x40,
  kTxStatus = 0x48,
  kIrqConfig = 0x54,
  kIrqStatus = 0x58,
  kIrqEnable = 0x5C,
  kByteTest = 0x64,
  kFifoLevels = 0x68,
  kTxConfig = 0x70,
  kHwConfig = 0x74,
  kRxControl = 0x78,
  kRxInfo = 0x7C,
  kTxInfo = 0x80,
  kPower = 0x84,
  kMacCommand = 0xA4,
  kMacData = 0xA8,
};
enum Mac : std::uint32_t { kMacControl = 1, kMacHigh = 2, kMacLow = 3 };

constexpr std::uint32_t kRxLevel = 8;  // RSFL: the status FIFO is not empty
constexpr std::uint32_t kMacBusy = 1u << 31, kMacRead = 1u << 30;
constexpr std::uint32_t kFirst = 1u << 13, kLast = 1u << 12;
constexpr std::uint32_t kRxError = 1u << 15;
constexpr std::size_t kCrcSize = 4, kMaxFrame = 1514;

Counters count{};

volatile std::uint32_t& At(Offset offset) {
  return Register(memory::kLan9118Ns.base + offset);
}

std::uint32_t Read(Offset offset) { return At(offset); }

std::uint32_t ReadMac(Mac index) {
  At(kMacCommand) = kMacBusy | kMacRead | index;
  while (At(kMacCommand) & kMacBusy) {
  }
  return At(kMacData);
}

void WriteMac(Mac index, std::uint32_t value) {
  At(kMacData) = value;
  At(kMacCommand) = kMacBusy | index;
  while (At(kMacCommand) & kMacBusy) {
  }
}

bool Reset() {
  At(kHwConfig) = 1;
  // The chip answers within microseconds; a bound keeps a dead one from
  // hanging the device.
  for (int tries = 0; tries < 100'000; ++tries)
    if (At(kPower) & 1) return At(kByteTest) == 0x87654321;
  return false;
}

void ReadAddress(netif* interface) {
  const std::uint32_t low = ReadMac(kMacLow), high = ReadMac(kMacHigh);
  for (int i = 0; i < 4; ++i)
    interface->hwaddr[i] = static_cast<std::uint8_t>(low >> (8 * i));
  for (int i = 0; i < 2; ++i)
    interface->hwaddr[4 + i] = static_cast<std::uint8_t>(high >> (8 * i));
  interface->hwaddr_len = 6;
}

void Configure() {
  At(kHwConfig) = (5u << 16) | (1u << 20);  // TX FIFO 5 KiB, store and forward
  At(kTxConfig) = 2;
  WriteMac(kMacControl, ReadMac(kMacControl) | (1u << 3) | (1u << 2));
  At(kFifoLevels) = 0;
  At(kIrqConfig) = 0x111;  // enabled, push-pull, active high
  At(kIrqStatus) = 0xFFFFFFFF;
  At(kIrqEnable) = kRxLevel;
  EnableIrq(memory::kLan9118Irq);
}

err_t Send(netif*, pbuf* packet) {
  alignas(4) static std::array<std::uint8_t, kMaxFrame + 2> frame;
  const std::size_t size = packet->tot_len;
  if (size > kMaxFrame) return ERR_VAL;
  if ((At(kTxInfo) & 0xFFFF) < size + 16) return ERR_WOULDBLOCK;
  pbuf_copy_partial(packet, frame.data(), packet->tot_len, 0);

  At(kTxData) = kFirst | kLast | static_cast<std::uint32_t>(size);
  At(kTxData) = static_cast<std::uint32_t>(size << 16 | size);
  for (std::size_t i = 0; i < size; i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, &frame[i], std::min<std::size_t>(4, size - i));
    At(kTxData) = word;
  }
  // The status FIFO holds 128 words and stops sending when full.
  while (At(kTxInfo) & 0x00FF0000) Read(kTxStatus);
  ++count.sent;
  return ERR_OK;
}

// The FIFO gives whole words; the CRC at the end is part of the length.
void Discard(std::size_t words) {
  while (words-- != 0) Read(kRxData);
}

void ReadInto(pbuf* packet, std::size_t size) {
  std::uint16_t at = 0;
  for (std::size_t left = size; left != 0;) {
    const std::uint32_t word = At(kRxData);
    const auto part =
        static_cast<std::uint16_t>(std::min<std::size_t>(4, left));
    pbuf_take_at(packet, &word, part, at);
    at = static_cast<std::uint16_t>(at + part);
    left -= part;
  }
  Discard((size + kCrcSize + 3) / 4 - (size + 3) / 4);
}

pbuf* ReceiveOne() {
  const std::uint32_t status = At(kRxStatus);
  const std::size_t whole = status >> 16 & 0x3FFF;
  const std::size_t words = (whole + 3) / 4;
  pbuf* packet = nullptr;
  if (!(status & kRxError) && whole > kCrcSize && whole <= kMaxFrame + kCrcSize)
    packet = pbuf_alloc(PBUF_RAW, static_cast<std::uint16_t>(whole - kCrcSize),
                        PBUF_POOL);
  if (packet == nullptr) {
    Discard(words);
    ++count.dropped;
    return nullptr;
  }
  ReadInto(packet, whole - kCrcSize);
  ++count.received;
  return packet;
}

}  // namespace

err_t Init(netif* interface) {
  if (!Reset()) return ERR_IF;
  ReadAddress(interface);
  Configure();
  interface->name[0] = 'e';
  interface->name[1] = 'n';
  interface->mtu = 1500;
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
                     NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
  interface->output = etharp_output;
  interface->linkoutput = Send;
  return ERR_OK;
}

void Poll(netif* interface) {
  while (Pending()) {
    pbuf* packet = ReceiveOne();
    if (packet != nullptr && interface->input(packet, interface) != ERR_OK)
      pbuf_free(packet);
  }
  At(kIrqStatus) = kRxLevel;
  At(kIrqEnable) = kRxLevel;
}

bool Pending() { return (At(kRxInfo) >> 16 & 0xFF) != 0; }

const Counters& counters() { return count; }

// Level interrupt: stays low until Poll() has emptied the FIFO.
void Interrupt() { At(kIrqEnable) = 0; }

}  // namespace cai::ns::lan9118
