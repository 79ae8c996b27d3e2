// The two DER structures that an image carries (RFC 5480, 2 and RFC 3279,
// 2.2.3), both so small that they are written out.
#include "lib/image/image.h"

namespace cai::image {
namespace {

// SEQUENCE { SEQUENCE { OID ecPublicKey, OID prime256v1 }, BIT STRING 04 … }
constexpr std::array<std::uint8_t, 27> kPrefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
static_assert(kPrefix.size() + crypto::P256Public::kSize ==
              std::tuple_size_v<PublicKeyInfo>);

constexpr std::byte kSequence{0x30};
constexpr std::byte kInteger{0x02};

// An INTEGER of `value`, 32 bytes big endian, shortest and positive.
std::size_t PutInteger(Bytes value, MutableBytes out) {
  while (value.size() > 1 && value[0] == std::byte{0}) value = value.subspan(1);
  const bool sign = (value[0] & std::byte{0x80}) != std::byte{0};
  const std::size_t size = value.size() + sign;
  out[0] = kInteger;
  out[1] = std::byte(size);
  if (sign) out[2] = std::byte{0};
  CopyInto(out.subspan(2 + sign), value);
  return 2 + size;
}

// Reads a positive INTEGER below 2^256, in its only DER form.
Status TakeInteger(Bytes& in, std::span<std::byte, 32> out) {
  if (in.size() < 3 || in[0] != kInteger) return Error::kImageSignature;
  const std::size_t size = std::to_integer<std::size_t>(in[1]);
  if (size == 0 || size > 33 || size > in.size() - 2)
    return Error::kImageSignature;
  Bytes value = in.subspan(2, size);
  in = in.subspan(2 + size);
  if ((value[0] & std::byte{0x80}) != std::byte{0})
    return Error::kImageSignature;
  if (value[0] == std::byte{0}) {
    // A leading zero only where the next byte would make it negative.
    if (size == 1 || (value[1] & std::byte{0x80}) == std::byte{0})
      return Error::kImageSignature;
    value = value.subspan(1);
  }
  if (value.size() > 32) return Error::kImageSignature;
  std::ranges::fill(out, std::byte{0});
  CopyInto(out.last(value.size()), value);
  return kDone;
}

}  // namespace

PublicKeyInfo EncodePublicKey(const crypto::P256Public& key) {
  PublicKeyInfo info;
  CopyInto(info, AsBytes(kPrefix.data(), kPrefix.size()));
  CopyInto(MutableBytes(info).subspan(kPrefix.size()), key.xy);
  return info;
}

Result<crypto::P256Public> DecodePublicKey(Bytes info) {
  const Bytes prefix = AsBytes(kPrefix.data(), kPrefix.size());
  if (info.size() != std::tuple_size_v<PublicKeyInfo>)
    return Error::kImageKeyUnknown;
  if (!Equal(info.first(prefix.size()), prefix)) return Error::kImageKeyUnknown;
  crypto::P256Public key;
  CopyInto(key.xy, info.subspan(prefix.size()));
  return key;
}

Result<Bytes> EncodeSignature(const crypto::Signature& signature,
                              MutableBytes out) {
  ByteArray<kMaxEcdsaDer> der;
  const MutableBytes body = MutableBytes(der).subspan(2);
  std::size_t size = PutInteger(Bytes(signature).first(32), body);
  size += PutInteger(Bytes(signature).last(32), body.subspan(size));
  der[0] = kSequence;
  der[1] = std::byte(size);  // at most 70: one length byte
  if (out.size() < 2 + size) return Error::kImageNoRoom;
  return Bytes(CopyInto(out, Bytes(der).first(2 + size)));
}

Result<crypto::Signature> DecodeSignature(Bytes der) {
  if (der.size() < 2 || der.size() > kMaxEcdsaDer || der[0] != kSequence)
    return Error::kImageSignature;
  if (std::to_integer<std::size_t>(der[1]) != der.size() - 2)
    return Error::kImageSignature;
  Bytes in = der.subspan(2);
  crypto::Signature signature;
  const std::span<std::byte, 64> both(signature);
  CAI_TRY(TakeInteger(in, both.first<32>()));
  CAI_TRY(TakeInteger(in, both.last<32>()));
  if (!in.empty()) return Error::kImageSignature;
  return signature;
}

}  // namespace cai::image
