#include "lib/cose/key.h"

namespace cai::cose {
namespace {

constexpr std::int64_t kKty = 1, kCurve = -1, kX = -2, kY = -3;
constexpr std::uint64_t kKtyEc2 = 2, kP256 = 1;

Status ReadPair(cbor::Reader& reader, std::int64_t key, std::uint64_t value) {
  CAI_TRY_ASSIGN(const std::int64_t found_key, reader.Int());
  CAI_TRY_ASSIGN(const std::uint64_t found_value, reader.Uint());
  if (found_key != key || found_value != value) return Error::kCoseBadKey;
  return kDone;
}

Status ReadCoordinate(cbor::Reader& reader, std::int64_t key,
                      MutableBytes out) {
  CAI_TRY_ASSIGN(const std::int64_t found_key, reader.Int());
  if (found_key != key) return Error::kCoseBadKey;
  CAI_TRY_ASSIGN(const auto value, reader.BstrOf<32>());
  CopyInto(out, value);
  return kDone;
}

}  // namespace

void WriteKey(const crypto::P256Public& key, cbor::Writer& writer) {
  writer.Map(4);
  writer.Int(kKty);
  writer.Uint(kKtyEc2);
  writer.Int(kCurve);
  writer.Uint(kP256);
  writer.Int(kX);
  writer.Bstr(key.x());
  writer.Int(kY);
  writer.Bstr(key.y());
}

Result<crypto::P256Public> ReadKey(cbor::Reader& reader) {
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  if (pairs != 4) return Error::kCoseBadKey;
  CAI_TRY(ReadPair(reader, kKty, kKtyEc2));
  CAI_TRY(ReadPair(reader, kCurve, kP256));
  crypto::P256Public key;
  const MutableBytes xy = key.xy;
  CAI_TRY(ReadCoordinate(reader, kX, xy.first(32)));
  CAI_TRY(ReadCoordinate(reader, kY, xy.last(32)));
  return key;
}

}  // namespace cai::cose
