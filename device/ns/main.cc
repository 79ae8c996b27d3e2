// The non-secure application. One loop: do all there is to do, then sleep until
// an interrupt or the next deadline.
#include <algorithm>

#include "device/images/memory_map.h"
#include "device/ns/app.h"
#include "device/ns/log.h"
#include "device/ns/net/network.h"
#include "device/ns/platform/clock.h"
#include "device/ns/platform/cpu.h"
#include "device/ns/platform/uart.h"
#include "device/ns/shell/shell.h"
#include "psa/crypto.h"

namespace cai::ns {
namespace {

App app;
Shell shell(app);

// Nothing may come between the last look and the sleep, so interrupts are
// masked; a pending one wakes all the same.
void Sleep(std::uint64_t now_ms) {
  const std::uint64_t deadline = app.Deadline();
  std::uint64_t ms = deadline > now_ms ? deadline - now_ms : 0;
  ms = std::min<std::uint64_t>(ms, network::SleepMs());
  (void)uart::Flush();
  DisableInterrupts();
  if (ms == 0 || network::Pending() || uart::InputPending())
    return EnableInterrupts();
  clock::SleepMasked(ms);
}

[[noreturn]] void Loop() {
  while (true) {
    network::Poll();
    shell.Advance();
    const std::uint64_t now = clock::NowMs();
    if (!app.Advance(now)) Sleep(now);
  }
}

}  // namespace
}  // namespace cai::ns

extern "C" void cai_ns_Main() {
  using namespace cai::ns;
  uart::Start();
  clock::Start();
  Log(LogLevel::kInfo, "boot",
      Text() << "confidential-ai, " << cai::memory::kBoardName);
  const psa_status_t crypto = psa_crypto_init();
  if (crypto != PSA_SUCCESS)
    Log(LogLevel::kError, "boot", Text() << "psa_crypto_init: " << crypto);
  StartTls();
  if (!network::Start().ok())
    Log(LogLevel::kError, "net", Text() << "no Ethernet controller");
  Loop();
}

// A fault in this world restarts the device: a device that hangs helps nobody.
extern "C" void cai_ns_Fault(std::uint32_t number, const std::uint32_t* frame) {
  using namespace cai::ns;
  Text text;
  text << "fault " << number << " at ";
  Log(LogLevel::kError, "fault", text.Hex32(frame[6]));
  for (int i = 0; i < 1'000'000 && !uart::Flush(); ++i) {
  }
  SystemReset();
}

extern "C" void cai_ns_LwipAssert(const char* what) {
  using namespace cai::ns;
  Log(LogLevel::kError, "lwip", Text() << what);
  for (int i = 0; i < 1'000'000 && !uart::Flush(); ++i) {
  }
  SystemReset();
}
