#include "host/verifier/token_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "host/common/keys.h"
#include "host/verifier/claims_json.h"
#include "lib/cose/cose_key.h"
#include "lib/cose/structure.h"
#include "lib/crypto/mac.h"

namespace cai::verifier {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyKind;
using crypto::KeyNumbers;
using host::FreeWith;
using host::Problem;

constexpr const char* kHint =
    "a public key or certificate in PEM, a JWK (EC or oct) or a COSE_Key";

Problem Malformed(const char* what) {
  return {Error::kHostMalformed, what, kHint};
}

// RFC 9052, 4.4 and 6.3: [context, protected, h'', payload]; a protected header
// that is an empty map counts as an empty string.
void Fill(cose::Structure& out, const eat::Envelope& token) {
  const ByteArray<1> empty_map{std::byte{0xa0}};
  const bool empty = Equal(token.protected_header, empty_map);
  out.Bstr(empty ? Bytes() : token.protected_header);
  out.Bstr({});
  out.Bstr(token.payload);
}

struct Signing {
  KeyKind kind;
  std::int64_t algorithm;
  HashAlgorithm hash;
};
constexpr Signing kSigning[] = {
    {KeyKind::kP256, -7, HashAlgorithm::kSha256},
    {KeyKind::kP384, -35, HashAlgorithm::kSha384},
    {KeyKind::kP521, -36, HashAlgorithm::kSha512},
};

struct Tagging {
  std::int64_t algorithm;
  HashAlgorithm hash;
};
constexpr Tagging kTagging[] = {{5, HashAlgorithm::kSha256},
                                {6, HashAlgorithm::kSha384},
                                {7, HashAlgorithm::kSha512}};

// ---- Files -----------------------------------------------------------------

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;

BioPtr View(Bytes bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// No terminal is asked for a passphrase.
int NoPassphrase(char*, int, int, void*) { return 0; }

host::KeyPtr KeyInPem(Bytes file) {
  host::KeyPtr key(
      PEM_read_bio_PUBKEY(View(file).get(), nullptr, NoPassphrase, nullptr));
  if (!key)
    key.reset(PEM_read_bio_PrivateKey(View(file).get(), nullptr, NoPassphrase,
                                      nullptr));
  if (!key) {
    const host::CertificatePtr certificate(
        PEM_read_bio_X509(View(file).get(), nullptr, NoPassphrase, nullptr));
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  }
  ERR_clear_error();
  return key;
}

std::optional<KeyKind> KindOfCurve(std::string_view name) {
  if (name == "P-256" || name == "prime256v1") return KeyKind::kP256;
  if (name == "P-384" || name == "secp384r1") return KeyKind::kP384;
  if (name == "P-521" || name == "secp521r1") return KeyKind::kP521;
  return std::nullopt;
}

std::optional<KeyKind> KindOf(const EVP_PKEY* key) {
  char group[32] = {};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                     sizeof group, &size) != 1)
    return std::nullopt;
  return KindOfCurve({group, size});
}

std::optional<Blob> Coordinate(const EVP_PKEY* key, const char* which,
                               std::size_t size) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, which, &number) != 1) return std::nullopt;
  const BignumPtr owner(number);
  Blob out(size);
  if (BN_bn2binpad(number, AsU8(MutableBytes(out)), static_cast<int>(size)) < 0)
    return std::nullopt;
  return out;
}

Outcome<TokenKey> FromPem(Bytes file) {
  const host::KeyPtr key = KeyInPem(file);
  if (!key) return Malformed("a PEM file without a key that can be read");
  const auto kind = KindOf(key.get());
  if (!kind) return Malformed("a key that is not on P-256, P-384 or P-521");
  const std::size_t size = crypto::FieldSize(*kind);
  const auto x = Coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, size);
  const auto y = Coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size);
  if (!x || !y) return Error::kCryptoBadKey;
  return TokenKey::OfPublic({.kind = *kind, .x = *x, .y = *y});
}

// RFC 7518, 6.2 and 6.4. Only the public part of a pair is read.
Outcome<TokenKey> FromJwk(Bytes file) {
  boost::system::error_code error;
  const auto value = boost::json::parse(AsText(file), error);
  if (error || !value.is_object()) return Malformed("a JWK that is no JSON");
  const auto field = [&](const char* name) {
    const auto* text = value.as_object().if_contains(name);
    return text && text->is_string() ? std::string(text->as_string()) : "";
  };
  if (field("kty") == "oct") {
    CAI_TRY_ASSIGN(Blob secret, FromBase64Url(field("k")));
    return TokenKey::OfSecret(std::move(secret));
  }
  const auto kind = KindOfCurve(field("crv"));
  if (field("kty") != "EC" || !kind)
    return Malformed("a JWK that is neither EC nor oct");
  CAI_TRY_ASSIGN(const Blob x, FromBase64Url(field("x")));
  CAI_TRY_ASSIGN(const Blob y, FromBase64Url(field("y")));
  return TokenKey::OfPublic({.kind = *kind, .x = x, .y = y});
}

