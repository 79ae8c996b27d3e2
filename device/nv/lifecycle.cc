#include "device/nv/lifecycle.h"

#include "device/nv/counters.h"

namespace cai::nv {
namespace {

constexpr std::uint32_t Digit(Lifecycle state) {
  return static_cast<std::uint32_t>(state) >> 12;
}

// The states that one can go to, as bits 1..6, by the state that one is in.
constexpr std::uint32_t To(Lifecycle state) { return 1u << Digit(state); }
constexpr std::uint32_t kAllowed[] = {
    0,
    To(Lifecycle::kPsaRotProvisioning) | To(Lifecycle::kDecommissioned),
    To(Lifecycle::kSecured) | To(Lifecycle::kDecommissioned),
    To(Lifecycle::kNonPsaRotDebug) | To(Lifecycle::kRecoverablePsaRotDebug) |
        To(Lifecycle::kDecommissioned),
    To(Lifecycle::kDecommissioned),
    To(Lifecycle::kDecommissioned),
    0,
};

}  // namespace

Result<Lifecycle> ReadLifecycle() {
  CAI_TRY_ASSIGN(std::uint32_t digit, ReadCounter(Counter::kLifecycle));
  if (digit == 0) digit = Digit(Lifecycle::kAssemblyAndTest);
  if (digit > Digit(Lifecycle::kDecommissioned)) return Error::kBootOtpDamaged;
  return static_cast<Lifecycle>(digit << 12);
}

Status ChangeLifecycle(Lifecycle to) {
  CAI_TRY_ASSIGN(const Lifecycle from, ReadLifecycle());
  if (from == to) return kDone;
  if ((kAllowed[Digit(from)] & To(to)) == 0) return Error::kBootTransition;
  return AdvanceCounter(Counter::kLifecycle, Digit(to));
}

}  // namespace cai::nv
