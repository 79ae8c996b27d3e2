#include "lib/cose/cose_key.h"

#include "lib/base/secret.h"
#include "lib/cbor/reader.h"
#include "lib/cose/headers.h"
#include "lib/cose/parameters.h"
#include "lib/crypto/mac.h"

namespace cai::cose {
namespace {

using crypto::KeyKind;
using crypto::KeyNumbers;
using Type = Key::Type;

enum Common { kKty = 1, kKid = 2, kAlg = 3, kKeyOps = 4, kBaseIv = 5 };
enum Curved { kCurve = -1, kX = -2, kY = -3, kD = -4 };
constexpr std::int64_t kSymmetricK = -1;
constexpr std::int64_t kRsaOtherPrimes = -9;

struct Curve {
  std::int64_t number;
  KeyKind kind;
  Type type;
};
// RFC 9053, 7.1, table 18.
constexpr Curve kCurves[] = {
    {1, KeyKind::kP256, Type::kEc2},  {2, KeyKind::kP384, Type::kEc2},
    {3, KeyKind::kP521, Type::kEc2},  {4, KeyKind::kX25519, Type::kOkp},
    {5, KeyKind::kX448, Type::kOkp},  {6, KeyKind::kEd25519, Type::kOkp},
    {7, KeyKind::kEd448, Type::kOkp},
};

// RFC 8230, 4, in the order of the labels -1 to -8; public are the first two.
constexpr Bytes KeyNumbers::* kRsaParts[] = {
    &KeyNumbers::n, &KeyNumbers::e,  &KeyNumbers::rsa_d, &KeyNumbers::p,
    &KeyNumbers::q, &KeyNumbers::dp, &KeyNumbers::dq,    &KeyNumbers::qi};
constexpr std::size_t kRsaPublicParts = 2;

// A COSE_Key is a map of labels like a header's.
class Members {
 public:
  explicit Members(const Headers& map) : map_(map) {}

  Result<std::int64_t> Int(std::int64_t label) const {
    const Parameter* const found = map_.Find(Label(label));
    if (found == nullptr) return Error::kCoseBadKey;
    return cbor::AnyReader(found->value).Int();
  }
  // Empty if absent; never of no bytes.
  Result<Bytes> Bstr(std::int64_t label) const {
    CAI_TRY_ASSIGN(const std::optional<Bytes> value, map_.Bstr(Label(label)));
    if (value && value->empty()) return Error::kCoseBadKey;
    return value.value_or(Bytes());
  }
  const Parameter* Find(std::int64_t label) const {
    return map_.Find(Label(label));
  }

 private:
  const Headers& map_;
};

// Operations that are not known here allow nothing; a key with no other is of
// no use.
Result<std::uint16_t> ReadOperations(Bytes value) {
  cbor::AnyReader reader(value);
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count == 0) return Error::kCoseBadKey;
  std::uint16_t operations = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    CAI_TRY_ASSIGN(const Bytes item, reader.Skip());
    const auto number = cbor::AnyReader(item).Int();
    if (number.ok() && *number >= 1 && *number <= 10)
      operations |= static_cast<std::uint16_t>(1 << *number);
  }
  if (operations == 0) return Error::kCoseUnsupported;
  return operations;
}

Status ReadCommon(const Headers& map, const Members& members, Key& key) {
  CAI_TRY_ASSIGN(key.id, map.Bstr(Label(kKid)));
  CAI_TRY_ASSIGN(key.base_iv, map.Bstr(Label(kBaseIv)));
  if (members.Find(kAlg) != nullptr) {
    CAI_TRY_ASSIGN(const std::int64_t number, members.Int(kAlg));
    if (number != static_cast<std::int32_t>(number)) return Error::kCoseBadKey;
    key.algorithm = static_cast<Algorithm>(number);
  }
  if (const Parameter* const ops = members.Find(kKeyOps)) {
    CAI_TRY_ASSIGN(key.operations, ReadOperations(ops->value));
  }
  return kDone;
}

// The y coordinate, or its parity alone (RFC 9053, 7.1.1).
Status ReadY(const Members& members, KeyNumbers& numbers) {
  const Parameter* const y = members.Find(kY);
  if (y == nullptr) return Error::kCoseBadKey;
  cbor::AnyReader reader(y->value);
  CAI_TRY_ASSIGN(const cbor::Type type, reader.Peek());
  if (type == cbor::Type::kBool) {
    CAI_TRY_ASSIGN(numbers.y_is_odd, reader.Bool());
    return kDone;
  }
  CAI_TRY_ASSIGN(numbers.y, reader.Bstr());
  if (numbers.y.empty()) return Error::kCoseBadKey;
  return kDone;
}

