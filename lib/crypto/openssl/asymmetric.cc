// Keys: numbers in, numbers out.
#include "lib/crypto/openssl/asymmetric.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <limits>

#include "lib/base/secret.h"
#include "lib/crypto/openssl/memory.h"

namespace cai::crypto {
namespace {

using Number = Owned<BIGNUM, BN_clear_free>;
using Point = Owned<EC_POINT, EC_POINT_clear_free>;
using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;

constexpr std::size_t kMaxPoint = 1 + 2 * kMaxFieldSize;
constexpr std::size_t kMinRsaSize = 256;

AsymmetricKey Wrap(KeyKind kind, bool is_private, OwnedPkey key) {
  return {kind, is_private, reinterpret_cast<std::uintptr_t>(key.release())};
}

Number FromBytes(Bytes bytes) {
  return Number(BN_bin2bn(AsU8(bytes), Size(bytes), nullptr));
}

Result<OwnedPkey> FromParams(const char* type, OSSL_PARAM_BLD* builder,
                             int selection) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const OwnedPkeyContext context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr ||
      EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1)
    return Error::kCryptoBadKey;
  return OwnedPkey(key);
}

// ---- P curves ---------------------------------------------------------------

// The point as SEC 1 has it, from x and y or x and the parity of y; off the
// curve is refused here.
Point GivenPoint(const EC_GROUP* group, const KeyNumbers& numbers) {
  const std::size_t size = FieldSize(numbers.kind);
  ByteArray<kMaxPoint> encoded;
  const bool compressed = numbers.y.empty();
  encoded[0] = std::byte(compressed ? 2 + numbers.y_is_odd : 4);
  CopyInto(MutableBytes(encoded).subspan(1), numbers.x);
  CopyInto(MutableBytes(encoded).subspan(1 + size), numbers.y);
  Point point(EC_POINT_new(group));
  if (point != nullptr &&
      EC_POINT_oct2point(group, point.get(), AsU8(Bytes(encoded)),
                         1 + size * (compressed ? 1 : 2), nullptr) != 1)
    point.reset();
  return point;
}

Point DerivedPoint(const EC_GROUP* group, const BIGNUM* d) {
  Point point(EC_POINT_new(group));
  if (point != nullptr &&
      EC_POINT_mul(group, point.get(), d, nullptr, nullptr, nullptr) != 1)
    point.reset();
  return point;
}

Result<Number> Scalar(const EC_GROUP* group, Bytes d) {
  Number number = FromBytes(d);
  if (number == nullptr || BN_is_zero(number.get()) ||
      BN_cmp(number.get(), EC_GROUP_get0_order(group)) >= 0)
    return Error::kCryptoBadKey;
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

Status CheckSizes(const KeyNumbers& numbers) {
  const std::size_t size = FieldSize(numbers.kind);
  const auto fits = [&](Bytes part) {
    return part.empty() || part.size() == size;
  };
  if (!fits(numbers.x) || !fits(numbers.y) || !fits(numbers.d) ||
      (numbers.x.empty() && (numbers.d.empty() || !numbers.y.empty())))
    return Error::kCryptoBadKey;
  return kDone;
}

// The public point; if both halves are there, they must belong together.
Result<Point> PublicPoint(const EC_GROUP* group, const KeyNumbers& numbers,
                          const BIGNUM* d) {
  Point given, derived;
  if (!numbers.x.empty()) {
    given = GivenPoint(group, numbers);
    if (given == nullptr) return Error::kCryptoBadPoint;
  }
  if (d == nullptr) return given;
  derived = DerivedPoint(group, d);
  if (derived == nullptr) return Error::kCryptoFailed;
  if (given != nullptr &&
      EC_POINT_cmp(group, given.get(), derived.get(), nullptr) != 0)
    return Error::kCryptoBadKey;
  return derived;
}

Result<AsymmetricKey> ImportWeierstrass(const KeyNumbers& numbers) {
  CAI_TRY(CheckSizes(numbers));
  const Group group(
      EC_GROUP_new_by_curve_name(EC_curve_nist2nid(NameOf(numbers.kind))));
  if (group == nullptr) return Error::kCryptoUnsupported;
  Number d;
  if (!numbers.d.empty()) {
    CAI_TRY_ASSIGN(d, Scalar(group.get(), numbers.d));
  }
  CAI_TRY_ASSIGN(const Point point, PublicPoint(group.get(), numbers, d.get()));
  ByteArray<kMaxPoint> encoded;
  const std::size_t size = EC_POINT_point2oct(
      group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
      AsU8(MutableBytes(encoded)), encoded.size(), nullptr);
  const Builder builder(OSSL_PARAM_BLD_new());
  const bool built =
      size != 0 && builder != nullptr &&
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                      NameOf(numbers.kind), 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                       encoded.data(), size) == 1 &&
      (d == nullptr ||
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY,
                              d.get()) == 1);
  if (!built) return Error::kCryptoFailed;
  CAI_TRY_ASSIGN(OwnedPkey key, FromParams("EC", builder.get(),
                                           d == nullptr ? EVP_PKEY_PUBLIC_KEY
                                                        : EVP_PKEY_KEYPAIR));
  return Wrap(numbers.kind, d != nullptr, std::move(key));
}

