#include "lib/image/image.h"

#include "lib/image/tlv.h"

namespace cai::image {
namespace {

// Only what boot can do: copied to RAM, not encrypted, not
// position-independent.
Status CheckFlags(std::uint32_t flags) {
  if (flags & ~(kFlagRamLoad | kFlagNonBootable)) return Error::kImageFlags;
  return kDone;
}

Result<Header> ReadHeader(Bytes slot) {
  if (slot.size() < kHeaderFields) return Error::kImageTruncated;
  if (Little32(slot, 0) != kMagic) return Error::kImageMagic;
  Header header;
  header.load_address = Little32(slot, 4);
  header.header_size = Little16(slot, 8);
  header.protected_size = Little16(slot, 10);
  header.payload_size = Little32(slot, 12);
  header.flags = Little32(slot, 16);
  header.version = ReadVersion(slot, 20);
  if (header.header_size < kHeaderFields) return Error::kImageHeader;
  if (header.payload_size == 0) return Error::kImageHeader;
  if (Little32(slot, 28) != 0) return Error::kImageHeader;  // ih_pad1
  CAI_TRY(CheckFlags(header.flags));
  return header;
}

Status TakeOnce(Bytes& to, Bytes value, std::size_t least, std::size_t most) {
  if (to.data() != nullptr) return Error::kImageTlvTwice;
  if (value.size() < least || value.size() > most) return Error::kImageTlvs;
  to = value;
  return kDone;
}

Status TakeCounter(Image& image, Bytes value) {
  if (image.security_counter) return Error::kImageTlvTwice;
  if (value.size() != 4) return Error::kImageTlvs;
  image.security_counter = Little32(value, 0);
  return kDone;
}

Status TakeDependency(Image& image, Bytes value) {
  if (image.dependency_count == kMaxDependencies) return Error::kImageTlvs;
  CAI_TRY_ASSIGN(image.dependency_list[image.dependency_count++],
                 ReadDependency(value));
  return kDone;
}

// The protected area is under the signature, so what we do not know there is
// somebody's own and passes.
Status TakeProtected(Image& image, const Entry& entry) {
  switch (static_cast<Tlv>(entry.type)) {
    case Tlv::kSecurityCounter:
      return TakeCounter(image, entry.value);
    case Tlv::kDependency:
      return TakeDependency(image, entry.value);
    case Tlv::kBootRecord:
      return TakeOnce(image.boot_record, entry.value, 1, kMaxBootRecord);
    case Tlv::kKeyHash:
    case Tlv::kPublicKey:
    case Tlv::kSha256:
    case Tlv::kEcdsa:
      return Error::kImageTlvs;
    default:
      return kDone;
  }
}

// The rest anybody can change: nothing but the four is let in.
Status TakeUnprotected(Image& image, Bytes& hash, const Entry& entry) {
  switch (static_cast<Tlv>(entry.type)) {
    case Tlv::kSha256:
      return TakeOnce(hash, entry.value, 32, 32);
    case Tlv::kKeyHash:
      return TakeOnce(image.key_hash, entry.value, 32, 32);
    case Tlv::kPublicKey:
      return TakeOnce(image.public_key, entry.value, 91, 91);
    case Tlv::kEcdsa:
      return TakeOnce(image.signature, entry.value, 8, kMaxEcdsaDer);
    default:
      return Error::kImageTlvs;
  }
}

Status ReadProtected(Image& image, Bytes area) {
  if (area.empty()) return kDone;
  CAI_TRY_ASSIGN(TlvArea tlvs, OpenTlvs(area, kProtectedMagic));
  if (tlvs.size != area.size()) return Error::kImageTlvs;
  while (!tlvs.entries.empty()) {
    CAI_TRY_ASSIGN(const Entry entry, NextEntry(tlvs.entries));
    CAI_TRY(TakeProtected(image, entry));
  }
  return kDone;
}

Result<std::size_t> ReadUnprotected(Image& image, Bytes& hash, Bytes rest) {
  CAI_TRY_ASSIGN(TlvArea tlvs, OpenTlvs(rest, kTlvMagic));
  while (!tlvs.entries.empty()) {
    CAI_TRY_ASSIGN(const Entry entry, NextEntry(tlvs.entries));
    CAI_TRY(TakeUnprotected(image, hash, entry));
  }
  return tlvs.size;
}

}  // namespace

Result<Image> Parse(Bytes slot) {
  CAI_TRY_ASSIGN(const Header header, ReadHeader(slot));
  // At most 2^16 + 2^32 + 2^16: needs 64 bits.
  const std::uint64_t payload_end =
      std::uint64_t{header.header_size} + header.payload_size;
  const std::uint64_t signed_end = payload_end + header.protected_size;
  if (signed_end > slot.size()) return Error::kImageTruncated;

  const std::size_t covered = static_cast<std::size_t>(signed_end);
  static constexpr ByteArray<32> kNone{};
  Image image{.header = header,
              .signed_part = slot.first(covered),
              .payload = slot.subspan(header.header_size, header.payload_size),
              .hash = kNone,
              .key_hash = {},
              .public_key = {},
              .signature = {},
              .security_counter = {},
              .dependency_list = {},
              .dependency_count = 0,
              .boot_record = {},
              .size = 0};
  CAI_TRY(ReadProtected(image, image.signed_part.last(header.protected_size)));
  Bytes hash;
  CAI_TRY_ASSIGN(const std::size_t tlvs,
                 ReadUnprotected(image, hash, slot.subspan(covered)));
  if (hash.empty() || image.signature.empty()) return Error::kImageTlvMissing;
  if (image.key_hash.empty() && image.public_key.empty())
    return Error::kImageTlvMissing;
  image.hash = hash.first<32>();
  image.size = covered + tlvs;
  return image;
}

Result<Image> ParseWhole(Bytes file) {
  CAI_TRY_ASSIGN(const Image image, Parse(file));
  if (image.size != file.size()) return Error::kImageTrailing;
  return image;
}

}  // namespace cai::image
