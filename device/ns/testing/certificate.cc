#include "device/ns/testing/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace cai::ns::testing {
namespace {

void Add(X509_NAME* name, const char* field, const std::string& value) {
  X509_NAME_add_entry_by_txt(
      name, field, MBSTRING_UTF8,
      // Safety: char viewed as unsigned char.
      reinterpret_cast<const unsigned char*>(value.data()),
      static_cast<int>(value.size()), -1, 0);
}

}  // namespace

std::string MakeCertificate(const std::string& common_name,
                            const std::string& unit, long valid_s) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(),
                                                                X509_free);
  X509* x = certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 4711);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), valid_s);
  X509_set_pubkey(x, key.get());
  X509_NAME* name = X509_get_subject_name(x);
  Add(name, "O", "confidential-ai");
  Add(name, "CN", common_name);
  Add(name, "OU", unit);
  X509_set_issuer_name(x, name);
  X509_sign(x, key.get(), EVP_sha256());

  unsigned char* der = nullptr;
  const int size = i2d_X509(x, &der);
  // Safety: unsigned char viewed as char.
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

}  // namespace cai::ns::testing
