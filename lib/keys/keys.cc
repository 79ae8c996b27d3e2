#include "lib/keys/keys.h"

#include "lib/base/secret.h"
#include "lib/cbor/writer.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"

namespace cai::keys {
namespace {

constexpr std::string_view kDomain = "cai1";
constexpr std::size_t kMaxInfo = 1 + 5 + (2 + 32) + (2 + 64) + 9;
using Info = ByteArray<kMaxInfo>;

// Labels are constants of ours: that they fit is not in question at run time.
Bytes Encoded(const cbor::Writer& writer) {
  const Result<Bytes> done = writer.Finish();
  return done.ok() ? *done : Bytes{};
}

template <typename WriteContext>
void ExpandWith(Bytes key, std::string_view label, MutableBytes out,
                WriteContext write_context) {
  Info info;
  cbor::Writer writer(info);
  writer.Array(4);
  writer.Text(kDomain);
  writer.Text(label);
  write_context(writer);
  writer.Uint(out.size());
  crypto::HkdfExpand(key, Encoded(writer), out);
}

// HKDF(salt "cai1", HUK, info, L), RFC 5869.
void FromHuk(std::span<const std::byte, 32> huk, Bytes info, MutableBytes out) {
  Secret<crypto::kHashSize> prk;
  crypto::HkdfExtract(AsBytes(kDomain), {huk}, prk.mutable_bytes());
  crypto::HkdfExpand(prk.bytes(), info, out);
}

void Identity(std::span<const std::byte, 32> huk, std::string_view label,
              MutableBytes out) {
  Info info;
  cbor::Writer writer(info);
  writer.Array(2);
  writer.Text(kDomain);
  writer.Text(label);
  FromHuk(huk, Encoded(writer), out);
}

// Big endian; never carries out, for the candidate is below n - 1.
void Increment(std::span<std::byte, 32> number) {
  unsigned carry = 1;
  for (std::size_t i = number.size(); i-- > 0;) {
    carry += std::to_integer<unsigned>(number[i]);
    number[i] = std::byte(carry);
    carry >>= 8;
  }
}

Status Choose(std::span<const std::byte, 64> drawn,
              std::span<std::byte, 32> out) {
  for (const auto candidate : {drawn.first<32>(), drawn.last<32>()}) {
    if (!crypto::ScalarInRange(candidate)) continue;
    CopyInto(out, candidate);
    Increment(out);
    return kDone;
  }
  return Error::kKeysNoScalar;
}

// Positions of the hyphens in RFC 9562, 4.
constexpr bool IsHyphen(std::size_t at) {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

void Expand(Bytes key, std::string_view label, std::uint64_t context,
            MutableBytes out) {
  ExpandWith(key, label, out,
             [&](cbor::Writer& writer) { writer.Uint(context); });
}

void Expand(Bytes key, std::string_view label, Bytes context,
            MutableBytes out) {
  ExpandWith(key, label, out,
             [&](cbor::Writer& writer) { writer.Bstr(context); });
}

Status Scalar(Bytes key, std::string_view label, std::uint64_t context,
              std::span<std::byte, 32> out) {
  Secret<64> drawn;
  Expand(key, label, context, drawn.mutable_bytes());
  return Choose(drawn.bytes(), out);
}

Status Scalar(Bytes key, std::string_view label, Bytes context,
              std::span<std::byte, 32> out) {
  Secret<64> drawn;
  Expand(key, label, context, drawn.mutable_bytes());
  return Choose(drawn.bytes(), out);
}

void SpeRoot(std::span<const std::byte, 32> huk, std::uint8_t lifecycle_class,
             std::uint32_t key_generation, std::span<std::byte, 32> out) {
  Info info;
  cbor::Writer writer(info);
  writer.Array(4);
  writer.Text(kDomain);
  writer.Text("spe-root");
  writer.Uint(lifecycle_class);
  writer.Uint(key_generation);
  FromHuk(huk, Encoded(writer), out);
}

ByteArray<16> Uuid(std::span<const std::byte, 32> huk) {
  ByteArray<16> uuid;
  Identity(huk, "uuid", uuid);
  uuid[6] = (uuid[6] & std::byte{0x0f}) | std::byte{0x80};  // version 8
  uuid[8] = (uuid[8] & std::byte{0x3f}) | std::byte{0x80};  // variant 10
  return uuid;
}

ByteArray<33> Ueid(std::span<const std::byte, 32> huk) {
  ByteArray<33> ueid{std::byte{1}};
  Identity(huk, "ueid", MutableBytes(ueid).subspan(1));
  return ueid;
}

std::array<char, kUuidTextSize> UuidText(std::span<const std::byte, 16> uuid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kUuidTextSize> text;
  std::size_t at = 0;
  for (const std::byte b : uuid) {
    if (IsHyphen(at)) text[at++] = '-';
    text[at++] = kDigits[std::to_integer<unsigned>(b) >> 4];
    text[at++] = kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

Result<ByteArray<16>> ParseUuid(std::string_view text) {
  if (text.size() != kUuidTextSize) return Error::kKeysBadUuid;
  ByteArray<16> uuid;
  std::size_t at = 0;
  for (std::byte& b : uuid) {
    if (IsHyphen(at) && text[at++] != '-') return Error::kKeysBadUuid;
    const int high = HexValue(text[at++]), low = HexValue(text[at++]);
    if (high < 0 || low < 0) return Error::kKeysBadUuid;
    b = std::byte(high << 4 | low);
  }
  return uuid;
}

}  // namespace cai::keys
