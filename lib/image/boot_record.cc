#include "lib/image/boot_record.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::image {
namespace {

enum Key : std::uint64_t {
  kType = 1,
  kMeasurement = 2,
  kVersion = 4,
  kSigner = 5,
  kDescription = 6,
};
constexpr std::string_view kSha256 = "SHA256";

Status TakeKey(cbor::Reader& in, Key key) {
  CAI_TRY_ASSIGN(const std::uint64_t found, in.Uint());
  if (found != key) return Error::kImageBootRecord;
  return kDone;
}

Result<std::string_view> TakeText(cbor::Reader& in, Key key, std::size_t most) {
  CAI_TRY(TakeKey(in, key));
  CAI_TRY_ASSIGN(const std::string_view text, in.Text());
  if (text.empty() || text.size() > most) return Error::kImageBootRecord;
  return text;
}

Result<BootRecord> Read(Bytes encoded) {
  cbor::Reader in(encoded);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, in.Map());
  if (pairs != 5) return Error::kImageBootRecord;
  CAI_TRY_ASSIGN(const auto type, TakeText(in, kType, BootRecord::kMaxType));
  CAI_TRY_ASSIGN(const auto version,
                 TakeText(in, kVersion, BootRecord::kMaxVersion));
  CAI_TRY(TakeKey(in, kSigner));
  CAI_TRY_ASSIGN(const auto signer, in.BstrOf<32>());
  CAI_TRY_ASSIGN(const auto how, TakeText(in, kDescription, kSha256.size()));
  if (how != kSha256) return Error::kImageBootRecord;
  CAI_TRY(TakeKey(in, kMeasurement));
  CAI_TRY(in.BstrOf<32>());
  CAI_TRY(in.Finish());
  return BootRecord{type, version, signer};
}

}  // namespace

Result<BootRecord> ParseBootRecord(Bytes encoded) {
  const Result<BootRecord> record = Read(encoded);
  if (!record.ok()) return Error::kImageBootRecord;
  return record;
}

Result<Bytes> EncodeBootRecord(const BootRecord& record, MutableBytes out) {
  static constexpr ByteArray<32> kPlaceholder{};
  cbor::Writer writer(out);
  writer.Map(5);
  writer.Uint(kType);
  writer.Text(record.type);
  writer.Uint(kVersion);
  writer.Text(record.version);
  writer.Uint(kSigner);
  writer.Bstr(record.signer);
  writer.Uint(kDescription);
  writer.Text(kSha256);
  writer.Uint(kMeasurement);
  writer.Bstr(kPlaceholder);
  return writer.Finish();
}

}  // namespace cai::image
