#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/x509/certificate.h"
#include "lib/x509/csr.h"
#include "lib/x509/spki.h"

namespace cai::x509 {
namespace {

constexpr std::string_view kUuid = "0123cafe-89ab-4def-8123-456789abcdef";

std::vector<std::byte> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const Bytes bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

// Made by python3-cryptography: testdata/make.py.
std::vector<std::byte> Vector(std::string_view name) {
  return ReadFile(std::filesystem::path("lib/x509/testdata") / name);
}

crypto::P256Public Point(std::string_view name) {
  crypto::P256Public key;
  CopyInto(key.xy, Vector(name));
  return key;
}

crypto::P256Public TestKey() { return Point("key.xy.bin"); }

class TestPrivate {
 public:
  TestPrivate() {
    ByteArray<32> scalar;
    CopyInto(scalar, Vector("key.scalar.bin"));
    key_ = *crypto::ImportScalar(scalar);
  }
  ~TestPrivate() { crypto::Release(key_); }
  crypto::P256Private get() const { return key_; }

 private:
  crypto::P256Private key_;
};

template <typename T>
Error ErrorOf(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Error{} : result.error();
}

Name DeviceName(std::string_view unit) { return {kOrganization, kUuid, unit}; }

std::vector<std::byte> BuildCsr(const Name& subject) {
  const TestPrivate key;
  ByteArray<kMaxRequestInfo> info_buffer;
  ByteArray<kMaxCsr> buffer;
  const auto info = EncodeRequestInfo(subject, TestKey(), info_buffer);
  EXPECT_TRUE(info.ok());
  const auto signature = crypto::SignHash(key.get(), crypto::Sha256::Of(*info));
  EXPECT_TRUE(signature.ok());
  const auto csr = EncodeCsr(*info, *signature, buffer);
  EXPECT_TRUE(csr.ok());
  return {csr->begin(), csr->end()};
}

TEST(Spki, Encode_IsWhatTheOtherImplementationWrites) {
  const auto vector = Vector("key.spki.der");
  EXPECT_TRUE(Equal(EncodeSpki(TestKey()), vector));
  EXPECT_EQ(SpkiDigest(TestKey()), crypto::Sha256::Of(vector));
  EXPECT_EQ(*ParseSpki(vector), TestKey());
}

TEST(Spki, Parse_RefusesEveryOneByteDefectOutsideOfThePoint) {
  const auto good = Vector("key.spki.der");
  for (std::size_t i = 0; i < good.size() - 64; ++i) {
    auto bad = good;
    bad[i] ^= std::byte{1};
    EXPECT_FALSE(ParseSpki(bad).ok()) << i;
  }
  auto compressed = good;
  compressed[26] = std::byte{2};
  EXPECT_EQ(ErrorOf(ParseSpki(compressed)), Error::kX509Unsupported);
  auto longer = good;
  longer.push_back(std::byte{0});
  EXPECT_EQ(ErrorOf(ParseSpki(longer)), Error::kDerTrailing);
}

TEST(Signature, RoundTrips_ShortAndTopBitValues) {
  crypto::Signature signature{};
  signature[31] = std::byte{1};
  signature[32] = std::byte{0xff};
  ByteArray<kMaxSignature> buffer;
  const auto encoded = EncodeSignature(signature, buffer);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->size(), 2u + 3 + 2 + 33);
  EXPECT_EQ(*ParseSignature(*encoded), signature);
}

TEST(Signature, MaxSignature_IsExact) {
  crypto::Signature signature;
  signature.fill(std::byte{0xff});
  ByteArray<kMaxSignature> buffer;
  EXPECT_EQ(EncodeSignature(signature, buffer)->size(), kMaxSignature);
}

TEST(Csr, RequestInfo_IsWhatTheOtherImplementationWrites) {
  for (const auto& [file, unit] :
       {std::pair{"csr/csr-tls.der", kUnitTlsClient},
        std::pair{"csr/csr-cose.der", kUnitCoseSign}}) {
    const auto vector = Vector(file);
    const auto theirs = ParseCsr(vector);
    ASSERT_TRUE(theirs.ok());
    ByteArray<kMaxRequestInfo> buffer;
    const auto ours = EncodeRequestInfo(DeviceName(unit), TestKey(), buffer);
    ASSERT_TRUE(ours.ok());
    EXPECT_TRUE(Equal(*ours, theirs->request_info)) << file;
  }
}

TEST(Csr, Parse_ReadsEveryField) {
  const auto vector = Vector("csr/csr-cose.der");
  const auto csr = ParseCsr(vector);
  ASSERT_TRUE(csr.ok());
  EXPECT_EQ(csr->subject.organization, "confidential-ai");
  EXPECT_EQ(csr->subject.common_name, kUuid);
  EXPECT_EQ(csr->subject.unit, "Device COSE SIGN/Encrypt");
  EXPECT_EQ(csr->key, TestKey());
  EXPECT_TRUE(csr->attributes.empty());
  EXPECT_TRUE(csr->VerifyProofOfPossession().ok());
}

TEST(Csr, Built_IsAcceptedByOpenSsl) {
  const auto der = BuildCsr(DeviceName(kUnitTlsClient));
  const auto* at = AsU8(der);
  X509_REQ* request = d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size()));
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
  EXPECT_EQ(X509_REQ_get_version(request), 0);
  char line[128] = {};
  X509_NAME_oneline(X509_REQ_get_subject_name(request), line, sizeof line);
  EXPECT_STREQ(line,
               "/O=confidential-ai/CN=0123cafe-89ab-4def-8123-456789abcdef"
               "/OU=Device Client TLS");
  X509_REQ_free(request);
}

