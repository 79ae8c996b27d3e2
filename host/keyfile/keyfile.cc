#include "host/keyfile/keyfile.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cctype>

#include "host/keyfile/cose_key.h"
#include "host/keyfile/numbers.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/openssl/asymmetric.h"

namespace cai::keyfile {
namespace {

using crypto::KeyKind;
using host::Problem;
using BioPtr = std::unique_ptr<BIO, host::FreeWith<BIO_free_all>>;

constexpr std::size_t kMaxFile = 65536;
constexpr KeyKind kKinds[] = {
    KeyKind::kP256,  KeyKind::kP384,   KeyKind::kP521, KeyKind::kEd25519,
    KeyKind::kEd448, KeyKind::kX25519, KeyKind::kX448};
constexpr std::string_view kPemBegin = "-----BEGIN ";

Problem NoKey() {
  ERR_clear_error();
  return {Error::kHostMalformed, "no key in it",
          "a PEM file (private, public or certificate, not encrypted) or a "
          "COSE_Key is expected"};
}

// OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

BioPtr View(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Outcome<Key> Wrap(host::KeyPtr pkey, bool is_private) {
  if (pkey == nullptr) return NoKey();
  CAI_TRY_ASSIGN(const KeyKind kind, KindOf(pkey.get()));
  return Key{std::move(pkey), kind, is_private};
}

// By what the first block says it is.
Outcome<Key> ParsePem(std::string_view pem) {
  const std::size_t begin = pem.find(kPemBegin) + kPemBegin.size();
  const std::string_view what =
      pem.substr(begin, pem.find("-----", begin) - begin);
  const BioPtr view = View(pem);
  if (what == "CERTIFICATE") {
    const host::CertificatePtr certificate(
        PEM_read_bio_X509(view.get(), nullptr, NoPassphrase, nullptr));
    if (certificate == nullptr) return NoKey();
    return Wrap(host::KeyPtr(X509_get_pubkey(certificate.get())), false);
  }
  if (what == "PUBLIC KEY")
    return Wrap(host::KeyPtr(PEM_read_bio_PUBKEY(view.get(), nullptr,
                                                 NoPassphrase, nullptr)),
                false);
  // OpenSSL's `ecparam -genkey` puts the parameters in front; they are skipped.
  return Wrap(host::KeyPtr(PEM_read_bio_PrivateKey(view.get(), nullptr,
                                                   NoPassphrase, nullptr)),
              true);
}

Outcome<Blob> EncodePem(const Key& key) {
  const BioPtr memory(BIO_new(BIO_s_secmem()));
  const int written =
      key.is_private
          ? PEM_write_bio_PKCS8PrivateKey(memory.get(), key.pkey.get(), nullptr,
                                          nullptr, 0, nullptr, nullptr)
          : PEM_write_bio_PUBKEY(memory.get(), key.pkey.get());
  if (written != 1) return host::CryptoProblem("writing the key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return host::ToBlob(
      AsBytes(std::string_view(data, static_cast<std::size_t>(size))));
}

std::string Plain(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '-')
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::string_view KindName(KeyKind kind) {
  switch (kind) {
    case KeyKind::kEd25519:
      return "Ed25519";
    case KeyKind::kEd448:
      return "Ed448";
    default:
      return crypto::NameOf(kind);
  }
}

Outcome<KeyKind> KindOf(std::string_view name) {
  for (const KeyKind kind : kKinds)
    if (Plain(KindName(kind)) == Plain(name)) return kind;
  return Problem(Error::kCryptoUnsupported, std::string(name));
}

Outcome<Key> Generate(KeyKind kind) {
  const auto made = crypto::GenerateKey(kind);
  if (!made.ok()) return made.error();
  EVP_PKEY* const pkey = crypto::PkeyOf(*made);
  EVP_PKEY_up_ref(pkey);
  return Key{host::KeyPtr(pkey), kind, true};
}

Outcome<Key> Parse(Bytes content) {
  if (AsText(content).find(kPemBegin) != std::string_view::npos)
    return ParsePem(AsText(content));
  auto key = ParseCose(content);
  if (key.ok()) return key;
  if (key.error().error == Error::kCryptoBadKey ||
      key.error().error == Error::kCryptoBadPoint)
    return Problem(key.error().error, "the COSE_Key");
  return NoKey();
}

Outcome<Key> Read(const host::fs::path& path) {
  CAI_TRY_ASSIGN(Blob content, host::ReadFile(path, kMaxFile));
  auto key = Parse(content);
  Wipe(content);
  if (!key.ok())
    return Problem(key.error().error, path.string() + ": " + key.error().words,
                   key.error().hint);
  return key;
}

Outcome<Key> PublicHalf(const Key& key) {
  CAI_TRY_ASSIGN(const Numbers numbers, NumbersOf(key));
  const std::size_t size = crypto::FieldSize(key.kind);
  crypto::KeyNumbers open{.kind = key.kind, .x = Bytes(numbers.x).first(size)};
  if (crypto::IsWeierstrass(key.kind)) open.y = Bytes(numbers.y).first(size);
  return FromNumbers(open);
}

Outcome<Blob> Encode(const Key& key, Format format) {
  return format == Format::kPem ? EncodePem(key) : EncodeCose(key);
}

Outcome<ByteArray<32>> Thumbprint(const Key& key) {
  CAI_TRY_ASSIGN(const Key open, PublicHalf(key));
  CAI_TRY_ASSIGN(const Blob encoded, EncodeCose(open));
  return crypto::Sha256::Of(encoded);
}

}  // namespace cai::keyfile
