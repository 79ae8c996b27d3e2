// Finds, copies and verifies one image (MCUboot's RAM-load mode).
#pragma once

#include "device/boot/boot.h"
#include "device/boot/hardened.h"
#include "device/nv/otp.h"
#include "lib/image/image.h"

namespace cai::boot {

struct Wanted {
  std::uint32_t which;  // kSecure, kNonSecure
  nv::Region slots[2];
  nv::Counter counter;  // floor of the security counter
  const otp::HashList* keys;
  ImagePlace place;
  // The secure image that the image will run beside; null for that itself.
  const image::Image* beside;
};

struct Loaded {
  image::Image image;  // lies in place.memory
  ByteArray<32> signer;
};

// The valid image of the highest version, copied to its place. What is verified
// is the copy: what runs is what was checked, whatever the slot does meanwhile.
// kBootNoImage if both slots were refused (the reasons are noted).
Result<Loaded> LoadImage(const Wanted& wanted);

// The copy still has the hash that was verified.
Status CheckAgain(const Loaded& loaded);

}  // namespace cai::boot