TEST(Csr, Built_ParsesAndProvesPossession) {
  const auto der = BuildCsr(DeviceName(kUnitCoseSign));
  const auto csr = ParseCsr(der);
  ASSERT_TRUE(csr.ok());
  EXPECT_EQ(csr->InfoDigest(), crypto::Sha256::Of(csr->request_info));
  EXPECT_TRUE(csr->VerifyProofOfPossession().ok());
}

TEST(Csr, MaxSizes_AreExact) {
  const std::string text(kMaxText, 'x');
  ByteArray<kMaxRequestInfo + 1> info_buffer;
  const auto info =
      EncodeRequestInfo({text, text, text}, TestKey(), info_buffer);
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->size(), kMaxRequestInfo);

  crypto::Signature signature;
  signature.fill(std::byte{0xff});
  ByteArray<kMaxCsr + 1> buffer;
  EXPECT_EQ(EncodeCsr(*info, signature, buffer)->size(), kMaxCsr);
}

TEST(Csr, Encode_RefusesEveryBufferTooShort) {
  ByteArray<kMaxRequestInfo> info_buffer;
  const Name name = DeviceName(kUnitTlsClient);
  const std::size_t need =
      EncodeRequestInfo(name, TestKey(), info_buffer)->size();
  for (std::size_t room = 0; room < need; ++room)
    EXPECT_EQ(ErrorOf(EncodeRequestInfo(name, TestKey(),
                                        MutableBytes(info_buffer).first(room))),
              Error::kDerNoRoom);

  const auto info = *EncodeRequestInfo(name, TestKey(), info_buffer);
  ByteArray<kMaxCsr> buffer;
  const std::size_t whole = EncodeCsr(info, {}, buffer)->size();
  for (std::size_t room = 0; room < whole; ++room)
    EXPECT_EQ(ErrorOf(EncodeCsr(info, {}, MutableBytes(buffer).first(room))),
              Error::kDerNoRoom);
}

TEST(Csr, Encode_RefusesTextsThatAreNoName) {
  ByteArray<kMaxRequestInfo> buffer;
  const std::string long_text(kMaxText + 1, 'x');
  for (const std::string_view text :
       {std::string_view(long_text), std::string_view("a\nb"),
        std::string_view("\xc3\xa4")})
    EXPECT_EQ(ErrorOf(EncodeRequestInfo({kOrganization, text, kUnitCoseSign},
                                        TestKey(), buffer)),
              Error::kX509BadName);
}

TEST(Csr, Parse_AcceptsOtherOrdersAttributesAndTheLongest) {
  const auto other = Vector("csr/csr-other-order.der");
  const auto csr = ParseCsr(other);
  ASSERT_TRUE(csr.ok());
  EXPECT_EQ(csr->subject.unit, "Signing");
  EXPECT_EQ(csr->subject.common_name, kUuid);
  EXPECT_EQ(csr->subject.organization, "");

  const auto extended = Vector("csr/csr-extension.der");
  EXPECT_FALSE(ParseCsr(extended)->attributes.empty());
  EXPECT_TRUE(ParseCsr(extended)->VerifyProofOfPossession().ok());
  EXPECT_TRUE(ParseCsr(Vector("csr/csr-long.der")).ok());
}

TEST(Csr, Parse_RefusesASecondUnit) {
  EXPECT_EQ(ErrorOf(ParseCsr(Vector("csr/csr-two-units.der"))),
            Error::kX509BadName);
}

TEST(Csr, Parse_RefusesOtherKeysAndHashes) {
  for (const auto* file :
       {"csr/csr-p384.der", "csr/csr-rsa.der", "csr/csr-sha384.der"})
    EXPECT_EQ(ErrorOf(ParseCsr(Vector(file))), Error::kX509Unsupported) << file;
}

// Whatever byte is altered: it no longer parses, or proves nothing, or (the
// signature algorithm and lengths being fixed) there is no such byte.
TEST(Csr, Verify_RefusesEveryFlippedBit) {
  const auto good = BuildCsr(DeviceName(kUnitCoseSign));
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bad = good;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    const auto csr = ParseCsr(bad);
    EXPECT_FALSE(csr.ok() && csr->VerifyProofOfPossession().ok()) << bit;
  }
}

