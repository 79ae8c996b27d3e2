#include "host/certs/certs.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "host/keyfile/numbers.h"
#include "lib/crypto/hash.h"

namespace cai::certs {
namespace {

using host::FreeWith;
using host::Problem;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContextPtr =
    std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;

std::string Drain(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

// Control characters come out escaped.
std::string NameText(const X509_NAME* name) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return Drain(memory.get());
}

std::int64_t UnixTime(const ASN1_TIME* time) {
  std::tm utc{};
  return ASN1_TIME_to_tm(time, &utc) == 1 ? timegm(&utc) : 0;
}

struct Bit {
  std::uint32_t bit;
  const char* name;
};
constexpr Bit kUsages[] = {{KU_DIGITAL_SIGNATURE, "digitalSignature"},
                           {KU_NON_REPUDIATION, "nonRepudiation"},
                           {KU_KEY_ENCIPHERMENT, "keyEncipherment"},
                           {KU_KEY_AGREEMENT, "keyAgreement"},
                           {KU_KEY_CERT_SIGN, "keyCertSign"},
                           {KU_CRL_SIGN, "cRLSign"}};
constexpr Bit kExtendedUsages[] = {{XKU_SSL_SERVER, "serverAuth"},
                                   {XKU_SSL_CLIENT, "clientAuth"},
                                   {XKU_CODE_SIGN, "codeSigning"}};

// All bits set means that the extension is absent.
void AddUsages(std::uint32_t set, std::span<const Bit> bits,
               std::vector<std::string>& out) {
  if (set == UINT32_MAX) return;
  for (const Bit& bit : bits)
    if ((set & bit.bit) != 0) out.emplace_back(bit.name);
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  const unsigned char* at = ASN1_STRING_get0_data(address);
  const int size = ASN1_STRING_length(address);
  if (size != 4)
    return "IP " + host::Hex(AsBytes(at, static_cast<std::size_t>(size)));
  std::string text;
  for (int i = 0; i < size; ++i)
    text += (i == 0 ? "" : ".") + std::to_string(at[i]);
  return text;
}

std::vector<std::string> AlternativeNames(const X509* certificate) {
  std::vector<std::string> out;
  auto* const names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS)
      out.emplace_back(AsText(AsBytes(
          ASN1_STRING_get0_data(name->d.dNSName),
          static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)))));
    else if (name->type == GEN_IPADD)
      out.push_back(AddressText(name->d.iPAddress));
  }
  GENERAL_NAMES_free(names);
  return out;
}

void AddKey(const X509* certificate, Description& out) {
  host::KeyPtr pkey(X509_get_pubkey(const_cast<X509*>(certificate)));
  out.key = "unknown";
  if (pkey == nullptr) return;
  const auto kind = keyfile::KindOf(pkey.get());
  if (!kind.ok()) return;
  out.key = std::string(keyfile::KindName(*kind));
  const auto print =
      keyfile::Thumbprint(keyfile::Key{std::move(pkey), *kind, false});
  if (print.ok()) out.thumbprint = host::Hex(*print);
}

}  // namespace

Description Describe(const X509* certificate) {
  // Safety: the getters of usages fill a cache of the certificate.
  X509* const writable = const_cast<X509*>(certificate);
  Description out;
  out.subject = NameText(X509_get_subject_name(certificate));
  out.issuer = NameText(X509_get_issuer_name(certificate));
  out.serial = host::SerialText(certificate);
  out.not_before = UnixTime(X509_get0_notBefore(certificate));
  out.not_after = UnixTime(X509_get0_notAfter(certificate));
  out.fingerprint =
      host::Hex(crypto::Sha256::Of(host::CertificateDer(certificate)));
  out.authority = X509_check_ca(writable) == 1;
  AddUsages(X509_get_key_usage(writable), kUsages, out.usages);
  AddUsages(X509_get_extended_key_usage(writable), kExtendedUsages, out.usages);
  out.names = AlternativeNames(certificate);
  AddKey(certificate, out);
  ERR_clear_error();
  return out;
}

Finished Verify(X509* certificate, X509* authority, const Check& check) {
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr ||
      X509_STORE_add_cert(store.get(), authority) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) !=
          1)
    return host::CryptoProblem("verifying a certificate");
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, check.at);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
  if (check.purpose == Purpose::kClient)
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_CLIENT);
  if (check.purpose == Purpose::kServer)
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  if (!check.host.empty())
    X509_VERIFY_PARAM_set1_host(param, check.host.data(), check.host.size());
  const bool good = X509_verify_cert(context.get()) == 1;
  const int why = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (good) return kDone;
  return Problem(Error::kHostTls, X509_verify_cert_error_string(why));
}

Outcome<std::string> Request(const keyfile::Key& key, const Subject& subject) {
  const RequestPtr request(X509_REQ_new());
  X509_NAME* const name = X509_REQ_get_subject_name(request.get());
  const auto add = [&](const char* field, const std::string& value) {
    return value.empty() ||
           X509_NAME_add_entry_by_txt(
               name, field, MBSTRING_UTF8, AsU8(AsBytes(value)),
               static_cast<int>(value.size()), -1, 0) == 1;
  };
  const bool edwards = key.kind == crypto::KeyKind::kEd25519 ||
                       key.kind == crypto::KeyKind::kEd448;
  const EVP_MD* const hash = edwards ? nullptr : EVP_sha256();
  const BioPtr memory(BIO_new(BIO_s_mem()));
  if (!add("O", subject.organization) || !add("OU", subject.unit) ||
      !add("CN", subject.common_name) ||
      X509_REQ_set_pubkey(request.get(), key.pkey.get()) != 1 ||
      X509_REQ_sign(request.get(), key.pkey.get(), hash) == 0 ||
      PEM_write_bio_X509_REQ(memory.get(), request.get()) != 1)
    return host::CryptoProblem("making the request");
  return Drain(memory.get());
}

}  // namespace cai::certs
