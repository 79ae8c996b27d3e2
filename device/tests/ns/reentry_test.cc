// NS interrupts and NS threads that come while a call into the SPE is open.
#include <array>

#include "device/images/memory_map.h"
#include "device/tests/ns/tap.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

extern "C" {
extern volatile std::uint32_t cai_probe_mode;
void cai_probe_OnProcessStack(void (*function)(), void* top);
void cai_probe_Second();
}

namespace cai::test {
namespace {

constexpr std::uint32_t kInHandler = 1, kInSecondThread = 2;

volatile bool second_done = false;
volatile psa_status_t second_status = 0;
volatile std::uint32_t second_got = 0;

psa_status_t Echo(std::uint32_t sent, std::uint32_t& got) {
  const psa_invec in{&sent, sizeof sent};
  psa_outvec out{&got, sizeof got};
  return psa_call(CAI_PSA_HANDLE(kSid), static_cast<std::int32_t>(Op::kEcho),
                  &in, 1, &out, 1);
}

void FireAfter(std::uint32_t ticks, std::uint32_t mode) {
  // Safety: SysTick_NS.
  auto* const systick = reinterpret_cast<volatile std::uint32_t*>(0xE000E010);
  second_done = false;
  cai_probe_mode = mode;
  systick[1] = ticks;
  systick[2] = 0;
  systick[0] = 7;
}

void WaitForSecond() {
  while (!second_done) {
  }
}

void RunAsThread(void (*body)()) {
  alignas(8) static std::array<std::byte, 4096> stack;
  cai_probe_OnProcessStack(body, stack.data() + stack.size());
}

psa_status_t Spin(std::uint32_t ms) {
  const psa_invec in{&ms, sizeof ms};
  return psa_call(CAI_PSA_HANDLE(kSid), static_cast<std::int32_t>(Op::kSpin),
                  &in, 1, nullptr, 0);
}

constexpr std::uint32_t kAboutFiveMs = 100'000;

CAI_DEVICE_TEST(Reentry, FromAHandlerIsBusy) {
  RunAsThread([] {
    FireAfter(kAboutFiveMs, kInHandler);
    EXPECT(Spin(50) == PSA_SUCCESS);
    EXPECT(second_done && second_status == PSA_ERROR_CONNECTION_BUSY);
    // And with no call open: the SPE is entered from thread mode only.
    FireAfter(1000, kInHandler);
    WaitForSecond();
    EXPECT(second_status == PSA_ERROR_CONNECTION_BUSY);
  });
}

CAI_DEVICE_TEST(Reentry, FromAnotherThreadIsBusyAndTheFirstGoesOn) {
  RunAsThread([] {
    FireAfter(kAboutFiveMs, kInSecondThread);
    EXPECT(Spin(50) == PSA_SUCCESS);
    EXPECT(second_done && second_status == PSA_ERROR_CONNECTION_BUSY);
    std::uint32_t got = 0;
    EXPECT(Echo(77, got) == PSA_SUCCESS && got == 77);
  });
}

// The interrupt at every instruction of a call, entry and way out included.
CAI_DEVICE_SCENARIO(Reentry, IsSafeAtEveryInstruction) {
  static std::uint32_t busy, served, wrong;
  RunAsThread([] {
    for (std::uint32_t delay = 20; delay < 4000; ++delay) {
      std::uint32_t got = 0;
      FireAfter(delay, kInSecondThread);
      const psa_status_t status = Echo(delay, got);
      WaitForSecond();
      if (status != PSA_SUCCESS || got != delay) ++wrong;
      if (second_status == PSA_ERROR_CONNECTION_BUSY) ++busy;
      if (second_status == PSA_SUCCESS && second_got == 0xC0FFEE) ++served;
    }
  });
  EXPECT(wrong == 0);
  EXPECT(busy != 0 && served != 0 && busy + served == 4000 - 20);
  tap::Note("busy", busy);
  tap::Note("served", served);
}

// FPGAIO counts at 20 MHz; at shift 6 that is 1.28 counts an instruction.
CAI_DEVICE_SCENARIO(Cost, OfACall) {
  // Safety: FPGAIO's COUNTER, open to NS in test images.
  const auto* const counter =
      reinterpret_cast<volatile std::uint32_t*>(memory::kFpgaioNs.base + 0x18);
  std::uint32_t got = 0;
  (void)Echo(1, got);
  const std::uint32_t start = *counter;
  const std::uint32_t empty = *counter - start;
  const std::uint32_t before = *counter;
  const psa_status_t bare =
      psa_call(CAI_PSA_HANDLE(kSid), 0, nullptr, 0, nullptr, 0);
  const std::uint32_t bare_ticks = *counter - before - empty;
  const std::uint32_t between = *counter;
  const psa_status_t echoed = Echo(1, got);
  const std::uint32_t echo_ticks = *counter - between - empty;
  EXPECT(bare == PSA_SUCCESS && echoed == PSA_SUCCESS);
  tap::Note("instructions of a call without vectors", bare_ticks * 100 / 128);
  tap::Note("instructions of a call with 4 bytes each way",
            echo_ticks * 100 / 128);
  EXPECT(bare_ticks * 100 / 128 < 2000);
  EXPECT(echo_ticks * 100 / 128 < 4000);
}

}  // namespace
}  // namespace cai::test

extern "C" void cai_probe_Second() {
  using namespace cai::test;
  std::uint32_t got = 0;
  second_status = Echo(0xC0FFEE, got);
  second_got = got;
  second_done = true;
}