// ---- Edwards and Montgomery curves -----------------------------------------

bool SamePublic(EVP_PKEY* key, Bytes x) {
  ByteArray<kMaxFieldSize> found;
  std::size_t size = found.size();
  return EVP_PKEY_get_raw_public_key(key, AsU8(MutableBytes(found)), &size) ==
             1 &&
         Equal(Bytes(found).first(size), x);
}

Result<AsymmetricKey> ImportRaw(const KeyNumbers& numbers) {
  CAI_TRY(CheckSizes(numbers));
  if (!numbers.y.empty()) return Error::kCryptoBadKey;
  const bool is_private = !numbers.d.empty();
  OwnedPkey key(is_private ? EVP_PKEY_new_raw_private_key_ex(
                                 nullptr, NameOf(numbers.kind), nullptr,
                                 AsU8(numbers.d), numbers.d.size())
                           : EVP_PKEY_new_raw_public_key_ex(
                                 nullptr, NameOf(numbers.kind), nullptr,
                                 AsU8(numbers.x), numbers.x.size()));
  if (key == nullptr) return Error::kCryptoBadKey;
  if (is_private && !numbers.x.empty() && !SamePublic(key.get(), numbers.x))
    return Error::kCryptoBadKey;
  return Wrap(numbers.kind, is_private, std::move(key));
}

// ---- RSA --------------------------------------------------------------------

struct RsaPart {
  const char* name;
  Bytes KeyNumbers::* value;
};
constexpr RsaPart kRsaPublic[] = {{OSSL_PKEY_PARAM_RSA_N, &KeyNumbers::n},
                                  {OSSL_PKEY_PARAM_RSA_E, &KeyNumbers::e}};
constexpr RsaPart kRsaPrivate[] = {
    {OSSL_PKEY_PARAM_RSA_D, &KeyNumbers::rsa_d},
    {OSSL_PKEY_PARAM_RSA_FACTOR1, &KeyNumbers::p},
    {OSSL_PKEY_PARAM_RSA_FACTOR2, &KeyNumbers::q},
    {OSSL_PKEY_PARAM_RSA_EXPONENT1, &KeyNumbers::dp},
    {OSSL_PKEY_PARAM_RSA_EXPONENT2, &KeyNumbers::dq},
    {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &KeyNumbers::qi}};

// The builder keeps pointers: the numbers live as long as it.
struct RsaBuilder {
  Builder builder{OSSL_PARAM_BLD_new()};
  std::array<Number, 8> held;
  std::size_t count = 0;

  bool Push(std::span<const RsaPart> parts, const KeyNumbers& numbers) {
    for (const RsaPart& part : parts) {
      const Bytes value = numbers.*part.value;
      if (value.empty() || value.size() > kMaxRsaSize) return false;
      held[count] = FromBytes(value);
      if (held[count] == nullptr ||
          OSSL_PARAM_BLD_push_BN(builder.get(), part.name, held[count].get()) !=
              1)
        return false;
      ++count;
    }
    return true;
  }
};

Status CheckPair(EVP_PKEY* key) {
  const OwnedPkeyContext context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (context == nullptr || EVP_PKEY_pairwise_check(context.get()) != 1)
    return Error::kCryptoBadKey;
  return kDone;
}

Result<AsymmetricKey> ImportRsa(const KeyNumbers& numbers) {
  const bool is_private = !numbers.rsa_d.empty();
  RsaBuilder rsa;
  if (rsa.builder == nullptr || !rsa.Push(kRsaPublic, numbers) ||
      (is_private && !rsa.Push(kRsaPrivate, numbers)))
    return Error::kCryptoBadKey;
  const int bits = BN_num_bits(rsa.held[0].get());
  if (bits < static_cast<int>(8 * kMinRsaSize) ||
      bits > static_cast<int>(8 * kMaxRsaSize))
    return Error::kCryptoBadKey;
  CAI_TRY_ASSIGN(OwnedPkey key, FromParams("RSA", rsa.builder.get(),
                                           is_private ? EVP_PKEY_KEYPAIR
                                                      : EVP_PKEY_PUBLIC_KEY));
  if (is_private) CAI_TRY(CheckPair(key.get()));
  return Wrap(KeyKind::kRsa, is_private, std::move(key));
}

// ---- From elsewhere ---------------------------------------------------------

