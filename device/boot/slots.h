// The four slots of two images, and what their trailers make of them:
//
//   installed --(boot starts it)--> tried --(running system)--> confirmed
//                                     |
//                                     +--(next boot)--> erased
//
// Each arrow is one flash operation, except erasing, which takes the image's
// head first and the trailer last.
#pragma once

#include <array>
#include <optional>

#include "device/nv/layout.h"
#include "lib/image/image.h"

namespace cai::boot {

constexpr std::uint32_t kImages = 2;
constexpr std::uint32_t kSlotsEach = 2;

// [image][slot]; image::kSecureImage and image::kNonSecureImage.
constexpr nv::Region kSlots[kImages][kSlotsEach] = {
    {nv::kSecureSlotA, nv::kSecureSlotB},
    {nv::kNonSecureSlotA, nv::kNonSecureSlotB}};

// What a slot claims before anything is verified: enough to choose by.
struct Candidate {
  image::Version version;
  std::array<image::Dependency, image::kMaxDependencies> dependency_list;
  std::size_t dependency_count;

  std::span<const image::Dependency> dependencies() const {
    return std::span(dependency_list).first(dependency_count);
  }
};

// kBootSlotEmpty if it is blank or holds no image at all; kImageTrailer if it
// was never released; kImageUnconfirmed if it was tried and not confirmed (it
// is erased then); else the reason why its form is refused.
Result<Candidate> Inspect(const nv::Region& slot);

// An operation that was cut goes on where it stopped.
Status EraseSlot(const nv::Region& slot);

Result<bool> IsConfirmed(const nv::Region& slot);

// Notes that boot starts this image; done if it was noted or is confirmed. The
// note was read back.
Status MarkTried(const nv::Region& slot);

// Chosen by slot number.
struct Pair {
  std::uint32_t secure = 0;
  std::uint32_t nonsecure = 0;
  friend bool operator==(const Pair&, const Pair&) = default;
};

using Candidates =
    std::array<std::array<std::optional<Candidate>, kSlotsEach>, kImages>;

// The two that fit together: the highest secure version, with it the highest
// non-secure one; slot A of equals. Nothing if no two fit.
std::optional<Pair> BestPair(const Candidates& candidates);

// Whether all of `dependencies` hold for images of these versions.
bool Satisfied(std::span<const image::Dependency> dependencies,
               const image::Version& secure, const image::Version& nonsecure);

}  // namespace cai::boot
