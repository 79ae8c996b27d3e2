#include "lib/image/trailer.h"

namespace cai::image {
namespace {

constexpr std::byte kErased{0xFF};
constexpr std::byte kSet{0x01};

std::size_t OffsetOf(std::size_t slot_size, TrailerField field) {
  return slot_size - static_cast<std::size_t>(field);
}

}  // namespace

Trailer ReadTrailer(Bytes slot) {
  const auto flag = [&](TrailerField field) {
    return slot[OffsetOf(slot.size(), field)];
  };
  return {.released = Equal(slot.last(kTrailerMagic.size()), kTrailerMagic),
          .confirmed = flag(TrailerField::kImageOk) == kSet,
          .tried = flag(TrailerField::kCopyDone) != kErased};
}

void WriteTrailer(MutableBytes slot, bool confirmed) {
  const std::size_t ok = OffsetOf(slot.size(), TrailerField::kImageOk);
  if (confirmed) CopyInto(slot.subspan(ok), kTrailerFlag);
  CopyInto(slot.last(kTrailerMagic.size()), kTrailerMagic);
}

Result<PaddedImage> ParsePadded(Bytes file) {
  CAI_TRY_ASSIGN(const Image image, Parse(file));
  if (image.size == file.size()) return PaddedImage{image, false, {}};
  const Bytes rest = file.subspan(image.size);
  if (rest.size() < kTrailerSize) return Error::kImageTrailing;
  const Bytes pad = rest.first(rest.size() - kTrailerSize);
  const Trailer trailer = ReadTrailer(file);
  const bool erased =
      std::ranges::all_of(pad, [](std::byte b) { return b == kErased; });
  if (!erased || !trailer.released) return Error::kImageTrailing;
  return PaddedImage{image, true, trailer};
}

}  // namespace cai::image
