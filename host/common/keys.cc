#include "host/common/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <ctime>

namespace cai::host {
namespace {

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using BuildPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;

constexpr const char* kDamagedHint =
    "restore it from a backup, or remove the state folder to start over";

std::string Drain(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

BioPtr View(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool IsP256(const EVP_PKEY* key) {
  char group[32] = {};
  std::size_t size = 0;
  return EVP_PKEY_get_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                        sizeof(group), &size) == 1 &&
         std::string_view(group, size) == "prime256v1";
}

// The uncompressed point (SEC 1, 2.3.3) that belongs to a scalar.
Outcome<ByteArray<65>> PointOf(const BIGNUM* scalar) {
  const GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const PointPtr point(EC_POINT_new(group.get()));
  ByteArray<65> out;
  if (EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr,
                   nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(),
                         POINT_CONVERSION_UNCOMPRESSED, AsU8(MutableBytes(out)),
                         out.size(), nullptr) != 65)
    return Error::kCryptoBadKey;
  return out;
}

Outcome<KeyPtr> Build(Bytes point, const BIGNUM* scalar) {
  const BuildPtr build(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                   point.data(), point.size());
  if (scalar != nullptr)
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar);
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(build.get()));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  const int selection =
      scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) {
    ERR_clear_error();
    return Error::kCryptoBadKey;
  }
  return KeyPtr(key);
}

// An encrypted file is refused; without this OpenSSL asks on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Problem Damaged(const fs::path& path) {
  ERR_clear_error();
  return {Error::kHostDamaged, path.string(), kDamagedHint};
}

}  // namespace

Problem CryptoProblem(std::string what) {
  char reason[160] = "";
  if (const unsigned long code = ERR_get_error(); code != 0)
    ERR_error_string_n(code, reason, sizeof(reason));
  ERR_clear_error();
  if (*reason != '\0') what += std::string(": ") + reason;
  return {Error::kHostCrypto, std::move(what)};
}

Outcome<KeyPtr> GenerateKey() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (key == nullptr) return CryptoProblem("making a key");
  return KeyPtr(key);
}

Outcome<KeyPtr> KeyFromScalar(std::span<const std::byte, 32> scalar) {
  const BignumPtr number(BN_secure_new());
  BN_bin2bn(AsU8(Bytes(scalar)), 32, number.get());
  CAI_TRY_ASSIGN(const auto point, PointOf(number.get()));
  return Build(point, number.get());
}

Outcome<KeyPtr> KeyFromPublic(const crypto::P256Public& key) {
  ByteArray<65> point{std::byte{4}};
  CopyInto(MutableBytes(point).subspan(1), key.xy);
  return Build(point, nullptr);
}

Outcome<crypto::P256Public> PublicOf(const EVP_PKEY* key) {
  if (key == nullptr || !IsP256(key)) return Error::kCryptoBadKey;
  ByteArray<65> point;
  std::size_t size = 0;
  // A key that was read in compressed form is written out uncompressed.
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                      AsU8(MutableBytes(point)), point.size(),
                                      &size) != 1 ||
      size != point.size() || point[0] != std::byte{4}) {
    ERR_clear_error();
    return Error::kCryptoBadKey;
  }
  crypto::P256Public out;
  CopyInto(out.xy, Bytes(point).subspan(1));
  return out;
}

Outcome<Secret<32>> ScalarOf(const EVP_PKEY* key) {
  BIGNUM* raw = nullptr;
  if (!IsP256(key) ||
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &raw) != 1)
    return CryptoProblem("no private P-256 key");
  const BignumPtr number(raw);
  Secret<32> scalar;
  BN_bn2binpad(number.get(), AsU8(MutableBytes(scalar.mutable_bytes())), 32);
  return scalar;
}

Outcome<KeyPtr> ReadKey(const fs::path& path) {
  CAI_TRY_ASSIGN(Blob pem, ReadFile(path, 16384));
  EVP_PKEY* raw = PEM_read_bio_PrivateKey(View(AsText(pem)).get(), nullptr,
                                          NoPassphrase, nullptr);
  Wipe(pem);
  KeyPtr key(raw);
  if (key == nullptr || !IsP256(key.get())) return Damaged(path);
  return key;
}

Finished WriteKey(const fs::path& path, const EVP_PKEY* key) {
  const BioPtr memory(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1)
    return CryptoProblem("writing " + path.string());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return WriteFile(path,
                   std::string_view(data, static_cast<std::size_t>(size)));
}

Finished WritePublicKey(const fs::path& path, const EVP_PKEY* key) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(memory.get(), key) != 1)
    return CryptoProblem("writing " + path.string());
  return WriteFile(path, Drain(memory.get()), 0644);
}

Outcome<crypto::P256Public> ReadPublicKey(const fs::path& path) {
  CAI_TRY_ASSIGN(const std::string pem, ReadText(path, 16384));
  const KeyPtr key(
      PEM_read_bio_PUBKEY(View(pem).get(), nullptr, nullptr, nullptr));
  const auto point = PublicOf(key.get());
  if (!point.ok()) return Damaged(path);
  return *point;
}

Outcome<CertificatePtr> ReadCertificate(const fs::path& path) {
  CAI_TRY_ASSIGN(const std::string pem, ReadText(path, 65536));
  CertificatePtr certificate(
      PEM_read_bio_X509(View(pem).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return Damaged(path);
  return certificate;
}

Finished WriteCertificate(const fs::path& path, const X509* certificate) {
  return WriteFile(path, CertificatePem(certificate), 0644);
}

Outcome<CertificatePtr> ParseCertificate(Bytes der) {
  const unsigned char* at = AsU8(der);
  CertificatePtr certificate(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != AsU8(der) + der.size())
    return CryptoProblem("a certificate");
  return certificate;
}

Blob CertificateDer(const X509* certificate) {
  Blob der(
      static_cast<std::size_t>(std::max(i2d_X509(certificate, nullptr), 0)));
  unsigned char* at = AsU8(MutableBytes(der));
  if (!der.empty()) i2d_X509(certificate, &at);
  return der;
}

std::string CertificatePem(const X509* certificate) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate);
  return Drain(memory.get());
}

std::string SerialText(const X509* certificate) {
  const BignumPtr number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* decimal = BN_bn2dec(number.get());
  std::string text(decimal);
  OPENSSL_free(decimal);
  return text;
}

std::int64_t NotAfter(const X509* certificate) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc) != 1) return 0;
  return timegm(&utc);
}

std::vector<std::string> Names(const X509_NAME* name, int nid) {
  std::vector<std::string> out;
  for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0;
       at = X509_NAME_get_index_by_NID(name, nid, at)) {
    const ASN1_STRING* data =
        X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    out.emplace_back(
        AsText(AsBytes(ASN1_STRING_get0_data(data),
                       static_cast<std::size_t>(ASN1_STRING_length(data)))));
  }
  return out;
}

}  // namespace cai::host
