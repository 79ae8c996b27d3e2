// Signatures, key agreement and key transport, by algorithm, on keys that a
// backend holds.
#pragma once

#include <utility>

#include "lib/base/result.h"
#include "lib/crypto/algorithm.h"

namespace cai::crypto {

// A key as numbers, as COSE_Key has them: big endian, except that X25519,
// Ed25519 and the 448 ones are the strings of RFC 7748 and RFC 8032. Views.
struct KeyNumbers {
  KeyKind kind = KeyKind::kP256;

  // EC2 and OKP. Empty is absent: without `y` the point is compressed and
  // `y_is_odd` says which; without `d` the key is public; `d` alone will do.
  Bytes x = {}, y = {}, d = {};
  bool y_is_odd = false;

  // RSA: modulus, public exponent; private keys have all of the rest too, two
  // primes and no more (RFC 8230, 4).
  Bytes n = {}, e = {}, rsa_d = {}, p = {}, q = {}, dp = {}, dq = {}, qi = {};
};

// A key where it lives; released when it goes. Move only.
class AsymmetricKey {
 public:
  // What the backend made of a key; it owns the meaning.
  AsymmetricKey(KeyKind kind, bool is_private, std::uintptr_t handle)
      : kind_(kind), private_(is_private), handle_(handle) {}
  AsymmetricKey(AsymmetricKey&& other) noexcept
      : kind_(other.kind_),
        private_(other.private_),
        handle_(std::exchange(other.handle_, 0)) {}
  AsymmetricKey& operator=(AsymmetricKey&& other) noexcept {
    std::swap(handle_, other.handle_);
    kind_ = other.kind_;
    private_ = other.private_;
    return *this;
  }
  ~AsymmetricKey();  // the backend's

  KeyKind kind() const { return kind_; }
  bool is_private() const { return private_; }
  std::uintptr_t handle() const { return handle_; }

 private:
  KeyKind kind_;
  bool private_;
  std::uintptr_t handle_;
};

// kCryptoBadPoint if the point is not on its curve, kCryptoBadKey if sizes are
// wrong, an RSA modulus has under 2048 bits (RFC 8230, 6.1) or over 4096, or
// private and public part do not belong together.
Result<AsymmetricKey> ImportKey(const KeyNumbers& numbers);

// Not RSA: kCryptoUnsupported.
Result<AsymmetricKey> GenerateKey(KeyKind kind);

// The public half as numbers in `room`, which outlives them.
constexpr std::size_t kPublicRoom = kMaxRsaSize + 8;
Result<KeyNumbers> ExportPublic(const AsymmetricKey& key,
                                std::span<std::byte, kPublicRoom> room);

// The public key of an X.509 certificate, whose signature and dates are the
// caller's to check. kCryptoUnsupported for a key that ImportKey does not take.
Result<AsymmetricKey> KeyOfCertificate(Bytes der);

// ECDSA gives r || s, each of the order's size. kCryptoBadKey if the key is of
// another kind or not private.
Result<Bytes> Sign(const AsymmetricKey& key, SignatureScheme scheme,
                   Parts message, MutableBytes out);

// kCryptoBadSignature for all that is not the signature.
Status Verify(const AsymmetricKey& key, SignatureScheme scheme, Parts message,
              Bytes signature);

// The x coordinate, or the u of RFC 7748, of FieldSize bytes. kCryptoBadKey
// unless both are of one kind that agrees and `own` is private; kCryptoBadPoint
// for a secret of zeros (RFC 7748, 6).
Result<Bytes> Agree(const AsymmetricKey& own, const AsymmetricKey& peer,
                    MutableBytes out);

// RSAES-OAEP with an empty label; MGF1 of the same hash. Any failure to open is
// kCryptoBadTag.
Result<Bytes> OaepEncrypt(const AsymmetricKey& key, HashAlgorithm hash,
                          Bytes plain, MutableBytes out);
Result<Bytes> OaepDecrypt(const AsymmetricKey& key, HashAlgorithm hash,
                          Bytes cipher, MutableBytes out);

}  // namespace cai::crypto
