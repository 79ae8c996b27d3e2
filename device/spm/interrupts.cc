#include "device/spm/interrupts.h"

#include <algorithm>

#include "device/arch/armv8m/registers.h"
#include "device/spm/faults.h"
#include "device/spm/kernel.h"

namespace cai::spm {
namespace {

using armv8m::Register;

// NVIC: one bit a line, 32 a register; one byte of priority a line.
constexpr std::uintptr_t kSetEnable = 0xE000E100, kClearEnable = 0xE000E180;
constexpr std::uintptr_t kSetPending = 0xE000E200, kClearPending = 0xE000E280;
constexpr std::uintptr_t kPriority = 0xE000E400;
// That of the tick: neither comes while the other is in the kernel.
constexpr std::uint32_t kBelowCalls = 0x40;

void SetBit(std::uintptr_t registers, std::uint32_t irq) {
  Register(registers + 4 * (irq / 32)) = 1u << (irq % 32);
}

std::uint32_t CurrentIrq() {
  std::uint32_t exception;
  __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
  return exception - 16;
}

void TakeInterrupt(Trap& trap, std::uint32_t irq) {
  const auto owner = std::ranges::find(kInterrupts, irq, &Interrupt::irq);
  if (owner == kInterrupts.end()) Die(EventId::kSpmFault, irq);
  SetBit(kClearEnable, irq);
  // A partition cannot be entered twice: the line waits until it is idle.
  if (!EnterInterrupt(trap, owner->partition, irq)) SetBit(kSetPending, irq);
}

}  // namespace

void ConfigureInterrupts() {
  for (const Interrupt& interrupt : kInterrupts) {
    SetBit(kClearEnable, interrupt.irq);
    const std::uint32_t shift = 8 * (interrupt.irq % 4);
    volatile std::uint32_t& word = Register(kPriority + (interrupt.irq & ~3u));
    word = (word & ~(0xFFu << shift)) | kBelowCalls << shift;
  }
}

void AllowInterrupts(std::size_t partition, bool served) {
  for (const Interrupt& interrupt : kInterrupts) {
    if (interrupt.partition != partition) continue;
    // The line was still high when its exception ended, before the partition
    // ran, and so came to be pending once more. If it is high now, the core
    // keeps it so.
    if (served) SetBit(kClearPending, interrupt.irq);
    SetBit(kSetEnable, interrupt.irq);
  }
}

}  // namespace cai::spm

extern "C" void cai_spm_OnInterrupt(cai::spm::Trap* trap, cai::spm::Frame*) {
  cai::spm::TakeInterrupt(*trap, cai::spm::CurrentIrq());
}
