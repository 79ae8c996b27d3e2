// Puts an image into a slot so that a cut of power at any moment leaves either
// no image there or a whole one.
#pragma once

#include "device/boot/slots.h"

namespace cai::boot {

// `image` alone, without padding. On trial unless `confirmed`. kImageNoRoom if
// it does not fit in front of the trailer. The trailer's magic comes last:
// until then boot takes the slot for one that was never released.
Status WriteSlot(const nv::Region& slot, Bytes image, bool confirmed);

}  // namespace cai::boot
