#include "lib/cose/certificate.h"

#include "lib/cbor/reader.h"
#include "lib/cose/parameters.h"
#include "lib/crypto/mac.h"

namespace cai::cose {
namespace {

Key::Type TypeOf(crypto::KeyKind kind) {
  if (kind == crypto::KeyKind::kRsa) return Key::Type::kRsa;
  return crypto::IsWeierstrass(kind) ? Key::Type::kEc2 : Key::Type::kOkp;
}

// COSE_CertHash = [hashAlg, hashValue].
Status CompareHash(Bytes value, Bytes certificate) {
  cbor::AnyReader reader(value);
  CAI_TRY(reader.ArrayOf(2));
  CAI_TRY_ASSIGN(const std::int64_t algorithm, reader.Int());
  CAI_TRY_ASSIGN(const Bytes expected, reader.Bstr());
  if (algorithm != static_cast<std::int32_t>(algorithm))
    return Error::kCoseUnsupported;
  CAI_TRY_ASSIGN(const HashParameters hash,
                 HashOf(static_cast<Algorithm>(algorithm)));
  ByteArray<crypto::kMaxHashSize> room;
  const MutableBytes whole =
      MutableBytes(room).first(crypto::HashSize(hash.hash));
  CAI_TRY(crypto::HashOf(hash.hash, {&certificate, 1}, whole));
  if (!Equal(whole.first(hash.size), expected))
    return Error::kCoseBadCertificate;
  return kDone;
}

}  // namespace

// One certificate is a byte string, several are an array (RFC 9360, 2).
Result<Bytes> LeafOf(const Headers& headers) {
  const Parameter* const chain = headers.Find(Header::kX5Chain);
  if (chain == nullptr) return Error::kCoseBadCertificate;
  cbor::AnyReader reader(chain->value);
  CAI_TRY_ASSIGN(const cbor::Type type, reader.Peek());
  if (type == cbor::Type::kArray) {
    CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
    if (count < 2) return Error::kCoseBadCertificate;
  }
  return reader.Bstr();
}

Status CheckX5t(const Headers& headers, Bytes certificate) {
  const Parameter* const hash = headers.Find(Header::kX5T);
  if (hash == nullptr) return Error::kCoseBadCertificate;
  CAI_TRY(CompareHash(hash->value, certificate));
  if (headers.Find(Header::kX5Chain) == nullptr) return kDone;
  CAI_TRY_ASSIGN(const Bytes leaf, LeafOf(headers));
  if (!Equal(leaf, certificate)) return Error::kCoseBadCertificate;
  return kDone;
}

Result<Key> KeyOf(Bytes certificate,
                  std::span<std::byte, crypto::kPublicRoom> room) {
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey key,
                 crypto::KeyOfCertificate(certificate));
  CAI_TRY_ASSIGN(const crypto::KeyNumbers numbers,
                 crypto::ExportPublic(key, room));
  return Key{.type = TypeOf(numbers.kind), .numbers = numbers};
}

}  // namespace cai::cose
