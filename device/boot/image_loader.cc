#include "device/boot/image_loader.h"

#include <optional>

#include "device/nv/counters.h"
#include "device/nv/flash.h"
#include "lib/base/secret.h"
#include "lib/crypto/hash.h"

namespace cai::boot {
namespace {

// One share a check; together they are HardenedBool::kTrue.
constexpr std::uint32_t kForm = 0x1b8e04d2;
constexpr std::uint32_t kKey = 0x60f5a917;
constexpr std::uint32_t kHash = 0x3d42c86b;
constexpr std::uint32_t kSignature = 0x59a77e30;
constexpr std::uint32_t kCounter =
    HardenedBool::kTrue ^ kForm ^ kKey ^ kHash ^ kSignature;

// Below this version an image's neighbour does not want to run.
Status CheckDependency(const image::Image& from, std::uint32_t on,
                       const image::Version& has) {
  if (!from.dependency || from.dependency->image != on) return kDone;
  if (has < from.dependency->minimum) return Error::kImageDependency;
  return kDone;
}

// Both images may name the other one. A secure image that no non-secure one
// satisfies is not traded for an older one: boot halts and says so.
Status CheckBeside(const Wanted& wanted, const image::Image& image) {
  if (wanted.beside == nullptr) return kDone;
  CAI_TRY(CheckDependency(image, kSecure, wanted.beside->header.version));
  return CheckDependency(*wanted.beside, kNonSecure, image.header.version);
}

Status CheckForm(const Wanted& wanted, const image::Image& image) {
  const image::Header& header = image.header;
  if (header.flags != image::kFlagRamLoad) return Error::kImageFlags;
  if (header.header_size != image::kHeaderSize) return Error::kImageHeader;
  if (header.load_address != wanted.place.link_address)
    return Error::kImageLoadAddress;
  return CheckBeside(wanted, image);
}

// The key comes with the image; that it is one of ours, OTP says.
Result<ByteArray<32>> FindSigner(const Wanted& wanted,
                                 const image::Image& image) {
  if (image.public_key.empty()) return Error::kImageTlvMissing;
  const crypto::Digest signer = crypto::Sha256::Of(image.public_key);
  if (!wanted.keys->Contains(signer)) return Error::kImageKeyUnknown;
  if (!image.key_hash.empty() && !Equal(image.key_hash, signer))
    return Error::kImageKeyUnknown;
  return signer;
}

Status CheckRollback(const Wanted& wanted, const image::Image& image) {
  if (!image.security_counter) return Error::kImageTlvMissing;
  CAI_TRY_ASSIGN(const std::uint32_t floor, nv::ReadCounter(wanted.counter));
  if (*image.security_counter < floor) return Error::kImageRollback;
  return kDone;
}

Result<Loaded> Verify(const Wanted& wanted, Bytes copy, HardenedBool& valid) {
  CAI_TRY_ASSIGN(const image::Image image, image::ParseWhole(copy));
  CAI_TRY(CheckForm(wanted, image));
  valid.Give(kForm);
  CAI_TRY_ASSIGN(const auto signer, FindSigner(wanted, image));
  valid.Give(kKey);
  CAI_TRY(image::CheckHash(image));
  valid.Give(kHash);
  CAI_TRY_ASSIGN(const auto key, image::DecodePublicKey(image.public_key));
  CAI_TRY(image::CheckSignature(image, key));
  valid.Give(kSignature);
  CAI_TRY(CheckRollback(wanted, image));
  valid.Give(kCounter);
  return Loaded{image, signer};
}

Result<Loaded> Try(const Wanted& wanted, Bytes slot) {
  CAI_TRY_ASSIGN(const image::Image found, image::Parse(slot));
  const MutableBytes place = wanted.place.memory;
  if (found.size > place.size()) return Error::kImageNoRoom;
  const Bytes copy = CopyInto(place, slot.first(found.size));
  // Nothing of an earlier start stays where code may run.
  std::ranges::fill(place.subspan(found.size), std::byte{0});

  HardenedBool valid;
  const Result<Loaded> loaded = Verify(wanted, copy, valid);
  if (!loaded.ok()) return loaded.error();
  if (!valid.IsTrue()) return Error::kBootGlitch;
  return loaded;
}

// Tries one slot; leaves nothing of a refused image where it could run.
std::optional<Loaded> TrySlot(const Wanted& wanted, std::uint32_t slot) {
  const std::uint32_t detail = wanted.which << 8 | slot;
  Note(Step::kCandidate, detail, Error{});
  const nv::Region& region = wanted.slots[slot];
  const Result<Bytes> bytes = nv::View(region.offset, region.size);
  Result<Loaded> loaded = Error::kFlashRange;
  if (bytes.ok()) loaded = Try(wanted, *bytes);
  if (loaded.ok()) {
    Note(Step::kAccepted, detail, Error{});
    return *loaded;
  }
  Wipe(wanted.place.memory);
  Note(Step::kRefused, detail, loaded.error());
  return std::nullopt;
}

// For the order of trying alone: nothing here is verified.
image::Version ClaimedVersion(const nv::Region& slot) {
  const Result<Bytes> bytes = nv::View(slot.offset, slot.size);
  if (!bytes.ok()) return {};
  const auto image = image::Parse(*bytes);
  return image.ok() ? image->header.version : image::Version{};
}

}  // namespace

Result<Loaded> LoadImage(const Wanted& wanted) {
  const bool second_newer =
      ClaimedVersion(wanted.slots[1]) > ClaimedVersion(wanted.slots[0]);
  const std::uint32_t first = second_newer ? 1 : 0;
  for (const std::uint32_t slot : {first, 1 - first})
    if (const auto loaded = TrySlot(wanted, slot)) return *loaded;
  return Error::kBootNoImage;
}

Status CheckAgain(const Loaded& loaded) {
  if (!image::CheckHash(loaded.image).ok()) return Error::kBootCopy;
  return kDone;
}

}  // namespace cai::boot
