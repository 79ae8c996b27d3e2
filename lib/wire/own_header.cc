#include "lib/wire/own_header.h"

#include "lib/cose/algorithms.h"
#include "lib/wire/fields.h"

namespace cai::wire {
namespace {

constexpr std::int64_t kAlgorithmKey = 1, kCriticalKey = 2, kTypeKey = 3,
                       kKeyIdKey = 4;
constexpr auto kEs256 = static_cast<std::int64_t>(cose::Algorithm::kEs256);

}  // namespace

void WriteOwnHeader(std::int64_t label, std::uint16_t type, Bytes kid,
                    cbor::Writer& writer) {
  writer.Map(5);
  writer.Int(kAlgorithmKey);
  writer.Int(kEs256);
  writer.Int(kCriticalKey);
  writer.Array(1);
  writer.Int(label);
  writer.Int(kTypeKey);
  writer.Uint(type);
  writer.Int(kKeyIdKey);
  writer.Bstr(kid);
  writer.Int(label);
}

Result<Bytes> ReadOwnHeader(std::int64_t label, std::uint16_t type,
                            cbor::Reader& reader) {
  CAI_TRY(ExpectMap(reader, 5));
  CAI_TRY(ExpectKey(reader, kAlgorithmKey));
  CAI_TRY_ASSIGN(const std::int64_t algorithm, reader.Int());
  if (algorithm != kEs256) return Error::kCoseWrongAlgorithm;
  CAI_TRY(ExpectKey(reader, kCriticalKey));
  CAI_TRY(reader.ArrayOf(1));
  CAI_TRY(ExpectKey(reader, label));
  CAI_TRY(ExpectKey(reader, kTypeKey));
  CAI_TRY_ASSIGN(const std::uint64_t found, reader.Uint());
  if (found != type) return Error::kCoseWrongContentType;
  CAI_TRY(ExpectKey(reader, kKeyIdKey));
  CAI_TRY_ASSIGN(const Bytes kid, reader.Bstr());
  CAI_TRY(ExpectKey(reader, label));
  return kid;
}

}  // namespace cai::wire
