// P-256 on OpenSSL's EC_KEY: EVP of OpenSSL 3.0 has no RFC 6979, and device and
// host must sign alike so that vectors hold on both.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/ecdsa.h>

#include <memory>

#include "lib/crypto/hash.h"
#include "lib/crypto/openssl/keys.h"

namespace cai::crypto {
namespace {

template <auto kFree>
struct Free {
  void operator()(auto* object) const { kFree(object); }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Point = std::unique_ptr<EC_POINT, Free<EC_POINT_clear_free>>;
using Key = std::unique_ptr<EC_KEY, Free<EC_KEY_free>>;
using Pair = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Numbers = std::unique_ptr<BN_CTX, Free<BN_CTX_free>>;

const EC_GROUP* Curve() {
  static const EC_GROUP* const group =
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return group;
}

Number FromBytes(Bytes bytes) {
  Number number(BN_secure_new());
  if (number == nullptr) return number;
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  if (BN_bin2bn(AsU8(bytes), static_cast<int>(bytes.size()), number.get()) ==
      nullptr)
    number.reset();
  return number;
}

bool ToBytes(const BIGNUM* number, std::span<std::byte, 32> out) {
  return number != nullptr && BN_bn2binpad(number, AsU8(out), 32) == 32;
}

// oct2point refuses coordinates of p and above and points off the curve.
Point ToPoint(const P256Public& key) {
  ByteArray<65> encoded{std::byte{4}};
  CopyInto(MutableBytes(encoded).subspan(1), key.xy);
  Point point(EC_POINT_new(Curve()));
  if (point == nullptr ||
      EC_POINT_oct2point(Curve(), point.get(), AsU8(Bytes(encoded)),
                         encoded.size(), nullptr) != 1)
    return nullptr;
  return point;
}

Result<P256Public> FromPoint(const EC_POINT* point) {
  ByteArray<65> encoded;
  if (EC_POINT_point2oct(Curve(), point, POINT_CONVERSION_UNCOMPRESSED,
                         AsU8(MutableBytes(encoded)), encoded.size(),
                         nullptr) != encoded.size())
    return Error::kCryptoBadPoint;
  P256Public key;
  CopyInto(key.xy, Bytes(encoded).subspan(1));
  return key;
}

Key NewKey() {
  Key key(EC_KEY_new());
  if (key != nullptr && EC_KEY_set_group(key.get(), Curve()) != 1) key.reset();
  return key;
}

// Safety: handles are made by ImportScalar alone.
EC_KEY* KeyOf(P256Private key) { return reinterpret_cast<EC_KEY*>(key.handle); }

// RFC 6979, 3.2, with SHA-256 over a curve whose order has 256 bits, so that
// bits2int is the identity. `hash` is reduced as bits2octets wants it.
class NonceStream {
 public:
  NonceStream(Bytes scalar, Bytes reduced_hash) {
    std::ranges::fill(v_.mutable_bytes(), std::byte{1});
    Mix(std::byte{0}, scalar, reduced_hash);
    Mix(std::byte{1}, scalar, reduced_hash);
  }

  void Next(std::span<std::byte, 32> out) {
    if (used_) Mix(std::byte{0}, {}, {});
    used_ = true;
    Step();
    CopyInto(out, v_.bytes());
  }

 private:
  void Mix(std::byte separator, Bytes a, Bytes b) {
    Secret<32> key;
    Hmac(k_.bytes(), {v_.bytes(), Bytes(&separator, 1), a, b},
         key.mutable_bytes());
    k_ = std::move(key);
    Step();
  }
  void Step() {
    Secret<32> next;
    Hmac(k_.bytes(), {v_.bytes()}, next.mutable_bytes());
    v_ = std::move(next);
  }

