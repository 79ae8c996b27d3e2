#include "device/boot/image_loader.h"

#include "device/boot/memory.h"
#include "device/nv/counters.h"
#include "device/nv/flash.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/verify/ecdsa.h"
#include "lib/image/boot_record.h"

namespace cai::boot {
namespace {

// One share a check; together they are HardenedBool::kTrue.
constexpr std::uint32_t kForm = 0x1b8e04d2;
constexpr std::uint32_t kKey = 0x60f5a917;
constexpr std::uint32_t kHash = 0x3d42c86b;
constexpr std::uint32_t kSignature = 0x59a77e30;
constexpr std::uint32_t kSignatureAgain = 0x86d3194e;
constexpr std::uint32_t kCounter =
    HardenedBool::kTrue ^ kForm ^ kKey ^ kHash ^ kSignature ^ kSignatureAgain;

// Shares are given before the branch: behind it the compiler knows that nothing
// speaks against the image, and a flipped branch would be believed.
struct Check {
  const Wanted& wanted;
  const image::Image& image;
  HardenedBool& valid;
};

Status CheckForm(const Check& check) {
  const image::Header& header = check.image.header;
  if (header.flags != image::kFlagRamLoad) return Error::kImageFlags;
  if (header.header_size != image::kHeaderSize) return Error::kImageHeader;
  if (header.load_address != check.wanted.place.link_address)
    return Error::kImageLoadAddress;
  check.valid.Give(kForm);
  return kDone;
}

// The key comes with the image; that it is one of ours, OTP says.
Result<ByteArray<32>> CheckKey(const Check& check) {
  const image::Image& image = check.image;
  if (image.public_key.empty()) return Error::kImageTlvMissing;
  const crypto::Digest signer = crypto::Sha256::Of(image.public_key);
  CAI_TRY_ASSIGN(const ByteArray<32>* const listed,
                 FindSigner(check.wanted.signers, signer));
  if (!image.key_hash.empty() && !Equal(image.key_hash, signer))
    return Error::kImageKeyUnknown;
  check.valid.Give(kKey, Difference(*listed, signer));
  return signer;
}

Result<crypto::Digest> CheckHash(const Check& check) {
  const crypto::Digest digest = crypto::Sha256::Of(check.image.signed_part);
  const std::uint32_t against = Difference(digest, check.image.hash);
  check.valid.Give(kHash, against);
  if (against != 0) return Error::kImageHash;
  return digest;
}

// Over the digest that was computed, not the one that the image claims.
Result<std::uint32_t> Mismatch(const image::Image& image,
                               const crypto::Digest& digest) {
  CAI_TRY_ASSIGN(const auto key, image::DecodePublicKey(image.public_key));
  CAI_TRY_ASSIGN(const auto signature, image::DecodeSignature(image.signature));
  return crypto::verify::Mismatch(key, digest, signature);
}

// Verified twice, from the bytes on.
Status CheckSignature(const Check& check, const crypto::Digest& digest) {
  for (const std::uint32_t share : {kSignature, kSignatureAgain}) {
    CAI_TRY_ASSIGN(const std::uint32_t against, Mismatch(check.image, digest));
    check.valid.Give(share, against);
    if (against != 0) return Error::kImageSignature;
  }
  return kDone;
}

Status CheckRollback(const Check& check) {
  if (!check.image.security_counter) return Error::kImageTlvMissing;
  const std::uint32_t counter = *check.image.security_counter;
  CAI_TRY_ASSIGN(const std::uint32_t floor,
                 nv::ReadCounter(FloorOf(check.wanted.which)));
  check.valid.Give(kCounter, counter < floor);
  if (counter < floor) return Error::kImageRollback;
  return CheckRoomForFloor(check.image, check.wanted.which, floor);
}

// The cheap checks first; everything that they look at is signed.
Result<ByteArray<32>> Verify(const Check& check) {
  CAI_TRY(CheckForm(check));
  CAI_TRY_ASSIGN(const auto signer, CheckKey(check));
  CAI_TRY(CheckRecord(check.image, signer));
  CAI_TRY(CheckRollback(check));
  CAI_TRY_ASSIGN(const crypto::Digest digest, CheckHash(check));
  CAI_TRY(CheckSignature(check, digest));
  return signer;
}

// Nothing of an earlier start stays where code may run.
Result<Bytes> Copy(const ImagePlace& place, Bytes slot) {
  CAI_TRY_ASSIGN(const image::Image found, image::Parse(slot));
  if (found.size > place.memory.size()) return Error::kImageNoRoom;
  const MutableBytes copy = place.memory.first(found.size);
  CopyWords(copy, slot.first(found.size));
  Clear(place.memory.subspan(found.size));
  return Bytes(copy);
}

Result<Loaded> Try(const Wanted& wanted, Bytes slot) {
  CAI_TRY_ASSIGN(const Bytes copy, Copy(wanted.place, slot));
  CAI_TRY_ASSIGN(const image::Image image, image::ParseWhole(copy));
  Loaded loaded{image, {}, slot.first(copy.size()), {}};
  CAI_TRY_ASSIGN(loaded.signer, Verify({wanted, image, loaded.valid}));
  if (!loaded.valid.IsTrue()) return Error::kBootGlitch;
  return loaded;
}

}  // namespace

nv::Counter FloorOf(std::uint32_t which) {
  return which == kSecure ? nv::Counter::kSecureImage
                          : nv::Counter::kNonSecureImage;
}

Status CheckRoomForFloor(const image::Image& image, std::uint32_t which,
                         std::uint32_t floor) {
  if (image.security_counter <= floor) return kDone;
  CAI_TRY_ASSIGN(const std::uint32_t left, nv::RecordsLeft(FloorOf(which)));
  return left == 0 ? Status(Error::kCounterExhausted) : kDone;
}

Status CheckRecord(const image::Image& image, Bytes signer) {
  if (image.boot_record.empty()) return kDone;
  CAI_TRY_ASSIGN(const auto record, image::ParseBootRecord(image.boot_record));
  if (record.type.size() > sizeof(Component::type) ||
      !Equal(record.signer, signer))
    return Error::kImageBootRecord;
  return kDone;
}

Result<Loaded> LoadImage(const Wanted& wanted, const nv::Region& slot) {
  // The trailer's sector is no part of an image.
  CAI_TRY_ASSIGN(const Bytes bytes,
                 nv::View(slot.offset, slot.size - nv::kSectorSize));
  Result<Loaded> loaded = Try(wanted, bytes);
  if (!loaded.ok()) Clear(wanted.place.memory);
  return loaded;
}

Status CheckAgain(const Loaded& loaded) {
  const Bytes copy(loaded.image.signed_part.data(), loaded.image.size);
  if (DifferenceOfWords(copy, loaded.slot) != 0) return Error::kBootCopy;
  if (!loaded.valid.IsTrue()) return Error::kBootGlitch;
  return kDone;
}

}  // namespace cai::boot
