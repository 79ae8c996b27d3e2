#include "lib/image/tlv.h"

namespace cai::image {

Result<TlvArea> OpenTlvs(Bytes in, std::uint16_t magic) {
  if (in.size() < kTlvHead) return Error::kImageTruncated;
  if (Little16(in, 0) != magic) return Error::kImageTlvs;
  const std::size_t size = Little16(in, 2);
  if (size < kTlvHead) return Error::kImageTlvs;
  if (size > in.size()) return Error::kImageTruncated;
  return TlvArea{in.subspan(kTlvHead, size - kTlvHead), size};
}

Result<Entry> NextEntry(Bytes& entries) {
  if (entries.size() < kTlvHead) return Error::kImageTlvs;
  const std::size_t size = Little16(entries, 2);
  if (size > entries.size() - kTlvHead) return Error::kImageTlvs;
  const Entry entry{Little16(entries, 0), entries.subspan(kTlvHead, size)};
  entries = entries.subspan(kTlvHead + size);
  return entry;
}

Version ReadVersion(Bytes in, std::size_t at) {
  return {std::to_integer<std::uint8_t>(in[at]),
          std::to_integer<std::uint8_t>(in[at + 1]), Little16(in, at + 2),
          Little32(in, at + 4)};
}

Result<Dependency> ReadDependency(Bytes value) {
  if (value.size() != 12) return Error::kImageTlvs;
  if (Little(value, 1, 3) != 0) return Error::kImageTlvs;
  return Dependency{std::to_integer<std::uint8_t>(value[0]),
                    ReadVersion(value, 4)};
}

}  // namespace cai::image
