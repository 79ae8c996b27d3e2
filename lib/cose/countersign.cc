#include "lib/cose/countersign.h"

#include "lib/cose/content.h"

namespace cai::cose {
namespace {

using Version = CountersignVersion;

// RFC 9338, 3.3: what is beyond the second byte string comes in an array of its
// own, under another context.
bool HasOther(const CountersignTarget& target, Version version) {
  return version == Version::kV2 && target.other.has_value();
}

std::string_view ContextOf(bool abbreviated, bool other) {
  if (abbreviated) return other ? "CounterSignature0V2" : "CounterSignature0";
  return other ? "CounterSignatureV2" : "CounterSignature";
}

// Version 1 leaves an empty header in the place of the one that an abbreviated
// signature has not; version 2 omits it.
bool HasSigner(Version version, const std::optional<Bytes>& signer) {
  return signer.has_value() || version == Version::kV1;
}

std::size_t Items(const CountersignTarget& target, Version version,
                  const std::optional<Bytes>& signer) {
  return 4 + HasSigner(version, signer) + HasOther(target, version);
}

Label Full(Version version) {
  return version == Version::kV2 ? Header::kCountersignature
                                 : Header::kCountersignatureV1;
}
Label Abbreviated(Version version) {
  return version == Version::kV2 ? Header::kCountersignature0
                                 : Header::kCountersignature0V1;
}

Status VerifyWith(const Key& key, const Expected& expected,
                  const Structure& structure, Bytes signature) {
  CAI_TRY_ASSIGN(const crypto::SignatureScheme scheme,
                 SchemeOf(expected.algorithm));
  CAI_TRY(CheckUse(key, expected.algorithm, KeyOperation::kVerify));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey imported, Import(key));
  const Status status =
      crypto::Verify(imported, scheme, structure.parts(), signature);
  if (!status.ok() && status.error() == Error::kCryptoBadSignature)
    return Error::kCoseBadSignature;
  return status;
}

Status VerifyOne(const CountersignTarget& target, Version version, Bytes item,
                 const Key& key, const Expected& expected) {
  CAI_TRY_ASSIGN(const Layer layer, ParseSignature(item));
  if (!layer.headers
           .CheckAlgorithm(expected.algorithm, expected.unprotected_algorithm)
           .ok() ||
      !CheckKeyId(layer.headers, key).ok())
    return Error::kCoseNoSigner;
  CAI_TRY(layer.headers.CheckCritical(expected.understood));
  const CountersignStructure structure(
      target, version, layer.headers.protected_header(), expected.external_aad);
  return VerifyWith(key, expected, structure, *layer.content);
}

// One COSE_Countersignature begins with a byte string, several with an array.
Result<bool> IsList(Bytes value) {
  cbor::AnyReader reader(value);
  CAI_TRY_ASSIGN(const std::uint64_t items, reader.Array());
  if (items == 0) return Error::kCoseMalformed;
  CAI_TRY_ASSIGN(const cbor::Type first, reader.Peek());
  return first == cbor::Type::kArray;
}

Result<Bytes> SignWith(const Signer& signer, const Structure& structure,
                       MutableBytes out) {
  CAI_TRY_ASSIGN(const crypto::SignatureScheme scheme,
                 SchemeOf(signer.algorithm));
  CAI_TRY(CheckUse(*signer.key, signer.algorithm, KeyOperation::kSign));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey imported, Import(*signer.key));
  return crypto::Sign(imported, scheme, structure.parts(), out);
}

Result<Bytes> Finish(const cbor::Writer& writer) {
  const Result<Bytes> done = writer.Finish();
  if (!done.ok()) return Error::kCoseNoRoom;
  return done;
}

}  // namespace

CountersignStructure::CountersignStructure(const CountersignTarget& target,
                                           CountersignVersion version,
                                           std::optional<Bytes> signer,
                                           Bytes external_aad)
    : Structure(ContextOf(!signer.has_value(), HasOther(target, version)),
                Items(target, version, signer)) {
  Bstr(target.protected_header);
  if (HasSigner(version, signer)) Bstr(signer.value_or(Bytes()));
  Bstr(external_aad);
  Bstr(target.content);
  if (!HasOther(target, version)) return;
  Array(1);
  Bstr(*target.other);
}

Result<CountersignTarget> TargetOf(const Message& message,
                                   const std::optional<Bytes>& detached) {
  CAI_TRY_ASSIGN(const Bytes content, ContentOf(message.content, detached));
  CountersignTarget target{message.headers.protected_header(), content, {}};
  if (message.type == MessageType::kSign1 || IsMaced(message.type))
    target.other = message.authenticator;
  return target;
}

Result<CountersignTarget> TargetOf(const Layer& layer) {
  if (!layer.content) return Error::kCoseDetached;
  return CountersignTarget{
      layer.headers.protected_header(), *layer.content, {}};
}

Status VerifyCountersignature(const CountersignTarget& target,
                              const Headers& headers,
                              CountersignVersion version, const Key& key,
                              const Expected& expected) {
  const Parameter* const found = headers.Find(Full(version));
  if (found == nullptr) return Error::kCoseNoSigner;
  CAI_TRY_ASSIGN(const bool list, IsList(found->value));
  if (!list) return VerifyOne(target, version, found->value, key, expected);
  cbor::AnyReader reader(found->value);
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count > Layers::kMaxLayers) return Error::kCoseTooMany;
  Error reason = Error::kCoseNoSigner;
  for (std::uint64_t i = 0; i < count; ++i) {
    CAI_TRY_ASSIGN(const Bytes item, reader.Skip());
    const Status status = VerifyOne(target, version, item, key, expected);
    if (status.ok()) return kDone;
    if (status.error() != Error::kCoseNoSigner) reason = status.error();
  }
  return reason;
}

Status VerifyCountersignature0(const CountersignTarget& target,
                               const Headers& headers,
                               CountersignVersion version, const Key& key,
                               const Expected& expected) {
  CAI_TRY_ASSIGN(const std::optional<Bytes> signature,
                 headers.Bstr(Abbreviated(version)));
  if (!signature) return Error::kCoseNoSigner;
  const CountersignStructure structure(target, version, {},
                                       expected.external_aad);
  return VerifyWith(key, expected, structure, *signature);
}

Result<Bytes> MakeCountersignature(const CountersignTarget& target,
                                   CountersignVersion version,
                                   const Signer& signer, MutableBytes out) {
  CAI_TRY_ASSIGN(const Headers headers,
                 Headers::Parse(signer.protected_header, signer.unprotected));
  CAI_TRY(headers.CheckAlgorithm(signer.algorithm, false));
  const CountersignStructure structure(
      target, version, headers.protected_header(), signer.external_aad);
  ByteArray<crypto::kMaxSignatureSize> room;
  CAI_TRY_ASSIGN(const Bytes signature, SignWith(signer, structure, room));
  cbor::Writer writer(out);
  writer.Array(3);
  writer.Bstr(headers.protected_header());
  writer.Raw(signer.unprotected);
  writer.Bstr(signature);
  return Finish(writer);
}

Result<Bytes> MakeCountersignature0(const CountersignTarget& target,
                                    CountersignVersion version,
                                    const Signer& signer, MutableBytes out) {
  const CountersignStructure structure(target, version, {},
                                       signer.external_aad);
  ByteArray<crypto::kMaxSignatureSize> room;
  CAI_TRY_ASSIGN(const Bytes signature, SignWith(signer, structure, room));
  cbor::Writer writer(out);
  writer.Bstr(signature);
  return Finish(writer);
}

}  // namespace cai::cose
