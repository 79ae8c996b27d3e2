#include "device/boot/install.h"

#include "device/nv/flash.h"
#include "lib/image/trailer.h"

namespace cai::boot {
namespace {

using image::TrailerField;

std::uint32_t OffsetOf(const nv::Region& slot, TrailerField field) {
  return slot.offset + slot.size - static_cast<std::uint32_t>(field);
}

}  // namespace

Status WriteSlot(const nv::Region& slot, Bytes image, bool confirmed) {
  const nv::Region room{slot.offset, slot.size - nv::kSectorSize};
  if (image.size() > room.size) return Error::kImageNoRoom;
  CAI_TRY(EraseSlot(slot));
  CAI_TRY(nv::Replace(room, image));
  if (confirmed)
    CAI_TRY(nv::Program(OffsetOf(slot, TrailerField::kImageOk),
                        image::kTrailerFlag));
  return nv::Program(OffsetOf(slot, TrailerField::kRelease),
                     image::kTrailerMagic);
}

}  // namespace cai::boot
