// The boot record TLV: what the signer says about an image for attestation.
//
//   { 1: type, 4: version, 5: signer id, 6: "SHA256", 2: bstr .size 32 }
//
// in this order and no other (boot_record.cddl). The last value is a
// placeholder where a loader puts the measurement: the record lies under the
// hash that would have to stand there.
#pragma once

#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::image {

struct BootRecord {
  static constexpr std::size_t kMaxType = 12;
  static constexpr std::size_t kMaxVersion = 24;
  // 1 map, 5 keys, heads of 1, 2, 2, 1 and 2 bytes, "SHA256" and the texts.
  static constexpr std::size_t kMaxEncoded =
      1 + 5 + (1 + kMaxType) + (2 + kMaxVersion) + 2 * (2 + 32) + (1 + 6);

  std::string_view type;  // "SPE"
  std::string_view version;
  std::span<const std::byte, 32> signer;  // SHA-256 of its DER public key
};

// kImageBootRecord for anything but that form.
Result<BootRecord> ParseBootRecord(Bytes encoded);

Result<Bytes> EncodeBootRecord(const BootRecord& record, MutableBytes out);

}  // namespace cai::image
