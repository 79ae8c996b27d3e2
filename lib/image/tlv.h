// Walks the type-length-value areas of an image, in place.
#pragma once

#include <string_view>

#include "lib/image/image.h"

namespace cai::image {

constexpr std::uint16_t kTlvMagic = 0x6907;
constexpr std::uint16_t kProtectedMagic = 0x6908;
constexpr std::size_t kTlvHead = 4;  // of an area, and of each entry

// Little endian, as the format has it. Requires 0 <= at <= in.size() - bytes.
constexpr std::uint64_t Little(Bytes in, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(in[at + i]);
  return value;
}
constexpr std::uint16_t Little16(Bytes in, std::size_t at) {
  return static_cast<std::uint16_t>(Little(in, at, 2));
}
constexpr std::uint32_t Little32(Bytes in, std::size_t at) {
  return static_cast<std::uint32_t>(Little(in, at, 4));
}

struct TlvArea {
  Bytes entries;
  std::size_t size;  // with its head
};

// The area that `in` begins with: kImageTruncated, or kImageTlvs for another
// magic or an impossible size.
Result<TlvArea> OpenTlvs(Bytes in, std::uint16_t magic);

struct Entry {
  std::uint16_t type;
  Bytes value;
};

// Takes one off the front of what is not empty. kImageTlvs.
Result<Entry> NextEntry(Bytes& entries);

// 8 bytes. Requires them.
Version ReadVersion(Bytes in, std::size_t at);

// The value of a kDependency: u8 image, 3 bytes of padding, version.
Result<Dependency> ReadDependency(Bytes value);

// The format's name of a type, "sha256"; empty if it has none. For people.
std::string_view TlvName(std::uint16_t type);

}  // namespace cai::image
