// The boot loader on a board: memory as the map has it, events on UART1.
#include "device/boot/app/console.h"
#include "device/boot/boot.h"
#include "device/boot/memory.h"
#include "device/images/memory_map.h"
#include "device/platform/trng.h"

extern "C" {
extern const std::byte cai_link_code_start[];
extern const std::byte cai_link_code_end[];
[[noreturn]] void cai_boot_Launch(std::uint32_t vectors);
[[noreturn]] void cai_boot_Main();
[[noreturn]] void cai_boot_Fault();
}

namespace cai::boot {
namespace {

// Safety: every range here comes from the board's memory map and is RAM that
// boot alone uses now.
MutableBytes Memory(const memory::Range& range) {
  return {reinterpret_cast<std::byte*>(range.base), range.size};
}

std::uint32_t Link(const memory::Range& range) {
  return static_cast<std::uint32_t>(range.base);
}

static_assert(memory::kOtpPage.size == otp::kPageSize);
static_assert(memory::kHandoff.size >= sizeof(Handoff));
static_assert(memory::kHandoff.base % alignof(Handoff) == 0);

Board ThisBoard(std::span<std::byte, otp::kSeedSize> seed) {
  return {.otp_page = Memory(memory::kOtpPage).first<otp::kPageSize>(),
          .seed = seed,
          .secure = {Memory(memory::kSecureImage), Link(memory::kSecureImage)},
          .nonsecure = {Memory(memory::kNonsecureCode),
                        Link(memory::kNonsecureCodeNs)},
          .boot_code = {cai_link_code_start, cai_link_code_end},
          // Safety: aligned and large enough (asserted); every bit pattern is
          // a value of the type.
          .handoff = reinterpret_cast<Handoff*>(memory::kHandoff.base)};
}

// QEMU's RAM keeps its content over a reset: what partitions knew before must
// not be there when they start (protocol 1.2).
void WipePartitions() {
  for (const memory::Range& range : {memory::kSecureData, memory::kSpmRam})
    Clear(Memory(range));
}

[[noreturn]] void Halt() {
  // Safety: nothing left to do until power goes.
  for (;;) __asm__ volatile("wfi");
}

}  // namespace
}  // namespace cai::boot

void cai_boot_Main() {
  using namespace cai::boot;
  StartConsole();
  WipePartitions();
  cai::ByteArray<cai::otp::kSeedSize> seed;  // Boot() wipes it
  cai::platform::ReadTrng(seed);
  const auto vectors = Boot(ThisBoard(seed));
  if (!vectors.ok()) Halt();
  cai_boot_Launch(*vectors);
}

void cai_boot_Fault() {
  cai::boot::Note(cai::boot::Step::kHalted, 1, cai::Error::kBootGlitch);
  cai::boot::Halt();
}
