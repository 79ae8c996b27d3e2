#include "lib/wire/service_key.h"

#include "lib/base/secret.h"
#include "lib/cbor/writer.h"
#include "lib/cose/key.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fields.h"

namespace cai::wire {
namespace {

Result<Bytes> EncodePayload(const ServiceKey& key, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Map(6);
  writer.Uint(1);
  writer.Bstr(key.svc);
  writer.Uint(2);
  writer.Uint(key.generation);
  writer.Uint(3);
  writer.Uint(key.min_generation);
  writer.Uint(4);
  cose::WriteKey(key.encryption, writer);
  writer.Uint(5);
  cose::WriteKey(key.signing, writer);
  writer.Uint(6);
  writer.Array(key.suite_count);
  for (std::size_t i = 0; i < key.suite_count; ++i) writer.Uint(key.suites[i]);
  return writer.Finish();
}

// Numbers that we do not know may stand in the list; they are for others.
Status ReadSuites(cbor::Reader& reader, ServiceKey& key) {
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count == 0 || count > ServiceKey::kMaxSuites)
    return Error::kWireMalformed;
  key.suite_count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < key.suite_count; ++i)
    CAI_TRY(ReadUint(reader, key.suites[i]));
  return kDone;
}

Result<ServiceKey> ParsePayload(Bytes payload) {
  cbor::Reader reader(payload);
  ServiceKey key;
  CAI_TRY(ExpectMap(reader, 6));
  CAI_TRY(ExpectKey(reader, 1));
  CAI_TRY(ReadArray(reader, key.svc));
  CAI_TRY(ExpectKey(reader, 2));
  CAI_TRY(ReadUint(reader, key.generation));
  CAI_TRY(ExpectKey(reader, 3));
  CAI_TRY(ReadUint(reader, key.min_generation));
  CAI_TRY(ExpectKey(reader, 4));
  CAI_TRY_ASSIGN(key.encryption, cose::ReadKey(reader));
  CAI_TRY(ExpectKey(reader, 5));
  CAI_TRY_ASSIGN(key.signing, cose::ReadKey(reader));
  CAI_TRY(ExpectKey(reader, 6));
  CAI_TRY(ReadSuites(reader, key));
  CAI_TRY(reader.Finish());
  if (key.min_generation > key.generation) return Error::kWireMalformed;
  return key;
}

}  // namespace

bool ServiceKey::Allows(Suite suite) const {
  const auto list = std::span(suites).first(suite_count);
  return std::ranges::find(list, static_cast<std::uint8_t>(suite)) !=
         list.end();
}

Result<Bytes> MakeServiceKey(const ServiceKey& key, crypto::P256Private root,
                             const crypto::P256Public& root_public,
                             MutableBytes out) {
  if (key.suite_count == 0 || key.suite_count > ServiceKey::kMaxSuites ||
      key.min_generation > key.generation)
    return Error::kWireMalformed;
  ByteArray<ServiceKey::kMaxPayload> room;
  CAI_TRY_ASSIGN(const Bytes payload, EncodePayload(key, room));
  const KeyId kid = KeyIdOf(root_public);
  return cose::MakeSign1({kServiceKeyType, kid}, payload, root, out);
}

Status CheckRoot(const crypto::P256Public& root,
                 std::span<const ByteArray<32>> hashes) {
  constexpr ByteArray<32> kUnused{};
  const crypto::Digest hash = crypto::Sha256::Of(root.xy);
  for (const ByteArray<32>& known : hashes)
    if (known != kUnused && ConstantTimeEqual(known, hash)) return kDone;
  return Error::kWireWrongRoot;
}

Result<ServiceKey> OpenServiceKey(Bytes message, const crypto::P256Public& root,
                                  const Svc& svc) {
  if (message.size() > kMaxMessage) return Error::kWireTooLarge;
  const KeyId kid = KeyIdOf(root);
  CAI_TRY_ASSIGN(const cose::Sign1 sign1,
                 cose::OpenSign1(message, {kServiceKeyType, kid}, root));
  CAI_TRY_ASSIGN(const ServiceKey key, ParsePayload(sign1.payload));
  if (key.svc != svc) return Error::kWireWrongService;
  CAI_TRY(crypto::CheckPoint(key.encryption));
  CAI_TRY(crypto::CheckPoint(key.signing));
  return key;
}

Status CheckGeneration(const ServiceKey& key, std::uint64_t floor) {
  if (key.generation < floor) return Error::kWireOldGeneration;
  return kDone;
}

}  // namespace cai::wire
