// NS changes what it gave while the SPE reads it, and returns to where it was
// never called from.
#include <algorithm>
#include <array>
#include <cstring>

#include "device/images/memory_map.h"
#include "device/tests/ns/interrupt.h"
#include "device/tests/ns/tap.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

namespace cai::test {
namespace {

std::array<std::uint8_t, 64> input, output;
psa_invec in_vector;
psa_outvec out_vector;

// What the interrupt does: other bytes, and vectors that point into the SPE.
void ChangeEverything() {
  input.fill(0x22);
  // Safety: never followed by NS; the SPE must not, either.
  in_vector.base = reinterpret_cast<void*>(memory::kSpmRam.base);
  in_vector.len = 4096;
  out_vector.base = reinterpret_cast<void*>(memory::kSecureData.base);
}

bool AllAre(std::uint8_t value) {
  return std::ranges::all_of(output, [=](auto b) { return b == value; });
}

// The interrupt at every instruction of a call: the SPE works on the bytes and
// vectors as they were at one moment, or the call is refused as a whole.
CAI_DEVICE_SCENARIO(Race, InputsAndVectorsAreReadOnce) {
  static std::uint32_t old_bytes, new_bytes, refused, wrong;
  RunAsThread([] {
    for (std::uint32_t delay = 20; delay < 2600; ++delay) {
      input.fill(0x11);
      output.fill(0);
      in_vector = {input.data(), input.size()};
      out_vector = {output.data(), output.size()};
      InterruptAfter(delay, ChangeEverything);
      const psa_status_t status =
          psa_call(CAI_PSA_HANDLE(kSid), static_cast<std::int32_t>(Op::kEcho),
                   &in_vector, 1, &out_vector, 1);
      WaitForInterrupt();
      if (status == PSA_ERROR_PROGRAMMER_ERROR ||
          status == PSA_ERROR_INSUFFICIENT_MEMORY)
        ++(AllAre(0) ? refused : wrong);
      else if (status == PSA_SUCCESS && AllAre(0x11))
        ++old_bytes;
      else if (status == PSA_SUCCESS && AllAre(0x22))
        ++new_bytes;
      else
        ++wrong;
    }
  });
  EXPECT(wrong == 0);
  EXPECT(old_bytes != 0 && refused != 0);
  tap::Note("calls on the old bytes", old_bytes);
  tap::Note("calls on the new bytes", new_bytes);
  tap::Note("calls refused", refused);
}

// ---- Returns that nobody called
// ----------------------------------------------

void BranchTo(std::uint32_t value) { __asm__ volatile("bx %0" ::"r"(value)); }

// In thread mode an EXC_RETURN is an address that cannot be executed.
CAI_DEVICE_TEST(Forged, ExceptionReturnFromAThreadFaults) {
  for (const std::uint32_t value :
       {0xFFFFFFFDu, 0xFFFFFFF9u, 0xFFFFFFF1u, 0xFFFFFFEDu})
    EXPECT(tap::Faults(BranchTo, value));
}

// FNC_RETURN pops the secure stack, where only the seal lies.
CAI_DEVICE_TEST(Forged, FunctionReturnFaults) {
  EXPECT(tap::Faults(BranchTo, 0xFEFFFFFF));
}

// From a handler, into the secure world's threads: there is none to return to,
// and the machine starts again.
CAI_DEVICE_SCENARIO(Forged, SecureExceptionReturnFromAHandlerResets) {
  InterruptAfter(1000, [] { BranchTo(0xFFFFFFFD); });
  WaitForInterrupt();
  EXPECT(false);
}

}  // namespace
}  // namespace cai::test
