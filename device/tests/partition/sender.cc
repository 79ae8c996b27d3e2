#include "device/tests/partition/sender.h"

#include "device/images/memory_map.h"

namespace cai::test {
namespace {

volatile bool serving = false;
volatile std::uint32_t to_send = 0;
volatile bool fault = false;
Interrupts seen{};

// CMSDK UART: data, state, control, interrupt status.
volatile std::uint32_t& Uart(std::uint32_t offset) {
  // Safety: the manifest gives this partition UART2.
  return *reinterpret_cast<volatile std::uint32_t*>(memory::kUart2.base +
                                                    offset);
}
constexpr std::uint32_t kData = 0, kControl = 8, kInterrupt = 12, kBaud = 16;
constexpr std::uint32_t kSend = 1, kSendInterrupt = 1u << 2, kSent = 1;

void SendOne() {
  if (to_send == 0) return;
  to_send = to_send - 1;
  Uart(kData) = 0x55;
}

}  // namespace

void Raise(std::uint32_t bytes) {
  serving = true;
  to_send = bytes;
  Uart(kBaud) = 16;
  Uart(kControl) = kSend | kSendInterrupt;
  SendOne();
  // Long enough for a line that is not held back to come in here.
  for (int i = 0; i < 2000; ++i) __asm__ volatile("");
  serving = false;
}

void RaiseAndFault() {
  fault = true;
  Raise(1);
}

const Interrupts& Seen() { return seen; }

}  // namespace cai::test

extern "C" psa_status_t cai_test_Interrupt(std::uint32_t irq) {
  using namespace cai::test;
  if (fault) __asm__ volatile("udf #3");
  Uart(kInterrupt) = kSent;
  ++seen.count;
  seen.irq = irq;
  seen.inside_call += serving ? 1 : 0;
  __asm__ volatile("mrs %0, control" : "=r"(seen.unprivileged));
  SendOne();
  return PSA_SUCCESS;
}
