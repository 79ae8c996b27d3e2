#include "lib/x509/csr.h"

#include "lib/der/reader.h"
#include "lib/der/writer.h"
#include "lib/x509/spki.h"

namespace cai::x509 {
namespace {

using der::Reader;
using der::Tag;
using der::Writer;

// RFC 2986, 4.1: version 0 is the only one.
constexpr std::byte kVersion[] = {std::byte{0}};

Status ReadVersion(Reader& in) {
  CAI_TRY_ASSIGN(const Bytes version, in.Unsigned());
  if (!Equal(version, kVersion)) return Error::kX509BadVersion;
  return kDone;
}

Result<Bytes> ReadSubject(Reader& in, Name& name) {
  const Bytes before = in.rest();
  CAI_TRY_ASSIGN(name, ReadName(in));
  return before.first(before.size() - in.rest().size());
}

Status ReadRequestInfo(Reader info, Csr& csr) {
  CAI_TRY(ReadVersion(info));
  CAI_TRY_ASSIGN(csr.subject_der, ReadSubject(info, csr.subject));
  CAI_TRY_ASSIGN(csr.key, ReadSpki(info));
  CAI_TRY_ASSIGN(csr.attributes, info.Content(der::Context(0)));
  return info.Finish();
}

}  // namespace

Result<Bytes> EncodeRequestInfo(const Name& subject,
                                const crypto::P256Public& key,
                                MutableBytes out) {
  if (!IsEncodable(subject)) return Error::kX509BadName;
  Writer writer(out);
  writer.Element(der::Context(0), {});
  writer.Raw(EncodeSpki(key));
  WriteName(subject, writer);
  writer.Integer(kVersion);
  writer.Wrap(Tag::kSequence, 0);
  return writer.Finish();
}

Result<Bytes> EncodeCsr(Bytes request_info, const crypto::Signature& signature,
                        MutableBytes out) {
  ByteArray<kMaxSignature> buffer;
  CAI_TRY_ASSIGN(const Bytes value, EncodeSignature(signature, buffer));
  Writer writer(out);
  writer.BitString(value);
  WriteSignatureAlgorithm(writer);
  writer.Raw(request_info);
  writer.Wrap(Tag::kSequence, 0);
  return writer.Finish();
}

crypto::Digest Csr::InfoDigest() const {
  return crypto::Sha256::Of(request_info);
}

Status Csr::VerifyProofOfPossession() const {
  CAI_TRY(crypto::CheckPoint(key));
  return crypto::Verify(key, InfoDigest(), signature);
}

Result<Csr> ParseCsr(Bytes der) {
  Csr csr{};
  Reader in(der);
  CAI_TRY_ASSIGN(Reader request, in.Enter(Tag::kSequence));
  CAI_TRY(in.Finish());
  CAI_TRY_ASSIGN(csr.request_info, request.Element(Tag::kSequence));
  CAI_TRY_ASSIGN(const Reader info,
                 Reader(csr.request_info).Enter(Tag::kSequence));
  CAI_TRY(ReadRequestInfo(info, csr));
  CAI_TRY(ReadSignatureAlgorithm(request));
  CAI_TRY_ASSIGN(const Bytes value, request.BitString());
  CAI_TRY(request.Finish());
  CAI_TRY_ASSIGN(csr.signature, ParseSignature(value));
  return csr;
}

}  // namespace cai::x509
