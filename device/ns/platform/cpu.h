// The few instructions and system registers that the NS platform code uses
// (Armv8-M Architecture Reference Manual, DDI 0553).
#pragma once

#include <cstdint>

namespace cai::ns {

// Safety: each address below is a device register of NS's own world, and every
// access is one 32-bit volatile load or store.
inline volatile std::uint32_t& Register(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

// Safety: no operands, no memory but what the clobber names.
inline void DisableInterrupts() { asm volatile("cpsid i" ::: "memory"); }
inline void EnableInterrupts() { asm volatile("cpsie i" ::: "memory"); }
inline void WaitForInterrupt() { asm volatile("dsb\n\twfi" ::: "memory"); }

inline void EnableIrq(int number) {
  Register(0xE000E100 + 4 * (static_cast<unsigned>(number) / 32)) =
      1u << (static_cast<unsigned>(number) % 32);
}

[[noreturn]] inline void SystemReset() {
  Register(0xE000ED0C) = 0x05FA0004;  // AIRCR.SYSRESETREQ
  while (true) WaitForInterrupt();
}

}  // namespace cai::ns