Result<KeyKind> KindOf(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA")) return KeyKind::kRsa;
  for (const KeyKind kind :
       {KeyKind::kX25519, KeyKind::kX448, KeyKind::kEd25519, KeyKind::kEd448})
    if (EVP_PKEY_is_a(key, NameOf(kind))) return kind;
  char group[32];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1)
    return Error::kCryptoUnsupported;
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521})
    if (OBJ_txt2nid(group) == EC_curve_nist2nid(NameOf(kind))) return kind;
  return Error::kCryptoUnsupported;
}

Result<Bytes> Coordinate(const EVP_PKEY* key, const char* name,
                         MutableBytes out) {
  BIGNUM* raw = nullptr;
  const bool got = EVP_PKEY_get_bn_param(key, name, &raw) == 1;
  const Number number(raw);
  if (!got || BN_bn2binpad(raw, AsU8(out), Size(out)) != Size(out))
    return Error::kCryptoFailed;
  return Bytes(out);
}

Result<Bytes> Whole(const EVP_PKEY* key, const char* name, MutableBytes room) {
  BIGNUM* raw = nullptr;
  const bool got = EVP_PKEY_get_bn_param(key, name, &raw) == 1;
  const Number number(raw);
  if (!got || BN_num_bytes(raw) > Size(room)) return Error::kCryptoUnsupported;
  return Bytes(
      room.first(static_cast<std::size_t>(BN_bn2bin(raw, AsU8(room)))));
}

Result<KeyNumbers> ExportRsa(const EVP_PKEY* key, MutableBytes room) {
  KeyNumbers numbers{.kind = KeyKind::kRsa};
  CAI_TRY_ASSIGN(numbers.n, Whole(key, OSSL_PKEY_PARAM_RSA_N, room));
  CAI_TRY_ASSIGN(numbers.e, Whole(key, OSSL_PKEY_PARAM_RSA_E,
                                  room.subspan(numbers.n.size())));
  return numbers;
}

}  // namespace

const char* NameOf(KeyKind kind) {
  constexpr const char* kNames[] = {"P-256", "P-384",   "P-521", "X25519",
                                    "X448",  "ED25519", "ED448", "RSA"};
  return kNames[static_cast<std::size_t>(kind)];
}

AsymmetricKey::~AsymmetricKey() {
  if (handle_ != 0) EVP_PKEY_free(PkeyOf(*this));
}

Result<AsymmetricKey> ImportKey(const KeyNumbers& numbers) {
  if (numbers.kind == KeyKind::kRsa) return ImportRsa(numbers);
  return IsWeierstrass(numbers.kind) ? ImportWeierstrass(numbers)
                                     : ImportRaw(numbers);
}

Result<AsymmetricKey> GenerateKey(KeyKind kind) {
  if (kind == KeyKind::kRsa) return Error::kCryptoUnsupported;
  OwnedPkey key(IsWeierstrass(kind)
                    ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", NameOf(kind))
                    : EVP_PKEY_Q_keygen(nullptr, nullptr, NameOf(kind)));
  if (key == nullptr) return Error::kCryptoFailed;
  return Wrap(kind, true, std::move(key));
}

Result<AsymmetricKey> KeyOfCertificate(Bytes der) {
  if (der.size() > std::size_t{std::numeric_limits<int>::max()})
    return Error::kCryptoBadKey;
  const std::uint8_t* at = AsU8(der);
  const Owned<X509, X509_free> certificate(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != AsU8(der) + der.size())
    return Error::kCryptoBadKey;
  OwnedPkey key(X509_get_pubkey(certificate.get()));
  if (key == nullptr) return Error::kCryptoUnsupported;
  CAI_TRY_ASSIGN(const KeyKind kind, KindOf(key.get()));
  return Wrap(kind, false, std::move(key));
}

Result<KeyNumbers> ExportPublic(const AsymmetricKey& key,
                                std::span<std::byte, kPublicRoom> room) {
  const std::size_t size = FieldSize(key.kind());
  KeyNumbers numbers{.kind = key.kind()};
  if (key.kind() == KeyKind::kRsa) return ExportRsa(PkeyOf(key), room);
  if (IsWeierstrass(key.kind())) {
    CAI_TRY_ASSIGN(numbers.x, Coordinate(PkeyOf(key), OSSL_PKEY_PARAM_EC_PUB_X,
                                         room.first(size)));
    CAI_TRY_ASSIGN(numbers.y, Coordinate(PkeyOf(key), OSSL_PKEY_PARAM_EC_PUB_Y,
                                         room.subspan(size, size)));
    return numbers;
  }
  std::size_t written = size;
  if (EVP_PKEY_get_raw_public_key(PkeyOf(key), AsU8(room.first(size)),
                                  &written) != 1)
    return Error::kCryptoFailed;
  numbers.x = room.first(written);
  return numbers;
}

}  // namespace cai::crypto
