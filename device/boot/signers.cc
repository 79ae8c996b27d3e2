#include "device/boot/signers.h"

#include "device/nv/counters.h"

namespace cai::boot {
namespace {

constexpr nv::Counter kRevoked[kImages] = {nv::Counter::kSecureKeysRevoked,
                                           nv::Counter::kNonSecureKeysRevoked};

const otp::HashList& KeysOf(std::uint32_t image, const otp::Page& page) {
  return image == image::kSecureImage ? page.secure_image_keys
                                      : page.nonsecure_image_keys;
}

bool DebugAllowed(std::uint32_t image, nv::Lifecycle lifecycle) {
  switch (lifecycle) {
    case nv::Lifecycle::kAssemblyAndTest:
    case nv::Lifecycle::kPsaRotProvisioning:
    case nv::Lifecycle::kRecoverablePsaRotDebug:
      return true;
    case nv::Lifecycle::kNonPsaRotDebug:
      return image == image::kNonSecureImage;
    case nv::Lifecycle::kSecured:
    case nv::Lifecycle::kDecommissioned:
      break;
  }
  return false;
}

// Its place in the list, or the list's size.
std::size_t IndexOf(const otp::HashList& list,
                    std::span<const std::byte, 32> hash) {
  std::size_t i = 0;
  while (i < list.size() && !Equal(list.items()[i], hash)) ++i;
  return i;
}

}  // namespace

Result<Signers> SignersOf(std::uint32_t image, const otp::Page& page,
                          nv::Lifecycle lifecycle) {
  CAI_TRY_ASSIGN(const std::uint32_t revoked, nv::ReadCounter(kRevoked[image]));
  return Signers{&KeysOf(image, page), revoked, &page.debug_keys,
                 DebugAllowed(image, lifecycle)};
}

Result<const ByteArray<32>*> FindSigner(const Signers& signers,
                                        std::span<const std::byte, 32> hash) {
  const otp::HashList& keys = *signers.keys;
  const std::size_t i = IndexOf(keys, hash);
  if (i < keys.size()) {
    if ((signers.revoked >> i & 1) != 0) return Error::kImageKeyRevoked;
    return &keys.items()[i];
  }
  const otp::HashList& debug = *signers.debug;
  const std::size_t d = IndexOf(debug, hash);
  if (d == debug.size()) return Error::kImageKeyUnknown;
  if (!signers.debug_allowed) return Error::kImageDebugKey;
  return &debug.items()[d];
}

// Bits are only ever added, so the mask grows as a number: a counter holds it.
Status RevokeKey(std::uint32_t image, const otp::Page& page,
                 std::span<const std::byte, 32> hash) {
  const otp::HashList& keys = KeysOf(image, page);
  const std::size_t i = IndexOf(keys, hash);
  if (i == keys.size()) return Error::kImageKeyUnknown;
  CAI_TRY_ASSIGN(const std::uint32_t before, nv::ReadCounter(kRevoked[image]));
  const std::uint32_t after = before | 1u << i;
  const std::uint32_t all = (1u << keys.size()) - 1;
  if ((after & all) == all) return Error::kBootLastKey;
  return nv::AdvanceCounter(kRevoked[image], after);
}

}  // namespace cai::boot
