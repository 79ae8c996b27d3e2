// Copies one image to where it runs and verifies it there (MCUboot's RAM-load
// mode): what runs is what was checked, whatever the slot does meanwhile.
#pragma once

#include "device/boot/boot.h"
#include "device/boot/hardened.h"
#include "device/boot/signers.h"
#include "lib/image/image.h"

namespace cai::boot {

struct Wanted {
  std::uint32_t which;  // kSecure, kNonSecure
  Signers signers;
  ImagePlace place;
};

struct Loaded {
  image::Image image;  // lies in the place
  ByteArray<32> signer;
  Bytes slot;  // as many bytes of it as the image has
  HardenedBool valid;
};

// The security counter that an image of this kind must reach.
nv::Counter FloorOf(std::uint32_t which);

// kCounterExhausted if its security counter is above `floor`, which is OTP's,
// and OTP has no place left to note that: confirmed, it would stop every later
// start.
Status CheckRoomForFloor(const image::Image& image, std::uint32_t which,
                         std::uint32_t floor);

// What the boot record says of the signer (SHA-256 of its key) is what was
// found, and its type fits the hand-off; kImageBootRecord.
Status CheckRecord(const image::Image& image, Bytes signer);

// The reason is the first check that failed; the place is then wiped.
Result<Loaded> LoadImage(const Wanted& wanted, const nv::Region& slot);

// The copy is still the slot's image, and the decision stands.
Status CheckAgain(const Loaded& loaded);

}  // namespace cai::boot