  Secret<32> k_, v_;
  bool used_ = false;
};

// The hash as a number, less n if not below it (RFC 6979, 2.3.4).
bool Reduce(std::span<const std::byte, 32> hash, std::span<std::byte, 32> out) {
  const BIGNUM* const order = EC_GROUP_get0_order(Curve());
  const Number number = FromBytes(hash);
  if (number == nullptr) return false;
  if (BN_cmp(number.get(), order) >= 0 &&
      BN_sub(number.get(), number.get(), order) != 1)
    return false;
  return ToBytes(number.get(), out);
}

// 1/k and the x coordinate of kG, modulo n. The inverse is k^(n-2): with a
// modulus that is prime, in time that does not depend on k.
bool Setup(const BIGNUM* k, BIGNUM* inverse, BIGNUM* r) {
  const BIGNUM* const order = EC_GROUP_get0_order(Curve());
  const Numbers numbers(BN_CTX_secure_new());
  const Point point(EC_POINT_new(Curve()));
  const Number exponent(BN_dup(order));
  const Number x(BN_secure_new());
  return numbers && point && exponent && x &&
         EC_POINT_mul(Curve(), point.get(), k, nullptr, nullptr,
                      numbers.get()) == 1 &&
         EC_POINT_get_affine_coordinates(Curve(), point.get(), x.get(), nullptr,
                                         numbers.get()) == 1 &&
         BN_nnmod(r, x.get(), order, numbers.get()) == 1 &&
         BN_sub_word(exponent.get(), 2) == 1 &&
         BN_mod_exp_mont_consttime(inverse, k, exponent.get(), order,
                                   numbers.get(), nullptr) == 1 &&
         !BN_is_zero(r);
}

Result<Signature> TrySign(EC_KEY* key, std::span<const std::byte, 32> hash,
                          std::span<const std::byte, 32> nonce) {
  const Number k = FromBytes(nonce);
  const Number inverse(BN_secure_new()), r(BN_secure_new());
  if (!k || !inverse || !r || BN_is_zero(k.get()) ||
      BN_cmp(k.get(), EC_GROUP_get0_order(Curve())) >= 0 ||
      !Setup(k.get(), inverse.get(), r.get()))
    return Error::kCryptoFailed;
  const Pair pair(
      ECDSA_do_sign_ex(AsU8(hash), 32, inverse.get(), r.get(), key));
  Signature out;
  const std::span<std::byte, 64> at = out;
  if (pair == nullptr ||
      !ToBytes(ECDSA_SIG_get0_r(pair.get()), at.first<32>()) ||
      !ToBytes(ECDSA_SIG_get0_s(pair.get()), at.last<32>()))
    return Error::kCryptoFailed;
  return out;
}

}  // namespace

Status CheckPoint(const P256Public& key) {
  if (ToPoint(key) == nullptr) return Error::kCryptoBadPoint;
  return kDone;
}

Status Verify(const P256Public& key, std::span<const std::byte, 32> hash,
              std::span<const std::byte, 64> signature) {
  const Point point = ToPoint(key);
  if (point == nullptr) return Error::kCryptoBadPoint;
  const Key ec = NewKey();
  const Pair pair(ECDSA_SIG_new());
  Number r = FromBytes(signature.first<32>());
  Number s = FromBytes(signature.last<32>());
  if (!ec || !pair || !r || !s ||
      EC_KEY_set_public_key(ec.get(), point.get()) != 1 ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return Error::kCryptoFailed;
  (void)r.release();
  (void)s.release();
  if (ECDSA_do_verify(AsU8(hash), 32, pair.get(), ec.get()) != 1)
    return Error::kCryptoBadSignature;
  return kDone;
}

Result<Signature> SignHash(P256Private key,
                           std::span<const std::byte, 32> hash) {
  Secret<32> scalar, nonce;
  ByteArray<32> reduced;
  if (KeyOf(key) == nullptr) return Error::kCryptoBadKey;
  if (!ToBytes(EC_KEY_get0_private_key(KeyOf(key)), scalar.mutable_bytes()) ||
      !Reduce(hash, reduced))
    return Error::kCryptoFailed;

  NonceStream nonces(scalar.bytes(), reduced);
  constexpr int kTries = 4;  // each fails at 2^-32: n is that close to 2^256
  for (int i = 0; i < kTries; ++i) {
    nonces.Next(nonce.mutable_bytes());
    Result<Signature> signature = TrySign(KeyOf(key), hash, nonce.bytes());
    if (signature.ok()) return signature;
  }
  return Error::kCryptoFailed;
}

Result<P256Public> PublicKey(P256Private key) {
  if (KeyOf(key) == nullptr) return Error::kCryptoBadKey;
  return FromPoint(EC_KEY_get0_public_key(KeyOf(key)));
}

Result<Secret<32>> Ecdh(P256Private key, const P256Public& peer) {
  const Point point = ToPoint(peer);
  if (point == nullptr) return Error::kCryptoBadPoint;
  if (KeyOf(key) == nullptr) return Error::kCryptoBadKey;
  Secret<32> shared;
  if (ECDH_compute_key(shared.mutable_bytes().data(), 32, point.get(),
                       KeyOf(key), nullptr) != 32)
    return Error::kCryptoFailed;
  return shared;
}

Result<P256Private> ImportScalar(std::span<const std::byte, 32> scalar) {
  const BIGNUM* const order = EC_GROUP_get0_order(Curve());
  const Number number = FromBytes(scalar);
  if (!number || BN_is_zero(number.get()) || BN_cmp(number.get(), order) >= 0)
    return Error::kCryptoBadKey;
  const Point point(EC_POINT_new(Curve()));
  Key key = NewKey();
  if (!point || !key ||
      EC_POINT_mul(Curve(), point.get(), number.get(), nullptr, nullptr,
                   nullptr) != 1 ||
      EC_KEY_set_private_key(key.get(), number.get()) != 1 ||
      EC_KEY_set_public_key(key.get(), point.get()) != 1)
    return Error::kCryptoFailed;
  return P256Private{reinterpret_cast<std::uintptr_t>(key.release())};
}

void Release(P256Private key) { EC_KEY_free(KeyOf(key)); }

Result<P256Private> ImportEvp(const EVP_PKEY* key) {
  CAI_TRY(PublicOfEvp(key));
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &raw) != 1)
    return Error::kCryptoBadKey;
  const Number number(raw);
  Secret<32> scalar;
  if (!ToBytes(number.get(), scalar.mutable_bytes()))
    return Error::kCryptoBadKey;
  return ImportScalar(scalar.bytes());
}

Result<P256Public> PublicOfEvp(const EVP_PKEY* key) {
  char group[32];
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                     sizeof group, &size) != 1 ||
      std::string_view(group, size) != "prime256v1")
    return Error::kCryptoBadKey;
  BIGNUM *x = nullptr, *y = nullptr;
  const bool got =
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const Number own_x(x), own_y(y);
  P256Public out;
  const std::span<std::byte, 64> at = out.xy;
  if (!got || !ToBytes(x, at.first<32>()) || !ToBytes(y, at.last<32>()))
    return Error::kCryptoBadKey;
  return out;
}

}  // namespace cai::crypto
