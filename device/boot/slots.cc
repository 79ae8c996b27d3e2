#include "device/boot/slots.h"

#include "device/nv/flash.h"
#include "lib/image/trailer.h"

namespace cai::boot {
namespace {

using image::TrailerField;

Result<image::Trailer> ReadTrailerOf(const nv::Region& slot) {
  CAI_TRY_ASSIGN(const Bytes bytes, nv::View(slot.offset, slot.size));
  return image::ReadTrailer(bytes);
}

bool IsBlank(Bytes bytes) {
  return std::ranges::all_of(bytes,
                             [](std::byte b) { return b == std::byte{0xFF}; });
}

bool Fit(const Candidate& secure, const Candidate& nonsecure) {
  return Satisfied(secure.dependencies(), secure.version, nonsecure.version) &&
         Satisfied(nonsecure.dependencies(), secure.version, nonsecure.version);
}

bool Better(const Candidates& all, const Pair& a, const Pair& b) {
  const auto& secure = all[image::kSecureImage];
  const auto& nonsecure = all[image::kNonSecureImage];
  if (secure[a.secure]->version != secure[b.secure]->version)
    return secure[a.secure]->version > secure[b.secure]->version;
  if (a.secure != b.secure) return a.secure < b.secure;
  if (nonsecure[a.nonsecure]->version != nonsecure[b.nonsecure]->version)
    return nonsecure[a.nonsecure]->version > nonsecure[b.nonsecure]->version;
  return a.nonsecure < b.nonsecure;
}

}  // namespace

Result<Candidate> Inspect(const nv::Region& slot) {
  CAI_TRY_ASSIGN(const Bytes bytes, nv::View(slot.offset, slot.size));
  const image::Trailer trailer = image::ReadTrailer(bytes);
  if (trailer.released && trailer.tried && !trailer.confirmed) {
    CAI_TRY(EraseSlot(slot));
    return Error::kImageUnconfirmed;
  }
  const auto image = image::Parse(bytes.first(slot.size - nv::kSectorSize));
  if (!image.ok() && image.error() == Error::kImageMagic)
    return Error::kBootSlotEmpty;
  if (!trailer.released) return Error::kImageTrailer;
  if (!image.ok()) return image.error();
  return Candidate{image->header.version, image->dependency_list,
                   image->dependency_count};
}

Status EraseSlot(const nv::Region& slot) {
  for (std::uint32_t at = 0; at < slot.size; at += nv::kSectorSize) {
    CAI_TRY_ASSIGN(const Bytes sector,
                   nv::View(slot.offset + at, nv::kSectorSize));
    if (!IsBlank(sector)) CAI_TRY(nv::Erase(slot.offset + at));
  }
  return kDone;
}

Result<bool> IsConfirmed(const nv::Region& slot) {
  CAI_TRY_ASSIGN(const image::Trailer trailer, ReadTrailerOf(slot));
  return trailer.confirmed;
}

Status MarkTried(const nv::Region& slot) {
  CAI_TRY_ASSIGN(const image::Trailer before, ReadTrailerOf(slot));
  if (before.tried || before.confirmed) return kDone;
  const auto field = static_cast<std::uint32_t>(TrailerField::kCopyDone);
  CAI_TRY(nv::Program(slot.offset + slot.size - field, image::kTrailerFlag));
  CAI_TRY_ASSIGN(const image::Trailer after, ReadTrailerOf(slot));
  if (!after.tried) return Error::kFlashNotErased;
  return kDone;
}

bool Satisfied(std::span<const image::Dependency> dependencies,
               const image::Version& secure, const image::Version& nonsecure) {
  return std::ranges::all_of(dependencies, [&](const auto& dependency) {
    if (dependency.image == image::kSecureImage)
      return secure >= dependency.minimum;
    if (dependency.image == image::kNonSecureImage)
      return nonsecure >= dependency.minimum;
    return false;  // no such image here
  });
}

std::optional<Pair> BestPair(const Candidates& candidates) {
  std::optional<Pair> best;
  for (std::uint32_t s = 0; s < kSlotsEach; ++s)
    for (std::uint32_t n = 0; n < kSlotsEach; ++n) {
      const auto& secure = candidates[image::kSecureImage][s];
      const auto& nonsecure = candidates[image::kNonSecureImage][n];
      if (!secure || !nonsecure || !Fit(*secure, *nonsecure)) continue;
      const Pair pair{s, n};
      if (!best || Better(candidates, pair, *best)) best = pair;
    }
  return best;
}

}  // namespace cai::boot
