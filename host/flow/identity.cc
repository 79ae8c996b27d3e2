#include "host/flow/identity.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/cbor/utf8.h"
#include "lib/crypto/openssl/keys.h"

namespace cai::flow {
namespace {

using host::Outcome;
using host::Problem;

constexpr std::size_t kMaxPem = 65536;
constexpr std::string_view kPemEnd = "-----END CERTIFICATE-----";
constexpr const char* kBadName = "<X509Error: Invalid X.509 name>";

// The attribute types that the tool has a name for, by number where OpenSSL's
// name is another; of all others it prints the number.
constexpr std::pair<int, const char*> kNames[] = {
    {NID_commonName, "CN"},
    {NID_countryName, "C"},
    {NID_localityName, "L"},
    {NID_stateOrProvinceName, "ST"},
    {NID_organizationName, "O"},
    {NID_organizationalUnitName, "OU"},
    {NID_domainComponent, "DC"},
    {NID_pkcs9_emailAddress, "Email"},
    {NID_userId, "uid"},
    {NID_x500UniqueIdentifier, "uniqueIdentifier"},
    {NID_jurisdictionLocalityName, "msJurisdictionLocality"},
    {NID_jurisdictionStateOrProvinceName, "msJurisdictionStateOrProvince"},
    {NID_jurisdictionCountryName, "msJurisdictionCountry"}};
constexpr int kNamedAsHere[] = {NID_surname,
                                NID_serialNumber,
                                NID_streetAddress,
                                NID_title,
                                NID_description,
                                NID_searchGuide,
                                NID_businessCategory,
                                NID_postalAddress,
                                NID_postalCode,
                                NID_name,
                                NID_givenName,
                                NID_initials,
                                NID_generationQualifier,
                                NID_dnQualifier,
                                NID_pkcs9_unstructuredName,
                                NID_pkcs9_contentType,
                                NID_pkcs9_challengePassword,
                                NID_friendlyName};

std::string TypeText(const ASN1_OBJECT* type) {
  const int nid = OBJ_obj2nid(type);
  for (const auto& [known, text] : kNames)
    if (nid == known) return text;
  if (std::ranges::count(kNamedAsHere, nid) != 0) return OBJ_nid2ln(nid);
  std::array<char, 128> dotted{};
  OBJ_obj2txt(dotted.data(), dotted.size(), type, 1);
  return "OID(" + std::string(dotted.data()) + ")";
}

bool IsString(int type) {
  switch (type) {
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_GENERALSTRING:
    case V_ASN1_OBJECT_DESCRIPTOR:
    case V_ASN1_GRAPHICSTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_VIDEOTEXSTRING:
    case V_ASN1_UTF8STRING:
    case V_ASN1_IA5STRING:
      return true;
    default:
      return false;
  }
}

std::string UpperHex(Bytes bytes) {
  std::string text = host::Hex(bytes);
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

// The bytes of a string as they are, others as hexadecimal digits.
std::string ValueText(const ASN1_STRING* value) {
  const Bytes bytes =
      AsBytes(ASN1_STRING_get0_data(value),
              static_cast<std::size_t>(ASN1_STRING_length(value)));
  if (!IsString(ASN1_STRING_type(value))) return UpperHex(bytes);
  return std::string(AsText(bytes));
}

Problem NotACertificate(const host::fs::path& path, std::string_view why) {
  ERR_clear_error();
  return {Error::kHostMalformed, path.string() + ": " + std::string(why),
          "a PEM file with one certificate on P-256 is expected"};
}

// One block, then nothing: a chain would leave open whose key is meant.
bool OnlyOneBlock(std::string_view pem) {
  const std::size_t end = pem.find(kPemEnd);
  if (end == std::string_view::npos) return false;
  return std::ranges::all_of(pem.substr(end + kPemEnd.size()), [](char c) {
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
  });
}

Outcome<host::CertificatePtr> ReadOne(const host::fs::path& path) {
  CAI_TRY_ASSIGN(const std::string pem, host::ReadText(path, kMaxPem));
  if (pem.find(kPemEnd) == std::string::npos)
    return NotACertificate(path, "no certificate in it");
  if (!OnlyOneBlock(pem))
    return NotACertificate(path, "something follows the certificate");
  auto certificate = host::ReadCertificate(path);
  if (!certificate.ok()) return NotACertificate(path, "a damaged certificate");
  return certificate;
}

Outcome<std::unique_ptr<crypto::ScopedKey>> ReadSecret(
    const host::fs::path& certificate, const crypto::P256Public& expected) {
  host::fs::path path = certificate;
  path.replace_extension(".pk8");
  const auto key = host::ReadKey(path);
  if (!key.ok() && key.error().error == Error::kHostNotFound)
    return Problem(Error::kHostNotFound, path.string(),
                   "the private key lies beside the certificate: openssl pkcs8 "
                   "-topk8 -nocrypt -in device.key -out device.pk8");
  if (!key.ok())
    return Problem(Error::kHostMalformed,
                   path.string() + ": no private key on P-256",
                   "an unencrypted PKCS#8 file in PEM is expected");
  CAI_TRY_ASSIGN(const auto own, host::PublicOf(key->get()));
  if (own != expected)
    return Problem(Error::kCryptoBadKey,
                   path.string() + " belongs to another certificate");
  CAI_TRY_ASSIGN(const auto borrowed, crypto::ImportEvp(key->get()));
  return std::make_unique<crypto::ScopedKey>(borrowed);
}

}  // namespace

std::string NameText(const X509_NAME* name) {
  std::string text;
  int last_set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const int set = X509_NAME_ENTRY_set(entry);
    if (i != 0) text += set == last_set ? " + " : ", ";
    last_set = set;
    text += TypeText(X509_NAME_ENTRY_get_object(entry)) + "=" +
            ValueText(X509_NAME_ENTRY_get_data(entry));
  }
  return cbor::IsUtf8(AsBytes(text)) ? text : kBadName;
}

Outcome<Identity> ReadIdentity(const host::fs::path& certificate, Half half) {
  CAI_TRY_ASSIGN(const auto parsed, ReadOne(certificate));
  const auto key = host::PublicOf(X509_get0_pubkey(parsed.get()));
  if (!key.ok()) return NotACertificate(certificate, "its key is not on P-256");
  Identity identity{NameText(X509_get_subject_name(parsed.get())), *key, {}};
  if (half == Half::kPrivate) {
    CAI_TRY_ASSIGN(identity.secret, ReadSecret(certificate, identity.key));
  }
  return identity;
}

}  // namespace cai::flow
