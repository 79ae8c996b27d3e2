// The key that a token is checked with, and the device that it is known to be
// of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "host/common/file.h"
#include "host/common/text.h"
#include "lib/crypto/asymmetric.h"
#include "lib/crypto/p256.h"
#include "lib/eat/envelope.h"

namespace cai::verifier {

using host::Blob;
using host::Outcome;

// Bytes that are wiped when they go.
class WipedBlob {
 public:
  explicit WipedBlob(Blob bytes) : bytes_(std::move(bytes)) {}
  WipedBlob(WipedBlob&& other) noexcept = default;
  WipedBlob& operator=(WipedBlob&& other) noexcept = default;
  ~WipedBlob();
  Bytes bytes() const { return bytes_; }

 private:
  Blob bytes_;
};

// A public key on P-256, P-384 or P-521, or a secret for HMAC. A key has the
// algorithms of its kind and no other: what a message asks for does not matter.
class TokenKey {
 public:
  // kCryptoBadKey or kCryptoBadPoint; a secret has 32 bytes at least.
  static Outcome<TokenKey> OfPublic(const crypto::KeyNumbers& numbers);
  static Outcome<TokenKey> OfPublic(const crypto::P256Public& key);
  static Outcome<TokenKey> OfSecret(Blob secret);

  // A PEM file (a public key, a private key of which only the public part is
  // used, or a certificate), a JWK ("EC" or "oct") or a COSE_Key. kHostNotFound
  // or kHostMalformed with a hint.
  static Outcome<TokenKey> Read(const host::fs::path& path);
  static Outcome<TokenKey> Parse(Bytes file);

  // kEatUnsigned for what is neither Sign1 nor Mac0, kEatWrongAlgorithm,
  // kCoseUnexpectedHeader for a critical parameter, kEatBadSignature.
  Status Check(const eat::Envelope& token) const;

  // The public key, if it is one on P-256.
  std::optional<crypto::P256Public> p256() const;

  bool secret() const { return std::holds_alternative<WipedBlob>(key_); }

 private:
  explicit TokenKey(crypto::AsymmetricKey key) : key_(std::move(key)) {}
  explicit TokenKey(WipedBlob secret) : key_(std::move(secret)) {}

  Status CheckSignature(const eat::Envelope& token) const;
  Status CheckTag(const eat::Envelope& token) const;

  std::variant<crypto::AsymmetricKey, WipedBlob> key_;
};

// The text of a public key (SPKI) as CoRIM has it: PEM, or its base64 alone.
Outcome<TokenKey> ParsePkixKey(std::string_view text);

// A key that somebody tied to a device. What the token says of itself is only
// believed once this key has signed it.
struct TrustAnchor {
  std::shared_ptr<const TokenKey> key;
  std::optional<Blob> ueid;            // nothing: whoever names the key vouches
  std::optional<Blob> implementation;  // of the endorsement
  std::string source;                  // for people: where it came from
};

}  // namespace cai::verifier