// Only the public part of a pair is used.
Outcome<TokenKey> FromCoseKey(Bytes file) {
  const auto key = cose::ParseKey(file);
  if (!key.ok()) return Malformed("a COSE_Key that cannot be read");
  if (key->type == cose::Key::Type::kSymmetric)
    return TokenKey::OfSecret(host::ToBlob(key->k));
  if (key->type != cose::Key::Type::kEc2 || key->numbers.x.empty())
    return Malformed("a COSE_Key that is neither EC2 nor symmetric");
  crypto::KeyNumbers numbers = key->numbers;
  numbers.d = {};
  return TokenKey::OfPublic(numbers);
}

}  // namespace

WipedBlob::~WipedBlob() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Outcome<TokenKey> TokenKey::OfPublic(const KeyNumbers& numbers) {
  CAI_TRY_ASSIGN(crypto::AsymmetricKey key, crypto::ImportKey(numbers));
  return TokenKey(std::move(key));
}

Outcome<TokenKey> TokenKey::OfPublic(const crypto::P256Public& key) {
  return OfPublic({.kind = KeyKind::kP256, .x = key.x(), .y = key.y()});
}

// RFC 9783, 5.1.1 asks for HMAC 256/256; a shorter key would be the weak part.
Outcome<TokenKey> TokenKey::OfSecret(Blob secret) {
  if (secret.size() < 32)
    return Problem(Error::kCryptoBadKey, "a secret of fewer than 32 bytes");
  return TokenKey(WipedBlob(std::move(secret)));
}

Outcome<TokenKey> TokenKey::Parse(Bytes file) {
  if (file.empty()) return Malformed("an empty file");
  if (AsText(file).find("-----BEGIN ") != std::string_view::npos)
    return FromPem(file);
  const auto first = std::to_integer<unsigned char>(file[0]);
  if (first == '{' || std::isspace(first)) return FromJwk(file);
  return FromCoseKey(file);
}

Outcome<TokenKey> ParsePkixKey(std::string_view text) {
  if (text.find("-----BEGIN ") != text.npos)
    return TokenKey::Parse(AsBytes(text));
  const std::string pem = "-----BEGIN PUBLIC KEY-----\n" + std::string(text) +
                          "\n-----END PUBLIC KEY-----\n";
  return TokenKey::Parse(AsBytes(pem));
}

Outcome<TokenKey> TokenKey::Read(const host::fs::path& path) {
  CAI_TRY_ASSIGN(const Blob file, host::ReadFile(path));
  auto key = Parse(file);
  if (key.ok()) return key;
  return Problem(key.error().error, path.string() + ": " + key.error().words,
                 kHint);
}

std::optional<crypto::P256Public> TokenKey::p256() const {
  const auto* key = std::get_if<crypto::AsymmetricKey>(&key_);
  if (key == nullptr || key->kind() != KeyKind::kP256) return std::nullopt;
  ByteArray<crypto::kPublicRoom> room;
  const auto numbers = crypto::ExportPublic(*key, room);
  if (!numbers.ok()) return std::nullopt;
  crypto::P256Public out;
  CopyInto(MutableBytes(out.xy).first(32), numbers->x);
  CopyInto(MutableBytes(out.xy).last(32), numbers->y);
  return out;
}

Status TokenKey::Check(const eat::Envelope& token) const {
  using Kind = eat::Envelope::Kind;
  if (token.kind != Kind::kSign1 && token.kind != Kind::kMac0)
    return Error::kEatUnsigned;
  if (token.critical) return Error::kCoseUnexpectedHeader;
  if (!token.algorithm) return Error::kEatWrongAlgorithm;
  const bool tag = token.kind == Kind::kMac0;
  if (tag != secret()) return Error::kEatWrongAlgorithm;
  return tag ? CheckTag(token) : CheckSignature(token);
}

Status TokenKey::CheckSignature(const eat::Envelope& token) const {
  const auto& key = std::get<crypto::AsymmetricKey>(key_);
  const auto* row = std::ranges::find(kSigning, key.kind(), &Signing::kind);
  if (row == std::end(kSigning) || row->algorithm != token.algorithm)
    return Error::kEatWrongAlgorithm;
  cose::Structure message("Signature1", 4);
  Fill(message, token);
  const crypto::SignatureScheme scheme{crypto::SignatureScheme::Family::kEcdsa,
                                       row->hash};
  if (!crypto::Verify(key, scheme, message.parts(), token.proof).ok())
    return Error::kEatBadSignature;
  return kDone;
}

Status TokenKey::CheckTag(const eat::Envelope& token) const {
  const auto* row =
      std::ranges::find(kTagging, *token.algorithm, &Tagging::algorithm);
  if (row == std::end(kTagging)) return Error::kEatWrongAlgorithm;
  cose::Structure message("MAC0", 4);
  Fill(message, token);
  Blob tag(crypto::HashSize(row->hash));
  CAI_TRY(crypto::HmacOf(row->hash, std::get<WipedBlob>(key_).bytes(),
                         message.parts(), tag));
  const bool same =
      tag.size() == token.proof.size() &&
      CRYPTO_memcmp(tag.data(), token.proof.data(), tag.size()) == 0;
  return same ? Status(kDone) : Status(Error::kEatBadSignature);
}

}  // namespace cai::verifier
