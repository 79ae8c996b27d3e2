#include "device/arch/armv8m/bare/bare.h"

#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"

extern "C" std::uint32_t cai_link_stack_limit[];

namespace cai::bare {
namespace {

using armv8m::Register;

constexpr std::uint32_t kSysExitExtended = 0x20, kApplicationExit = 0x20026;
constexpr std::uint32_t kPaint = 0xa5c35a3c;

// CMSDK UART: data, state (bit 0: transmitter full), control, divisor at 0x10.
void Put(char c) {
  const std::uintptr_t uart = memory::kUart0.base;
  if (Register(uart + 8) == 0) {
    Register(uart + 0x10) = 16;
    Register(uart + 8) = 1;
  }
  while ((Register(uart + 4) & 1) != 0) {
  }
  Register(uart) = static_cast<unsigned char>(c);
}

}  // namespace

void Print(std::string_view text) {
  for (const char c : text) Put(c);
}

void Print(std::uint32_t value) {
  char digits[10];
  char* const end = digits + sizeof digits;
  char* at = end;
  do *--at = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  Print(std::string_view(at, end));
}

void Exit(int status) {
  const std::uint32_t block[] = {kApplicationExit,
                                 static_cast<std::uint32_t>(status)};
  register std::uint32_t r0 __asm__("r0") = kSysExitExtended;
  register const void* r1 __asm__("r1") = block;
  // Safety: the semihosting call of the Arm ABI; it does not return.
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  for (;;) {
  }
}

std::uint32_t Ticks() { return Register(memory::kFpgaio.base + 0x18); }

// Paints from the limit up to this frame, runs, and looks how far down the
// paint is gone.
__attribute__((noinline)) std::uint32_t StackOf(void (*run)(void*),
                                                void* argument) {
  auto* const here = static_cast<std::uint32_t*>(__builtin_frame_address(0));
  // Safety: the free part of the stack; what the calls below put there is
  // dead when they return. A margin keeps the loop's own spills out.
  volatile std::uint32_t* const top = here - 16;
  for (volatile std::uint32_t* at = cai_link_stack_limit; at < top; ++at)
    *at = kPaint;
  run(argument);
  const volatile std::uint32_t* low = cai_link_stack_limit;
  while (low < top && *low == kPaint) ++low;
  return static_cast<std::uint32_t>((here - low) * 4);
}

}  // namespace cai::bare

extern "C" void cai_bare_Fault() {
  cai::bare::Print("Bail out! fault\n");
  cai::bare::Exit(70);
}
