// otp.bin: what is burnt into a device when it is made. `cai device make`
// writes the page, boot reads it; labels are in layout.h.
//
//   u16 big endian: size of the map | SHA-256 of the map | map | 0xFF ...
//
// The map is deterministic CBOR and holds all six labels, no other.
#pragma once

#include "device/nv/layout.h"
#include "lib/base/result.h"

namespace cai::otp {

// A few SHA-256 values, without duplicates or zeros: an all-zero hash is what
// unused fields of the hand-off hold.
class HashList {
 public:
  static constexpr std::size_t kMax = 2;

  // kBootOtpDamaged if full, zero or there already.
  Status Add(std::span<const std::byte, 32> hash);
  bool Contains(std::span<const std::byte, 32> hash) const;
  std::size_t size() const { return size_; }
  std::span<const ByteArray<32>> items() const {
    return std::span(items_).first(size_);
  }

 private:
  std::array<ByteArray<32>, kMax> items_{};
  std::size_t size_ = 0;
};

struct Page {
  std::span<const std::byte, 32> huk;  // lies in the page that was parsed
  ByteArray<32> implementation_id;
  HashList secure_image_keys;     // at least one
  HashList nonsecure_image_keys;  // at least one
  HashList service_roots;         // at least one
  HashList model_owners;
  HashList debug_keys{};  // of image signers; a product has none
};

// kBootOtpDamaged for anything but a page that Encode wrote.
Result<Page> Parse(std::span<const std::byte, kPageSize> page);

// Fills the page. kBootOtpDamaged if a list that must not be empty is.
Status Encode(const Page& page, std::span<std::byte, kPageSize> out);

}  // namespace cai::otp
