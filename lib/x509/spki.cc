#include "lib/x509/spki.h"

namespace cai::x509 {
namespace {

using der::Reader;
using der::Tag;
using der::Writer;

// id-ecPublicKey 1.2.840.10045.2.1 with secp256r1 1.2.840.10045.3.1.7
// (RFC 5480, 2.1.1), and ecdsa-with-SHA256 1.2.840.10045.4.3.2 (RFC 5758, 3.2),
// as the content of an AlgorithmIdentifier.
constexpr std::uint8_t kP256[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                  0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                  0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::uint8_t kEcdsaSha256[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                         0xce, 0x3d, 0x04, 0x03, 0x02};

// RFC 5480, 2.2: 0x04 announces x || y.
constexpr std::byte kUncompressed{0x04};

Status ReadAlgorithm(Reader& in, Bytes expected) {
  Reader at = in;
  CAI_TRY_ASSIGN(const Bytes content, at.Content(Tag::kSequence));
  if (!Equal(content, expected)) return Error::kX509Unsupported;
  in = at;
  return kDone;
}

void WriteSpki(const crypto::P256Public& key, Writer& out) {
  ByteArray<1 + crypto::P256Public::kSize> point{kUncompressed};
  std::ranges::copy(key.xy, point.begin() + 1);
  const std::size_t mark = out.size();
  out.BitString(point);
  out.Element(Tag::kSequence, AsBytes(kP256, sizeof kP256));
  out.Wrap(Tag::kSequence, mark);
}

}  // namespace

ByteArray<kSpkiSize> EncodeSpki(const crypto::P256Public& key) {
  ByteArray<kSpkiSize> encoded;
  Writer writer(encoded);
  WriteSpki(key, writer);
  return encoded;  // filled to the byte: every part has one size
}

crypto::Digest SpkiDigest(const crypto::P256Public& key) {
  return crypto::Sha256::Of(EncodeSpki(key));
}

Result<crypto::P256Public> ReadSpki(Reader& in) {
  Reader at = in;
  CAI_TRY_ASSIGN(Reader spki, at.Enter(Tag::kSequence));
  CAI_TRY(ReadAlgorithm(spki, AsBytes(kP256, sizeof kP256)));
  CAI_TRY_ASSIGN(const Bytes point, spki.BitString());
  CAI_TRY(spki.Finish());
  crypto::P256Public key;
  if (point.size() != 1 + key.xy.size() || point[0] != kUncompressed)
    return Error::kX509Unsupported;
  CopyInto(key.xy, point.subspan(1));
  in = at;
  return key;
}

Result<crypto::P256Public> ParseSpki(Bytes der) {
  Reader in(der);
  CAI_TRY_ASSIGN(const crypto::P256Public key, ReadSpki(in));
  CAI_TRY(in.Finish());
  return key;
}

void WriteSignatureAlgorithm(Writer& out) {
  out.Element(Tag::kSequence, AsBytes(kEcdsaSha256, sizeof kEcdsaSha256));
}

Status ReadSignatureAlgorithm(Reader& in) {
  return ReadAlgorithm(in, AsBytes(kEcdsaSha256, sizeof kEcdsaSha256));
}

Result<Bytes> EncodeSignature(const crypto::Signature& signature,
                              MutableBytes out) {
  const Bytes rs = signature;
  Writer writer(out);
  writer.Integer(rs.last(32));
  writer.Integer(rs.first(32));
  writer.Wrap(Tag::kSequence, 0);
  return writer.Finish();
}

Result<crypto::Signature> ParseSignature(Bytes der) {
  Reader in(der);
  CAI_TRY_ASSIGN(Reader values, in.Enter(Tag::kSequence));
  CAI_TRY(in.Finish());
  crypto::Signature signature;
  CAI_TRY(values.UnsignedInto(MutableBytes(signature).first(32)));
  CAI_TRY(values.UnsignedInto(MutableBytes(signature).last(32)));
  CAI_TRY(values.Finish());
  return signature;
}

}  // namespace cai::x509
