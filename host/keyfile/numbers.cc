#include "host/keyfile/numbers.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#include "lib/crypto/openssl/asymmetric.h"

namespace cai::keyfile {
namespace {

using crypto::KeyKind;
using Number = std::unique_ptr<BIGNUM, host::FreeWith<BN_clear_free>>;

bool Coordinate(const EVP_PKEY* key, const char* name, MutableBytes out) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return false;
  const Number number(raw);
  return BN_bn2binpad(number.get(), AsU8(out), static_cast<int>(out.size())) ==
         static_cast<int>(out.size());
}

bool WeierstrassNumbers(const Key& key, Numbers& out) {
  const std::size_t size = crypto::FieldSize(key.kind);
  const EVP_PKEY* const pkey = key.pkey.get();
  return Coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X,
                    MutableBytes(out.x).first(size)) &&
         Coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y,
                    MutableBytes(out.y).first(size)) &&
         (!key.is_private || Coordinate(pkey, OSSL_PKEY_PARAM_PRIV_KEY,
                                        out.d.mutable_bytes().first(size)));
}

bool RawNumbers(const Key& key, Numbers& out) {
  std::size_t x_size = out.x.size(), d_size = out.d.size();
  return EVP_PKEY_get_raw_public_key(key.pkey.get(), AsU8(MutableBytes(out.x)),
                                     &x_size) == 1 &&
         (!key.is_private ||
          EVP_PKEY_get_raw_private_key(
              key.pkey.get(), AsU8(out.d.mutable_bytes()), &d_size) == 1);
}

}  // namespace

Outcome<Numbers> NumbersOf(const Key& key) {
  Numbers out;
  const bool read = crypto::IsWeierstrass(key.kind)
                        ? WeierstrassNumbers(key, out)
                        : RawNumbers(key, out);
  if (!read) return host::CryptoProblem("reading the key's numbers");
  return out;
}

Outcome<Key> FromNumbers(const crypto::KeyNumbers& numbers) {
  const auto imported = crypto::ImportKey(numbers);
  ERR_clear_error();
  if (!imported.ok()) return imported.error();
  EVP_PKEY* const pkey = crypto::PkeyOf(*imported);
  EVP_PKEY_up_ref(pkey);
  return Key{host::KeyPtr(pkey), numbers.kind, imported->is_private()};
}

Outcome<KeyKind> KindOf(const EVP_PKEY* key) {
  char group[64] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_id(key) == EVP_PKEY_EC) {
    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                   sizeof(group), &size);
    const std::string_view name(group, size);
    if (name == "prime256v1" || name == "P-256") return KeyKind::kP256;
    if (name == "secp384r1" || name == "P-384") return KeyKind::kP384;
    if (name == "secp521r1" || name == "P-521") return KeyKind::kP521;
  }
  for (const KeyKind kind :
       {KeyKind::kX25519, KeyKind::kX448, KeyKind::kEd25519, KeyKind::kEd448})
    if (EVP_PKEY_is_a(key, crypto::NameOf(kind)) == 1) return kind;
  ERR_clear_error();
  return host::Problem(Error::kCryptoUnsupported, "the key",
                       "P-256, P-384, P-521, Ed25519, Ed448, X25519 and X448 "
                       "are understood");
}

}  // namespace cai::keyfile
