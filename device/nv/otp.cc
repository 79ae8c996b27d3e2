#include "device/nv/otp.h"

#include "lib/base/secret.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/crypto/hash.h"

namespace cai::otp {
namespace {

constexpr std::size_t kHead = 2 + crypto::kHashSize;

Result<HashList> ReadHashes(cbor::Reader& reader) {
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count > HashList::kMax) return Error::kBootOtpDamaged;
  HashList list;
  for (std::uint64_t i = 0; i < count; ++i) {
    CAI_TRY_ASSIGN(const auto hash, reader.BstrOf<32>());
    CAI_TRY(list.Add(hash));
  }
  return list;
}

void WriteHashes(cbor::Writer& writer, Label label, const HashList& list) {
  writer.Int(static_cast<std::int64_t>(label));
  writer.Array(list.size());
  for (const auto& hash : list.items()) writer.Bstr(hash);
}

bool IsComplete(const Page& page) {
  return page.secure_image_keys.size() != 0 &&
         page.nonsecure_image_keys.size() != 0 &&
         page.service_roots.size() != 0;
}

// The keys of the map are 1..6, or 1..7, in this order and nothing else.
Status TakeLabel(cbor::MapCursor& map, Label label) {
  if (!map.more()) return Error::kBootOtpDamaged;
  CAI_TRY_ASSIGN(const std::int64_t key, map.Key());
  if (key != static_cast<std::int64_t>(label)) return Error::kBootOtpDamaged;
  return kDone;
}

Result<Page> ReadMap(Bytes encoded) {
  cbor::Reader reader(encoded);
  CAI_TRY_ASSIGN(auto map, cbor::MapCursor::Open(reader));
  CAI_TRY(TakeLabel(map, Label::kHuk));
  CAI_TRY_ASSIGN(const auto huk, reader.BstrOf<32>());
  Page page{.huk = huk,
            .implementation_id = {},
            .secure_image_keys = {},
            .nonsecure_image_keys = {},
            .service_roots = {},
            .model_owners = {},
            .debug_keys = {}};
  CAI_TRY(TakeLabel(map, Label::kImplementationId));
  CAI_TRY_ASSIGN(const auto id, reader.BstrOf<32>());
  CopyInto(page.implementation_id, id);
  CAI_TRY(TakeLabel(map, Label::kSecureImageKeys));
  CAI_TRY_ASSIGN(page.secure_image_keys, ReadHashes(reader));
  CAI_TRY(TakeLabel(map, Label::kNonSecureImageKeys));
  CAI_TRY_ASSIGN(page.nonsecure_image_keys, ReadHashes(reader));
  CAI_TRY(TakeLabel(map, Label::kServiceRoots));
  CAI_TRY_ASSIGN(page.service_roots, ReadHashes(reader));
  CAI_TRY(TakeLabel(map, Label::kModelOwners));
  CAI_TRY_ASSIGN(page.model_owners, ReadHashes(reader));
  if (map.more()) {
    CAI_TRY(TakeLabel(map, Label::kDebugKeys));
    CAI_TRY_ASSIGN(page.debug_keys, ReadHashes(reader));
    if (page.debug_keys.size() == 0) return Error::kBootOtpDamaged;
  }
  if (map.more()) return Error::kBootOtpDamaged;
  CAI_TRY(reader.Finish());
  return page;
}

bool IsBlank(Bytes bytes) {
  return std::ranges::all_of(bytes,
                             [](std::byte b) { return b == std::byte{0xFF}; });
}

}  // namespace

Status HashList::Add(std::span<const std::byte, 32> hash) {
  static constexpr ByteArray<32> kZero{};
  if (size_ == kMax || Equal(hash, kZero) || Contains(hash))
    return Error::kBootOtpDamaged;
  CopyInto(items_[size_++], hash);
  return kDone;
}

bool HashList::Contains(std::span<const std::byte, 32> hash) const {
  for (const auto& item : items())
    if (Equal(item, hash)) return true;
  return false;
}

Result<Page> Parse(std::span<const std::byte, kPageSize> page) {
  const std::size_t size = std::to_integer<std::size_t>(page[0]) << 8 |
                           std::to_integer<std::size_t>(page[1]);
  if (size > kPageSize - kHead) return Error::kBootOtpDamaged;
  const Bytes encoded = Bytes(page).subspan(kHead, size);
  const crypto::Digest digest = crypto::Sha256::Of(encoded);
  if (!Equal(digest, Bytes(page).subspan(2, digest.size())))
    return Error::kBootOtpDamaged;
  if (!IsBlank(Bytes(page).subspan(kHead + size)))
    return Error::kBootOtpDamaged;
  const auto result = ReadMap(encoded);
  if (!result.ok() || !IsComplete(*result)) return Error::kBootOtpDamaged;
  return *result;
}

Status Encode(const Page& page, std::span<std::byte, kPageSize> out) {
  if (!IsComplete(page)) return Error::kBootOtpDamaged;
  std::ranges::fill(out, std::byte{0xFF});
  cbor::Writer writer(MutableBytes(out).subspan(kHead));
  const bool debug = page.debug_keys.size() != 0;
  writer.Map(debug ? 7 : 6);
  writer.Int(static_cast<std::int64_t>(Label::kHuk));
  writer.Bstr(page.huk);
  writer.Int(static_cast<std::int64_t>(Label::kImplementationId));
  writer.Bstr(page.implementation_id);
  WriteHashes(writer, Label::kSecureImageKeys, page.secure_image_keys);
  WriteHashes(writer, Label::kNonSecureImageKeys, page.nonsecure_image_keys);
  WriteHashes(writer, Label::kServiceRoots, page.service_roots);
  WriteHashes(writer, Label::kModelOwners, page.model_owners);
  if (debug) WriteHashes(writer, Label::kDebugKeys, page.debug_keys);
  CAI_TRY_ASSIGN(const Bytes encoded, writer.Finish());

  out[0] = std::byte(encoded.size() >> 8);
  out[1] = std::byte(encoded.size());
  CopyInto(MutableBytes(out).subspan(2), crypto::Sha256::Of(encoded));
  return kDone;
}

}  // namespace cai::otp
