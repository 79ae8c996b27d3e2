// Where a device is in its life. One way: the chip never returns to a state
// that it left.
#pragma once

#include <cstdint>

#include "lib/base/result.h"

namespace cai::nv {

// RFC 9783, 4.3.1: the high byte of the word that attestation tells. The
// OTP counter holds the high digit; 0, a blank chip, is the first state.
enum class Lifecycle : std::uint16_t {
  kAssemblyAndTest = 0x1000,
  kPsaRotProvisioning = 0x2000,
  kSecured = 0x3000,
  kNonPsaRotDebug = 0x4000,
  kRecoverablePsaRotDebug = 0x5000,
  kDecommissioned = 0x6000,
};

// kBootOtpDamaged for a value that is no state.
Result<Lifecycle> ReadLifecycle();

// Forward by one state in manufacture; from secured to one of the debug states;
// from anywhere to decommissioned. kBootTransition for every other change,
// kDone if the device is there already. After a cut of power the old or the new
// state stands.
Status ChangeLifecycle(Lifecycle to);

}  // namespace cai::nv
