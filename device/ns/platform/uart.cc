#include "device/ns/platform/uart.h"

#include <array>

#include "device/images/memory_map.h"
#include "device/ns/platform/cpu.h"

namespace cai::ns::uart {
namespace {

// CMSDK APB UART (Arm DDI 0479, 4.3).
constexpr std::uintptr_t kBase = memory::kUart0Ns.base;
constexpr std::uintptr_t kData = kBase, kState = kBase + 4,
                         kControl = kBase + 8, kInterrupt = kBase + 12,
                         kDivider = kBase + 16;
constexpr std::uint32_t kTxFull = 1, kRxFull = 2;
constexpr std::uint32_t kTxInterrupt = 1, kRxInterrupt = 2;
constexpr std::uint32_t kEnable = 0x0B;  // TX, RX, RX interrupt
constexpr std::uint32_t kEnableTxInterrupt = 0x04;

// One writer and one reader each; sizes are powers of two.
std::array<char, 8192> out;
std::uint32_t out_written = 0, out_read = 0;
std::array<char, 256> in;
volatile std::uint32_t in_written = 0, in_read = 0;

bool FlushNow() {
  while (out_read != out_written && !(Register(kState) & kTxFull))
    Register(kData) = static_cast<unsigned char>(out[out_read++ % out.size()]);
  return out_read == out_written;
}

}  // namespace

void Start() {
  Register(kDivider) =
      16;  // the lowest that the UART accepts; QEMU has no baud
  Register(kControl) = kEnable;
  Register(kInterrupt) = kTxInterrupt | kRxInterrupt;
  EnableIrq(memory::kUart0Irq2);  // the combined one
}

bool Write(Bytes bytes) {
  if (bytes.size() > out.size() - (out_written - out_read)) return false;
  for (const char c : AsText(bytes)) out[out_written++ % out.size()] = c;
  Flush();
  return true;
}

// The TX interrupt only wakes; it is on while something is left.
bool Flush() {
  const bool empty = FlushNow();
  Register(kControl) = empty ? kEnable : kEnable | kEnableTxInterrupt;
  return empty;
}

std::optional<char> Read() {
  if (!InputPending()) return std::nullopt;
  const char c = in[in_read % in.size()];
  in_read = in_read + 1;
  return c;
}

bool InputPending() { return in_read != in_written; }

// A full ring drops: a person types, and sees no echo.
void Interrupt() {
  Register(kInterrupt) = kTxInterrupt | kRxInterrupt;
  while (Register(kState) & kRxFull) {
    const auto c = static_cast<char>(Register(kData));
    if (in_written - in_read == in.size()) continue;
    in[in_written % in.size()] = c;
    in_written = in_written + 1;
  }
}

}  // namespace cai::ns::uart
