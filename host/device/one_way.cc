#include "host/device/one_way.h"

#include "device/boot/signers.h"
#include "device/nv/otp.h"
#include "host/device/nv_file.h"
#include "lib/base/secret.h"

namespace cai::device {
namespace {

using host::Problem;
using nv::Lifecycle;

constexpr std::pair<Lifecycle, std::string_view> kNames[] = {
    {Lifecycle::kAssemblyAndTest, "assembly-and-test"},
    {Lifecycle::kPsaRotProvisioning, "provisioning"},
    {Lifecycle::kSecured, "secured"},
    {Lifecycle::kNonPsaRotDebug, "non-psa-rot-debug"},
    {Lifecycle::kRecoverablePsaRotDebug, "recoverable-debug"},
    {Lifecycle::kDecommissioned, "decommissioned"}};

// The device's flash for `work`, under its lock.
template <typename Work>
auto WithFlash(const Device& device, Work work) -> decltype(work()) {
  CAI_TRY_ASSIGN(const auto lock, device.Lock());
  CAI_TRY_ASSIGN(NvFile file, NvFile::Open(device.nv(), device.board()));
  auto done = work();
  CAI_TRY(file.Sync());
  return done;
}

}  // namespace

std::string_view LifecycleName(Lifecycle state) {
  for (const auto& [value, name] : kNames)
    if (value == state) return name;
  return "";
}

host::Outcome<Lifecycle> FindLifecycle(std::string_view name) {
  std::string all;
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  return Problem(Error::kHostUsage, "lifecycle " + std::string(name), all);
}

host::Outcome<Lifecycle> ReadLifecycle(const Device& device) {
  return WithFlash(device, []() -> host::Outcome<Lifecycle> {
    const auto state = nv::ReadLifecycle();
    if (!state.ok()) return Problem(state.error(), "the device's lifecycle");
    return *state;
  });
}

host::Finished ChangeLifecycle(const Device& device, Lifecycle to) {
  return WithFlash(device, [&]() -> host::Finished {
    const Status changed = nv::ChangeLifecycle(to);
    if (changed.ok()) return kDone;
    return Problem(changed.error(), std::string(LifecycleName(to)),
                   "secured devices go to a debug state or are decommissioned; "
                   "nothing goes back");
  });
}

host::Finished RevokeKey(const Device& device, std::uint32_t image,
                         std::span<const std::byte, 32> hash) {
  CAI_TRY_ASSIGN(host::Blob bytes,
                 host::ReadFile(device.otp(), otp::kPageSize));
  if (bytes.size() != otp::kPageSize)
    return Problem(Error::kBootOtpDamaged, device.otp().string());
  const auto done = WithFlash(device, [&]() -> host::Finished {
    const auto page = otp::Parse(Bytes(bytes).first<otp::kPageSize>());
    if (!page.ok()) return Problem(page.error(), device.otp().string());
    const Status revoked = boot::RevokeKey(image, *page, hash);
    if (revoked.ok()) return kDone;
    return Problem(revoked.error(), "the image key",
                   revoked.error() == Error::kBootLastKey
                       ? "a device without a key starts no image"
                       : "cai image show names an image's signer");
  });
  Wipe(bytes);
  return done;
}

}  // namespace cai::device
