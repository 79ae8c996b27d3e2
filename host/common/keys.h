// P-256 keys and X.509 certificates of the host, on OpenSSL.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "host/common/file.h"
#include "lib/base/secret.h"
#include "lib/crypto/p256.h"

namespace cai::host {

// A unique_ptr that frees with the C function `kFree`.
template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;

// `what` and OpenSSL's own reason; empties OpenSSL's queue of errors.
Problem CryptoProblem(std::string what);

Outcome<KeyPtr> GenerateKey();
Outcome<KeyPtr> KeyFromScalar(std::span<const std::byte, 32> scalar);
Outcome<KeyPtr> KeyFromPublic(const crypto::P256Public& key);
// kCryptoBadKey if it is not on P-256.
Outcome<crypto::P256Public> PublicOf(const EVP_PKEY* key);
Outcome<Secret<32>> ScalarOf(const EVP_PKEY* key);

// PEM (PKCS#8, unencrypted), 0600. Reading refuses what is not a P-256 key
// with kHostDamaged, a hint and the path.
Outcome<KeyPtr> ReadKey(const fs::path& path);
Finished WriteKey(const fs::path& path, const EVP_PKEY* key);
Finished WritePublicKey(const fs::path& path, const EVP_PKEY* key);
Outcome<crypto::P256Public> ReadPublicKey(const fs::path& path);

Outcome<CertificatePtr> ReadCertificate(const fs::path& path);
Finished WriteCertificate(const fs::path& path, const X509* certificate);
Outcome<CertificatePtr> ParseCertificate(Bytes der);
Blob CertificateDer(const X509* certificate);
std::string CertificatePem(const X509* certificate);
// Decimal, as the registry and the REST interface name it.
std::string SerialText(const X509* certificate);
// Unix seconds.
std::int64_t NotAfter(const X509* certificate);

// A certificate's or a CSR's names of one kind (NID_commonName, ...), in order.
std::vector<std::string> Names(const X509_NAME* name, int nid);

}  // namespace cai::host
