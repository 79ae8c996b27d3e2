// NS interrupts and NS threads that come while a call into the SPE is open.
#include <array>

#include "device/images/memory_map.h"
#include "device/tests/ns/interrupt.h"
#include "device/tests/ns/tap.h"
#include "device/tests/ns/ticks.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

extern "C" {
extern volatile std::uint32_t cai_probe_mode;
extern volatile std::uint32_t cai_probe_interrupted;
void cai_probe_OnProcessStack(void (*function)(), void* top);
void cai_probe_PrepareThread(void (*function)());
void cai_probe_Second();
// The veneer itself, past psa_call's own lock (device/psa/client.c).
psa_status_t cai_psa_CallVeneer(psa_handle_t handle, std::uint32_t control,
                                const psa_invec* in, psa_outvec* out);
}

namespace cai::test {
namespace {

constexpr std::uint32_t kInHandler = 1, kInSecondThread = 2;

volatile bool second_done = false;
void (*volatile second_action)() = nullptr;
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

psa_status_t EchoPastTheLock(std::uint32_t sent, std::uint32_t& got) {
  const psa_invec in{&sent, sizeof sent};
  psa_outvec out{&got, sizeof got};
  return cai_psa_CallVeneer(CAI_PSA_HANDLE(kSid), 0x0101, &in, &out);
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

// The interrupt at every instruction of a call, entry and way out included. The
// second thread is served if and only if the first was not inside the SPE.
CAI_DEVICE_SCENARIO(Reentry, IsSafeAtEveryInstruction) {
  static std::uint32_t busy, served, wrong;
  RunAsThread([] {
    for (std::uint32_t delay = 20; delay < 4000; ++delay) {
      std::uint32_t got = 0;
      FireAfter(delay, kInSecondThread);
      const psa_status_t status = Echo(delay, got);
      WaitForSecond();
      constexpr std::uint32_t kSecure = 1u << 6;  // EXC_RETURN.S
      const bool inside = (cai_probe_interrupted & kSecure) != 0;
      const bool right =
          inside ? second_status == PSA_ERROR_CONNECTION_BUSY
                 : second_status == PSA_SUCCESS && second_got == 0xC0FFEE;
      if (status != PSA_SUCCESS || got != delay || !right) ++wrong;
      ++(inside ? busy : served);
    }
  });
  EXPECT(wrong == 0);
  EXPECT(busy != 0 && served != 0);
  tap::Note("busy", busy);
  tap::Note("served", served);
}

// Two threads that take turns of every length, each calling until it is served.
struct Thread {
  volatile std::uint32_t served, busy, wrong;
};
Thread threads[2];
constexpr std::uint32_t kRounds = 500;

void SetTurn(std::uint32_t ticks) {
  // Safety: SysTick_NS.
  auto* const systick = reinterpret_cast<volatile std::uint32_t*>(0xE000E010);
  systick[1] = ticks;
  systick[0] = ticks == 0 ? 0 : 7;
}

void CallOften(Thread& thread, std::uint32_t seed) {
  std::uint32_t random = seed;
  while (thread.served < kRounds) {
    random = random * 1664525 + 1013904223;
    SetTurn(400 + (random >> 16) % 3000);
    std::uint32_t got = 0;
    const psa_status_t status = Echo(random, got);
    if (status == PSA_SUCCESS && got == random)
      thread.served = thread.served + 1;
    else if (status == PSA_ERROR_CONNECTION_BUSY && got == 0)
      thread.busy = thread.busy + 1;
    else
      thread.wrong = thread.wrong + 1;
  }
}

CAI_DEVICE_SCENARIO(Reentry, TwoThreadsShareTheSpe) {
  RunAsThread([] {
    cai_probe_PrepareThread([] {
      CallOften(threads[1], 2);
      for (;;) {
      }
    });
    cai_probe_mode = 3;
    CallOften(threads[0], 1);
    while (threads[1].served < kRounds && threads[1].wrong == 0) {
    }
    SetTurn(0);
  });
  for (const Thread& thread : threads) {
    EXPECT(thread.served == kRounds && thread.wrong == 0 && thread.busy != 0);
    tap::Note("busy", thread.busy);
  }
}

template <std::size_t kSize>
void EchoBytes() {
  static std::array<std::byte, 64> sent, got;
  const psa_invec in{sent.data(), kSize};
  psa_outvec out{got.data(), kSize};
  constexpr std::size_t kVectors = kSize == 0 ? 0 : 1;
  second_status =
      psa_call(CAI_PSA_HANDLE(kSid), static_cast<std::int32_t>(Op::kEcho), &in,
               kVectors, &out, kVectors);
}

void Measure(const char* words, void (*call)()) {
  call();
  tap::Note(words, InstructionsOf(call));
  EXPECT(second_status == PSA_SUCCESS);
}

CAI_DEVICE_SCENARIO(Cost, OfACall) {
  Measure("cost of psa_call_empty", EchoBytes<0>);
  Measure("cost of psa_call_4", EchoBytes<4>);
  Measure("cost of psa_call_64", EchoBytes<64>);
}

}  // namespace

void RunAsThread(void (*body)()) {
  alignas(8) static std::array<std::byte, 4096> stack;
  cai_probe_OnProcessStack(body, stack.data() + stack.size());
}

void InterruptAfter(std::uint32_t ticks, void (*action)()) {
  second_action = action;
  FireAfter(ticks, kInHandler);
}

void WaitForInterrupt() { WaitForSecond(); }

}  // namespace cai::test

extern "C" void cai_probe_Second() {
  using namespace cai::test;
  std::uint32_t got = 0;
  if (second_action != nullptr)
    second_action();
  else
    second_status = EchoPastTheLock(0xC0FFEE, got);
  second_got = got;
  second_done = true;
}