Status ReadCurved(const Members& members, Key& key) {
  CAI_TRY_ASSIGN(const std::int64_t number, members.Int(kCurve));
  const auto* const curve = std::ranges::find(kCurves, number, &Curve::number);
  if (curve == std::end(kCurves)) return Error::kCoseUnsupported;
  if (curve->type != key.type) return Error::kCoseBadKey;
  KeyNumbers& numbers = key.numbers;
  numbers.kind = curve->kind;
  CAI_TRY_ASSIGN(numbers.x, members.Bstr(kX));
  CAI_TRY_ASSIGN(numbers.d, members.Bstr(kD));
  if (key.type == Type::kEc2 && !numbers.x.empty())
    CAI_TRY(ReadY(members, numbers));
  const std::size_t size = crypto::FieldSize(numbers.kind);
  for (const Bytes part : {numbers.x, numbers.y, numbers.d})
    if (!part.empty() && part.size() != size) return Error::kCoseBadKey;
  if (numbers.x.empty() && numbers.d.empty()) return Error::kCoseBadKey;
  return kDone;
}

Status ReadRsa(const Members& members, Key& key) {
  key.numbers.kind = KeyKind::kRsa;
  if (members.Find(kRsaOtherPrimes) != nullptr) return Error::kCoseUnsupported;
  std::int64_t label = 0;
  std::size_t present = 0;
  for (const auto part : kRsaParts) {
    CAI_TRY_ASSIGN(key.numbers.*part, members.Bstr(--label));
    if ((key.numbers.*part).size() > crypto::kMaxRsaSize)
      return Error::kCoseUnsupported;
    if (!(key.numbers.*part).empty()) ++present;
  }
  const bool is_public = !key.numbers.n.empty() && !key.numbers.e.empty();
  if (!is_public ||
      (present != kRsaPublicParts && present != std::size(kRsaParts)))
    return Error::kCoseBadKey;
  return kDone;
}

Status ReadByType(const Members& members, Key& key) {
  switch (key.type) {
    case Type::kOkp:
    case Type::kEc2:
      return ReadCurved(members, key);
    case Type::kRsa:
      return ReadRsa(members, key);
    default:
      CAI_TRY_ASSIGN(key.k, members.Bstr(kSymmetricK));
      if (key.k.empty()) return Error::kCoseBadKey;
      return kDone;
  }
}

}  // namespace

Result<Key> ParseKey(Bytes encoded) {
  CAI_TRY_ASSIGN(const Headers map, Headers::Parse({}, encoded));
  const Members members(map);
  CAI_TRY_ASSIGN(const std::int64_t type, members.Int(kKty));
  if (type < 1 || type > 4) return Error::kCoseUnsupported;
  Key key{.type = static_cast<Type>(type)};
  CAI_TRY(ReadCommon(map, members, key));
  CAI_TRY(ReadByType(members, key));
  return key;
}

Result<Key> FindKey(Bytes key_set, Bytes id) {
  cbor::AnyReader reader(key_set);
  CAI_TRY_ASSIGN(const std::uint64_t keys, reader.Array());
  std::optional<Key> found;
  for (std::uint64_t i = 0; i < keys; ++i) {
    CAI_TRY_ASSIGN(const Bytes item, reader.Skip());
    const auto key = ParseKey(item);
    if (!found && key.ok() && key->id && Equal(*key->id, id)) found = *key;
  }
  CAI_TRY(reader.Finish());
  if (!found) return Error::kCoseNoKey;
  return *found;
}

