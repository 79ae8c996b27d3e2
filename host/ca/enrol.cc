#include "host/ca/enrol.h"

#include <openssl/err.h>

#include "lib/eat/verify.h"
#include "lib/x509/csr.h"

namespace cai::ca {
namespace {

using host::Problem;
using host::Uuid;
using CsrPtr = std::unique_ptr<X509_REQ, host::FreeWith<X509_REQ_free>>;
using registry::CertificateRecord;
using registry::Device;
using registry::DeviceStatus;
using registry::Purpose;
using registry::Registry;

struct Request {
  x509::Csr csr;
  Uuid uuid;
  Purpose purpose = Purpose::kTlsClient;
};

// Why a request is not one on P-256 with SHA-256, as clients know the words.
Error KeyReason(Bytes der) {
  const unsigned char* at = AsU8(der);
  const CsrPtr csr(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (csr == nullptr) return Error::kCaCsrMalformed;
  const EVP_PKEY* key = X509_REQ_get0_pubkey(csr.get());
  if (key == nullptr) return Error::kCaCsrCurve;
  if (EVP_PKEY_get_id(key) != EVP_PKEY_EC) return Error::kCaCsrKeyType;
  return host::PublicOf(key).ok() ? Error::kCaCsrMalformed : Error::kCaCsrCurve;
}

// Structure, key type and proof of possession.
Outcome<x509::Csr> ReadCsr(Bytes der) {
  const auto csr = x509::ParseCsr(der);
  if (!csr.ok()) {
    const std::string words(ErrorWords(csr.error()));
    if (csr.error() == Error::kX509Unsupported)
      return Problem(KeyReason(der), words);
    return Problem(Error::kCaCsrMalformed, words);
  }
  if (!csr->VerifyProofOfPossession().ok()) return Error::kCaCsrBadSignature;
  return *csr;
}

// Exactly one OU of two, and a CN that is a uuid as we write them: the parser
// refuses a name with two of either.
Outcome<Request> CheckSubject(const x509::Csr& csr) {
  Request request{csr, {}, Purpose::kTlsClient};
  if (csr.subject.unit == x509::kUnitCoseSign) {
    request.purpose = Purpose::kCoseSign;
  } else if (csr.subject.unit != x509::kUnitTlsClient) {
    return Error::kCaCsrUnit;
  }
  const auto uuid = host::ParseUuid(csr.subject.common_name);
  if (!uuid.ok()) return Error::kCaCsrSubject;
  request.uuid = *uuid;
  return request;
}

Outcome<Device> CheckDevice(const Request& request, const Requester& requester,
                            Registry& registry) {
  if (!requester.bootstrap_class && requester.device != request.uuid.Text())
    return Problem(Error::kCaCsrSubject, "another device's name");
  CAI_TRY_ASSIGN(Device device, registry.Find(request.uuid));
  if (device.status == DeviceStatus::kUnenrolled)
    return Problem(Error::kRegistryUnenrolled, request.uuid.Text());
  return device;
}

Problem TokenProblem(Error why) {
  return {Error::kCaTokenMismatch, std::string(ErrorWords(why))};
}

Outcome<eat::KeyExpectations> Expected(const Request& request,
                                       const Device& device,
                                       const registry::Nonce& nonce,
                                       Registry& registry,
                                       std::int64_t now_ms) {
  eat::KeyExpectations expected;
  expected.device.ueid = device.endorsement.ueid;
  expected.device.attestation_key = device.endorsement.iak;
  expected.device.implementation_id = device.endorsement.implementation_id;
  expected.request_digest = request.csr.InfoDigest();
  expected.confirmation = request.csr.key;
  expected.purpose = eat::PurposeOf(request.csr.subject.unit);
  const auto entry = registry.FindNonce(registry::NoncePurpose::kEnrol, nonce,
                                        std::nullopt, now_ms);
  if (!entry.ok()) return TokenProblem(entry.error().error);
  expected.nonce = eat::NonceEntry{nonce, entry->expired, std::nullopt};
  // An enrolment nonce serves once, also for the same token.
  if (entry->spent_by) return TokenProblem(Error::kRegistryNonceSpent);
  return expected;
}

// True if a key token covers the request; false if there is none.
Outcome<bool> CheckToken(const EnrolRequest& raw, const Request& request,
                         const Device& device, Registry& registry,
                         std::int64_t now_ms) {
  if (raw.key_token.empty() && raw.nonce.empty()) return false;
  registry::Nonce nonce{};
  if (raw.nonce.size() != nonce.size())
    return TokenProblem(Error::kRegistryNonceUnknown);
  CopyInto(nonce, raw.nonce);
  CAI_TRY_ASSIGN(const eat::KeyExpectations expected,
                 Expected(request, device, nonce, registry, now_ms));
  const auto result = eat::VerifyKeyToken(raw.key_token, expected);
  if (!result.ok()) return TokenProblem(result.error());
  const auto spent =
      registry.SpendNonce(registry::NoncePurpose::kEnrol, nonce, std::nullopt,
                          result->token_id, now_ms);
  if (!spent.ok()) return TokenProblem(spent.error().error);
  return true;
}

Outcome<CertificateRecord> Issue(const Request& request, bool attested,
                                 const Authority& authority, std::int64_t now) {
  CAI_TRY_ASSIGN(const host::KeyPtr key, host::KeyFromPublic(request.csr.key));
  const Profile profile{
      .use = request.purpose == Purpose::kTlsClient ? Use::kClient
                                                    : Use::kMessageSign,
      .organization = std::string(request.csr.subject.organization),
      .common_name = request.uuid.Text(),
      .unit = std::string(request.csr.subject.unit),
      .not_before = now - kBackDate,
      .not_after = now + kDeviceLifetime};
  CAI_TRY_ASSIGN(const host::CertificatePtr certificate,
                 authority.Issue(profile, key.get()));
  CertificateRecord record;
  record.serial = host::SerialText(certificate.get());
  record.uuid = request.uuid;
  record.purpose = request.purpose;
  record.der = host::CertificateDer(certificate.get());
  record.issued = now;
  record.not_after = host::NotAfter(certificate.get());
  record.attested = attested;
  if (record.der.size() > kMaxCertificate) return Error::kCaCertificateSize;
  return record;
}

// The newest valid certificate for the same key.
Outcome<CertificateRecord> Newest(const Request& request, Registry& registry,
                                  std::int64_t now) {
  CAI_TRY_ASSIGN(const auto records, registry.Certificates(request.uuid));
  for (auto at = records.rbegin(); at != records.rend(); ++at) {
    if (at->purpose != request.purpose || !at->valid || at->not_after <= now)
      continue;
    CAI_TRY_ASSIGN(const auto certificate, host::ParseCertificate(at->der));
    const auto key = host::PublicOf(X509_get0_pubkey(certificate.get()));
    if (key.ok() && *key == request.csr.key) return *at;
  }
  return Error::kCaTooManyCertificates;
}

Outcome<CertificateRecord> Certify(const Request& request, bool attested,
                                   const Authority& authority,
                                   Registry& registry, std::int64_t now) {
  CAI_TRY_ASSIGN(const std::int64_t live,
                 registry.LiveCertificates(request.uuid, request.purpose, now));
  if (live >= kMaxLiveCertificates) return Newest(request, registry, now);
  CAI_TRY_ASSIGN(CertificateRecord record,
                 Issue(request, attested, authority, now));
  CAI_TRY(registry.Record(record));
  return record;
}

}  // namespace

Outcome<CertificateRecord> Enrol(const EnrolRequest& raw,
                                 const Requester& requester,
                                 const Authority& authority, Registry& registry,
                                 std::int64_t now_ms) {
  const std::int64_t now = now_ms / 1000;
  CAI_TRY_ASSIGN(const x509::Csr csr, ReadCsr(raw.csr));
  CAI_TRY_ASSIGN(const Request request, CheckSubject(csr));

  CAI_TRY_ASSIGN(host::Transaction transaction, registry.Begin());
  CAI_TRY_ASSIGN(const Device device,
                 CheckDevice(request, requester, registry));
  CAI_TRY_ASSIGN(const bool attested,
                 CheckToken(raw, request, device, registry, now_ms));
  if (request.purpose == Purpose::kCoseSign)
    CAI_TRY(registry.PinCoseSign(request.uuid, csr.key, attested));
  CAI_TRY_ASSIGN(CertificateRecord record,
                 Certify(request, attested, authority, registry, now));
  CAI_TRY(transaction.Commit());
  return record;
}

}  // namespace cai::ca
