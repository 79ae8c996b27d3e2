// Who may sign an image: the keys in OTP, less those that were revoked, and in
// some lifecycle states the debug keys.
#pragma once

#include "device/boot/slots.h"
#include "device/nv/lifecycle.h"
#include "device/nv/otp.h"

namespace cai::boot {

struct Signers {
  const otp::HashList* keys;
  std::uint32_t revoked;  // bit n: keys->items()[n]
  const otp::HashList* debug;
  bool debug_allowed;
};

// For image 0 or 1. Debug keys count for both images before the device is
// secured and in recoverable debug, for the non-secure one also in
// non-PSA-RoT debug: never on a secured device.
Result<Signers> SignersOf(std::uint32_t image, const otp::Page& page,
                          nv::Lifecycle lifecycle);

// The entry that is `hash` and counts: kImageKeyUnknown, kImageKeyRevoked,
// kImageDebugKey. Lives as long as the page.
Result<const ByteArray<32>*> FindSigner(const Signers& signers,
                                        std::span<const std::byte, 32> hash);

// For ever. kImageKeyUnknown if it is none of that image's, kBootLastKey if no
// other is left; kDone if it is revoked already.
Status RevokeKey(std::uint32_t image, const otp::Page& page,
                 std::span<const std::byte, 32> hash);

}  // namespace cai::boot
