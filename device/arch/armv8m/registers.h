// The few system registers of Armv8-M that this firmware touches.
#pragma once

#include <cstdint>

namespace cai::armv8m {

// Safety: all addresses here are registers of the architecture or of a board's
// map, used as 32-bit words only.
inline volatile std::uint32_t& Register(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

constexpr std::uintptr_t kSysTickControl = 0xE000E010;
constexpr std::uintptr_t kSysTickReload = 0xE000E014;
constexpr std::uintptr_t kSysTickValue = 0xE000E018;
constexpr std::uintptr_t kNvicNonSecure = 0xE000E380;  // ITNS0..15
constexpr std::uintptr_t kAircr = 0xE000ED0C;
constexpr std::uintptr_t kShpr1 = 0xE000ED18;  // priorities of 4..7
constexpr std::uintptr_t kShpr2 = 0xE000ED1C;  // of SVCall (top byte)
constexpr std::uintptr_t kShpr3 = 0xE000ED20;  // of PendSV and SysTick
constexpr std::uintptr_t kShcsr = 0xE000ED24;
constexpr std::uintptr_t kShcsrNs = 0xE002ED24;
constexpr std::uintptr_t kCfsr = 0xE000ED28;
constexpr std::uintptr_t kHfsr = 0xE000ED2C;
constexpr std::uintptr_t kMmfar = 0xE000ED34;
constexpr std::uintptr_t kBfar = 0xE000ED38;
constexpr std::uintptr_t kNsacr = 0xE000ED8C;
constexpr std::uintptr_t kMpuControl = 0xE000ED94;
constexpr std::uintptr_t kMpuNumber = 0xE000ED98;
constexpr std::uintptr_t kMpuBase = 0xE000ED9C;
constexpr std::uintptr_t kMpuLimit = 0xE000EDA0;
constexpr std::uintptr_t kMpuAttributes = 0xE000EDC0;  // MAIR0
constexpr std::uintptr_t kSauControl = 0xE000EDD0;
constexpr std::uintptr_t kSauNumber = 0xE000EDD8;
constexpr std::uintptr_t kSauBase = 0xE000EDDC;
constexpr std::uintptr_t kSauLimit = 0xE000EDE0;
constexpr std::uintptr_t kSfsr = 0xE000EDE4;
constexpr std::uintptr_t kVtorNs = 0xE002ED08;

// CFSR
constexpr std::uint32_t kStackErrors = 1u << 4 | 1u << 12 | 1u << 20;
constexpr std::uint32_t kMmfarValid = 1u << 7;
constexpr std::uint32_t kBfarValid = 1u << 15;

// EXC_RETURN
constexpr std::uint32_t kReturnToSecure = 1u << 6;
constexpr std::uint32_t kReturnToThread = 1u << 3;
constexpr std::uint32_t kReturnToProcessStack = 1u << 2;
constexpr std::uint32_t kReturnSecureThreadProcess = 0xFFFFFFFD;

// CONTROL
constexpr std::uint32_t kUnprivileged = 1;
constexpr std::uint32_t kProcessStack = 2;

constexpr std::uint32_t kStackSeal = 0xFEF5EDA5;

inline void Barrier() { __asm__ volatile("dsb\n isb" ::: "memory"); }

}  // namespace cai::armv8m
