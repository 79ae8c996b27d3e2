#include "lib/x509/certificate.h"

#include "lib/crypto/hash.h"
#include "lib/der/reader.h"
#include "lib/x509/spki.h"

namespace cai::x509 {
namespace {

using der::Reader;
using der::Tag;

constexpr std::size_t kMaxSerial = 20;  // RFC 5280, 4.1.2.2

enum class Version : std::uint8_t { kV1 = 0, kV3 = 2 };

// RFC 5280, 4.1.2.1: v1 is the default, so DER omits it.
Result<Version> ReadVersion(Reader& in) {
  if (!in.Next(der::Context(0))) return Version::kV1;
  CAI_TRY_ASSIGN(Reader inside, in.Enter(der::Context(0)));
  CAI_TRY_ASSIGN(const Bytes version, inside.Unsigned());
  CAI_TRY(inside.Finish());
  const bool v3 = version.size() == 1 && version[0] == std::byte(Version::kV3);
  if (!v3) return Error::kX509BadVersion;
  return Version::kV3;
}

Status ReadSerial(Reader& in, Bytes& serial) {
  CAI_TRY_ASSIGN(serial, in.Unsigned());
  if (serial.size() > kMaxSerial || serial[0] == std::byte{0})
    return Error::kX509BadSerial;
  return kDone;
}

Result<Bytes> ReadNameWithDer(Reader& in, Name& name) {
  const Bytes before = in.rest();
  CAI_TRY_ASSIGN(name, ReadName(in));
  return before.first(before.size() - in.rest().size());
}

Status ReadValidity(Reader& in, Certificate& certificate) {
  CAI_TRY_ASSIGN(Reader validity, in.Enter(Tag::kSequence));
  CAI_TRY_ASSIGN(certificate.not_before, validity.Time());
  CAI_TRY_ASSIGN(certificate.not_after, validity.Time());
  return validity.Finish();
}

// Extensions ::= SEQUENCE SIZE (1..MAX) in [3]; v3 only. The unique identifiers
// [1] and [2] are nobody's any more, and refused as a wrong tag.
Status ReadExtensions(Reader& in, Version version, Bytes& extensions) {
  if (in.empty()) return kDone;
  if (version != Version::kV3) return Error::kX509BadVersion;
  CAI_TRY_ASSIGN(Reader inside, in.Enter(der::Context(3)));
  CAI_TRY_ASSIGN(extensions, inside.Content(Tag::kSequence));
  return inside.Finish();
}

Status ReadTbs(Reader tbs, Certificate& certificate) {
  CAI_TRY_ASSIGN(const Version version, ReadVersion(tbs));
  CAI_TRY(ReadSerial(tbs, certificate.serial));
  CAI_TRY(ReadSignatureAlgorithm(tbs));
  CAI_TRY_ASSIGN(certificate.issuer_der,
                 ReadNameWithDer(tbs, certificate.issuer));
  CAI_TRY(ReadValidity(tbs, certificate));
  CAI_TRY_ASSIGN(certificate.subject_der,
                 ReadNameWithDer(tbs, certificate.subject));
  CAI_TRY_ASSIGN(certificate.key, ReadSpki(tbs));
  CAI_TRY(ReadExtensions(tbs, version, certificate.extensions));
  return tbs.Finish();
}

}  // namespace

Status Certificate::VerifySignature(
    const crypto::P256Public& issuer_key) const {
  CAI_TRY(crypto::CheckPoint(issuer_key));
  return crypto::Verify(issuer_key, crypto::Sha256::Of(tbs), signature);
}

Result<Certificate> ParseCertificate(Bytes der) {
  Certificate certificate{};
  Reader in(der);
  CAI_TRY_ASSIGN(Reader outer, in.Enter(Tag::kSequence));
  CAI_TRY(in.Finish());
  CAI_TRY_ASSIGN(certificate.tbs, outer.Element(Tag::kSequence));
  CAI_TRY_ASSIGN(const Reader tbs,
                 Reader(certificate.tbs).Enter(Tag::kSequence));
  CAI_TRY(ReadTbs(tbs, certificate));
  CAI_TRY(ReadSignatureAlgorithm(outer));
  CAI_TRY_ASSIGN(const Bytes value, outer.BitString());
  CAI_TRY(outer.Finish());
  CAI_TRY_ASSIGN(certificate.signature, ParseSignature(value));
  return certificate;
}

}  // namespace cai::x509