namespace {

void WriteBstr(std::int64_t label, Bytes value, cbor::Writer& writer) {
  if (value.empty()) return;
  writer.Int(label);
  writer.Bstr(value);
}

std::uint64_t CountOperations(std::uint16_t operations) {
  std::uint64_t count = 0;
  for (int i = 1; i <= 10; ++i) count += operations >> i & 1;
  return count;
}

void WriteCommon(const Key& key, cbor::Writer& writer) {
  writer.Int(kKty);
  writer.Uint(static_cast<std::uint64_t>(key.type));
  if (key.id) {
    writer.Int(kKid);
    writer.Bstr(*key.id);
  }
  if (key.algorithm) {
    writer.Int(kAlg);
    writer.Int(static_cast<std::int64_t>(*key.algorithm));
  }
  if (key.operations != 0) {
    writer.Int(kKeyOps);
    writer.Array(CountOperations(key.operations));
    for (int i = 1; i <= 10; ++i)
      if ((key.operations >> i & 1) != 0) writer.Int(i);
  }
  if (key.base_iv) {
    writer.Int(kBaseIv);
    writer.Bstr(*key.base_iv);
  }
}

std::uint64_t CommonCount(const Key& key) {
  return 1 + key.id.has_value() + key.algorithm.has_value() +
         (key.operations != 0) + key.base_iv.has_value();
}

void WriteCurvedPublic(const Key& key, cbor::Writer& writer) {
  writer.Int(kCurve);
  writer.Int(
      std::ranges::find(kCurves, key.numbers.kind, &Curve::kind)->number);
  WriteBstr(kX, key.numbers.x, writer);
  if (key.type != Type::kEc2 || key.numbers.x.empty()) return;
  if (!key.numbers.y.empty()) return WriteBstr(kY, key.numbers.y, writer);
  writer.Int(kY);
  writer.Bool(key.numbers.y_is_odd);
}

void WriteCurved(const Key& key, bool with_private, cbor::Writer& writer) {
  const KeyNumbers& numbers = key.numbers;
  const bool ec2 = key.type == Type::kEc2;
  const bool has_d = with_private && !numbers.d.empty();
  writer.Map(CommonCount(key) + 1 + (numbers.x.empty() ? 0 : 1 + ec2) + has_d);
  WriteCommon(key, writer);
  WriteCurvedPublic(key, writer);
  if (has_d) WriteBstr(kD, numbers.d, writer);
}

void WriteRsa(const Key& key, bool with_private, cbor::Writer& writer) {
  const std::size_t parts = with_private && !key.numbers.rsa_d.empty()
                                ? std::size(kRsaParts)
                                : kRsaPublicParts;
  writer.Map(CommonCount(key) + parts);
  WriteCommon(key, writer);
  std::int64_t label = 0;
  for (const auto part : std::span(kRsaParts).first(parts))
    WriteBstr(--label, key.numbers.*part, writer);
}

}  // namespace

Status WriteKey(const Key& key, bool with_private, cbor::Writer& writer) {
  switch (key.type) {
    case Type::kSymmetric:
      if (!with_private) return Error::kCoseBadKey;
      writer.Map(CommonCount(key) + 1);
      WriteCommon(key, writer);
      WriteBstr(kSymmetricK, key.k, writer);
      return kDone;
    case Type::kRsa:
      WriteRsa(key, with_private, writer);
      return kDone;
    default:
      if (!with_private && key.numbers.x.empty()) return Error::kCoseBadKey;
      WriteCurved(key, with_private, writer);
      return kDone;
  }
}

// RFC 9679, 3 and 4: kty and what its type requires, y as bytes.
Status Thumbprint(const Key& key, Algorithm hash, MutableBytes out) {
  constexpr std::size_t kMax = 1 + 2 + 2 * (1 + 3 + crypto::kMaxRsaSize);
  CAI_TRY_ASSIGN(const HashParameters parameters, HashOf(hash));
  if (out.size() != parameters.size) return Error::kCoseNoRoom;
  Key required{.type = key.type, .numbers = key.numbers, .k = key.k};
  ByteArray<crypto::kPublicRoom> room;
  if (key.type == Type::kEc2 || key.type == Type::kOkp) {
    CAI_TRY_ASSIGN(const crypto::AsymmetricKey imported,
                   crypto::ImportKey(key.numbers));
    CAI_TRY_ASSIGN(required.numbers, crypto::ExportPublic(imported, room));
  }
  Secret<kMax> encoded;
  cbor::Writer writer(encoded.mutable_bytes());
  CAI_TRY(WriteKey(required, key.type == Type::kSymmetric, writer));
  CAI_TRY_ASSIGN(const Bytes written, writer.Finish());
  ByteArray<crypto::kMaxHashSize> digest;
  const MutableBytes whole =
      MutableBytes(digest).first(crypto::HashSize(parameters.hash));
  CAI_TRY(crypto::HashOf(parameters.hash, {&written, 1}, whole));
  CopyInto(out, whole);
  return kDone;
}

Status CheckUse(const Key& key, Algorithm algorithm, KeyOperation operation) {
  const int bit = 1 << static_cast<int>(operation);
  if ((key.algorithm && *key.algorithm != algorithm) ||
      (key.operations != 0 && (key.operations & bit) == 0))
    return Error::kCoseKeyUse;
  return kDone;
}

}  // namespace cai::cose
