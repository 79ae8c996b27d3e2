// What a device's OTP can only ever do once: lifecycle and revoked keys.
#pragma once

#include <string_view>

#include "device/nv/lifecycle.h"
#include "host/device/device.h"

namespace cai::device {

// "secured", ...; empty for none.
std::string_view LifecycleName(nv::Lifecycle state);
host::Outcome<nv::Lifecycle> FindLifecycle(std::string_view name);

host::Outcome<nv::Lifecycle> ReadLifecycle(const Device& device);

// kBootTransition, with the states that it can go to as a hint.
host::Finished ChangeLifecycle(const Device& device, nv::Lifecycle to);

// For ever. `image` is image::kSecureImage or kNonSecureImage, `hash` the
// SHA-256 of the key's DER form.
host::Finished RevokeKey(const Device& device, std::uint32_t image,
                         std::span<const std::byte, 32> hash);

}  // namespace cai::device
