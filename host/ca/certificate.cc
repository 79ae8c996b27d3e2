#include "host/ca/certificate.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace cai::ca {
namespace {

using host::CertificatePtr;
using host::CryptoProblem;
using host::FreeWith;
using ExtensionPtr =
    std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

// 63 bits: positive, unpredictable (RFC 5280, 4.1.2.2), and still a number to
// clients that keep serials in an int64.
bool SetSerial(X509* certificate) {
  std::uint64_t serial = 0;
  while (serial == 0) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) !=
        1)  // Safety: an integer viewed as its bytes.
      return false;
    serial >>= 1;
  }
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) ==
         1;
}

bool AddText(X509_NAME* name, int nid, const std::string& text) {
  return text.empty() ||
         X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(
                                        text.data()),  // Safety: UTF-8 bytes.
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool SetSubject(X509* certificate, const Profile& profile) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return AddText(name, NID_organizationName, profile.organization) &&
         AddText(name, NID_organizationalUnitName, profile.unit) &&
         AddText(name, NID_commonName, profile.common_name);
}

bool AddExtension(X509* certificate, X509V3_CTX* context, int nid,
                  const std::string& value) {
  const ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str()));
  return extension != nullptr &&
         X509_add_ext(certificate, extension.get(), -1) == 1;
}

struct UseExtensions {
  const char* constraints;
  const char* key_usage;
  const char* extended;  // or null
};

UseExtensions ExtensionsOf(Use use) {
  switch (use) {
    case Use::kAuthority:
      return {"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign",
              nullptr};
    case Use::kServer:
      return {"critical,CA:FALSE", "critical,digitalSignature", "serverAuth"};
    case Use::kClient:
      return {"critical,CA:FALSE", "critical,digitalSignature", "clientAuth"};
    case Use::kMessageSign:
      break;
  }
  // id-kp-documentSigning (RFC 9336): what it signs are messages, and a TLS
  // server that looks at the EKU refuses it as a client.
  return {"critical,CA:FALSE", "critical,digitalSignature",
          "1.3.6.1.5.5.7.3.36"};
}

std::string AlternativeNames(const Profile& profile) {
  std::string out;
  for (const std::string& name : profile.dns_names) out += ",DNS:" + name;
  if (profile.loopback) out += ",DNS:localhost,IP:127.0.0.1";
  return out.empty() ? out : out.substr(1);
}

bool AddExtensions(X509* certificate, const Profile& profile,
                   const X509* issuer) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  // OpenSSL's signature predates const; the issuer is only read.
  X509V3_set_ctx(&context, const_cast<X509*>(issuer), certificate, nullptr,
                 nullptr, 0);
  const UseExtensions use = ExtensionsOf(profile.use);
  const std::string names = AlternativeNames(profile);
  return AddExtension(certificate, &context, NID_basic_constraints,
                      use.constraints) &&
         AddExtension(certificate, &context, NID_key_usage, use.key_usage) &&
         (use.extended == nullptr ||
          AddExtension(certificate, &context, NID_ext_key_usage,
                       use.extended)) &&
         AddExtension(certificate, &context, NID_subject_key_identifier,
                      "hash") &&
         AddExtension(certificate, &context, NID_authority_key_identifier,
                      "keyid:always") &&
         (names.empty() ||
          AddExtension(certificate, &context, NID_subject_alt_name, names));
}

bool SetTimes(X509* certificate, const Profile& profile) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), profile.not_before) !=
             nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), profile.not_after) !=
             nullptr;
}

}  // namespace

Outcome<CertificatePtr> MakeCertificate(const Profile& profile, EVP_PKEY* key,
                                        const X509* issuer,
                                        EVP_PKEY* issuer_key) {
  CertificatePtr certificate(X509_new());
  X509* raw = certificate.get();
  const X509* signer = issuer == nullptr ? raw : issuer;
  if (raw == nullptr || X509_set_version(raw, X509_VERSION_3) != 1 ||
      !SetSerial(raw) || !SetTimes(raw, profile) || !SetSubject(raw, profile) ||
      X509_set_issuer_name(raw, X509_get_subject_name(signer)) != 1 ||
      X509_set_pubkey(raw, key) != 1 || !AddExtensions(raw, profile, signer) ||
      X509_sign(raw, issuer_key, EVP_sha256()) == 0)
    return CryptoProblem("making the certificate of " + profile.common_name);
  return certificate;
}

}  // namespace cai::ca