TEST(Csr, Parse_RefusesEveryTruncationAndATrailingByte) {
  auto der = BuildCsr(DeviceName(kUnitCoseSign));
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(ParseCsr(Bytes(der).first(size)).ok()) << size;
  der.push_back(std::byte{0});
  EXPECT_EQ(ErrorOf(ParseCsr(der)), Error::kDerTrailing);
}

TEST(Csr, Verify_RefusesAKeyOffTheCurve) {
  auto csr = *ParseCsr(Vector("csr/csr-cose.der"));
  csr.key.xy[63] ^= std::byte{1};
  EXPECT_EQ(ErrorOf(csr.VerifyProofOfPossession()), Error::kCryptoBadPoint);
}

TEST(Csr, Parse_ReadsTheCapturedLiteRequest) {
  const std::filesystem::path path =
      "../shared/fixtures/lite-bootstrap/cr_request.cbor";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << path << " is not here: the captured request is not read";
  const auto cbor = ReadFile(path);
  const auto csr = ParseCsr(Bytes(cbor).subspan(4));
  ASSERT_TRUE(csr.ok());
  EXPECT_EQ(csr->subject.organization, "Linaro");
  EXPECT_EQ(csr->subject.unit, "Signing");
  EXPECT_TRUE(csr->VerifyProofOfPossession().ok());
}

TEST(Certificate, Parse_ReadsEveryField) {
  const auto der = Vector("certificate/certificate-device.der");
  const auto certificate = ParseCertificate(der);
  ASSERT_TRUE(certificate.ok());
  // 0x8123456789abcdef needs the sign's zero; the magnitude has none.
  ASSERT_EQ(certificate->serial.size(), 8u);
  EXPECT_EQ(certificate->serial[0], std::byte{0x81});
  EXPECT_EQ(certificate->issuer.common_name, "test CA");
  EXPECT_EQ(certificate->subject.common_name, kUuid);
  EXPECT_EQ(certificate->subject.unit, "Device COSE SIGN/Encrypt");
  EXPECT_EQ(certificate->not_before, 1795419685);  // UTCTime
  EXPECT_EQ(certificate->not_after, 2587777445);   // GeneralizedTime
  EXPECT_EQ(certificate->key, TestKey());
  EXPECT_FALSE(certificate->extensions.empty());
}

TEST(Certificate, ValidAt_IncludesBothEnds) {
  const auto der = Vector("certificate/certificate-device.der");
  const auto certificate = *ParseCertificate(der);
  EXPECT_FALSE(certificate.ValidAt(certificate.not_before - 1));
  EXPECT_TRUE(certificate.ValidAt(certificate.not_before));
  EXPECT_TRUE(certificate.ValidAt(certificate.not_after));
  EXPECT_FALSE(certificate.ValidAt(certificate.not_after + 1));
}

TEST(Certificate, Verify_AsksTheIssuersKey) {
  const auto der = Vector("certificate/certificate-device.der");
  const auto certificate = *ParseCertificate(der);
  EXPECT_TRUE(certificate.VerifySignature(Point("ca.xy.bin")).ok());
  EXPECT_EQ(ErrorOf(certificate.VerifySignature(TestKey())),
            Error::kCryptoBadSignature);
}

TEST(Certificate, Verify_RefusesEveryFlippedBit) {
  const auto good = Vector("certificate/certificate-device.der");
  const auto issuer = Point("ca.xy.bin");
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bad = good;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    const auto certificate = ParseCertificate(bad);
    EXPECT_FALSE(certificate.ok() && certificate->VerifySignature(issuer).ok())
        << bit;
  }
}

TEST(Certificate, Parse_RefusesEveryTruncationATrailingByteAndOtherKeys) {
  auto der = Vector("certificate/certificate-ca.der");
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(ParseCertificate(Bytes(der).first(size)).ok()) << size;
  der.push_back(std::byte{0});
  EXPECT_EQ(ErrorOf(ParseCertificate(der)), Error::kDerTrailing);
  EXPECT_EQ(
      ErrorOf(ParseCertificate(Vector("certificate/certificate-rsa.der"))),
      Error::kX509Unsupported);
}

TEST(Certificate, Parse_ReadsTheCapturedLiteCertificates) {
  const std::filesystem::path folder = "../shared/fixtures/lite-bootstrap";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << folder << " is not here: no captured certificate is read";
  const auto issued = ReadFile(folder / "issued.der");
  const auto certificate = ParseCertificate(issued);
  ASSERT_TRUE(certificate.ok());
  EXPECT_EQ(certificate->issuer.organization, "Linaro, LTD");
  EXPECT_EQ(certificate->serial.size(), 8u);
}

}  // namespace
}  // namespace cai::x509
