#include "lib/cose/cose_key.h"

#include "lib/cose/test_keys.h"

namespace cai::cose {
namespace {

using cai::testing::FromHex;
using cai::testing::Hex;
using crypto::KeyKind;
using testing::Blob;
using testing::Pair;
using testing::Reason;

std::string WrittenHex(const Key& key, bool with_private) {
  Blob room(2000);
  cbor::Writer writer(room);
  return WriteKey(key, with_private, writer).ok() ? Hex(*writer.Finish())
                                                  : "refused";
}

// RFC 9679, 6: a published example; the point compressed gives the same.
TEST(Thumbprint, MatchesRfc9679) {
  const Blob encoded = FromHex(
      "a40102200121582065eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de"
      "439c08551d2258201e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9ee"
      "cd0084d19c");
  auto key = ParseKey(encoded);
  ASSERT_TRUE(key.ok());
  ByteArray<32> out;
  ASSERT_TRUE(Thumbprint(*key, Algorithm::kSha256, out).ok());
  constexpr std::string_view kExpected =
      "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec";
  EXPECT_EQ(Hex(out), kExpected);

  key->id = AsBytes("a kid does not count");
  key->algorithm = Algorithm::kEs256;
  key->numbers.y = {};
  ASSERT_TRUE(Thumbprint(*key, Algorithm::kSha256, out).ok());
  EXPECT_EQ(Hex(out), kExpected);
  EXPECT_EQ(Reason(Thumbprint(*key, Algorithm::kSha512, out)),
            Error::kCoseNoRoom);
  key->numbers.y_is_odd = true;
  ASSERT_TRUE(Thumbprint(*key, Algorithm::kSha256, out).ok());
  EXPECT_NE(Hex(out), kExpected);
}

TEST(CoseKey, EveryKindIsReadAsItWasWritten) {
  for (const KeyKind kind :
       {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521, KeyKind::kX25519,
        KeyKind::kX448, KeyKind::kEd25519, KeyKind::kEd448}) {
    Pair pair(kind, 5);
    pair.secret.id = AsBytes("id");
    pair.secret.algorithm = Algorithm::kEdDsa;
    pair.secret.operations = 1 << 1 | 1 << 2;
    pair.secret.base_iv = AsBytes("iv");
    const std::string whole = WrittenHex(pair.secret, true);
    const Blob bytes = FromHex(whole);
    const auto parsed = ParseKey(bytes);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(WrittenHex(*parsed, true), whole);
    EXPECT_EQ(WrittenHex(*parsed, false).find(Hex(pair.secret.numbers.d)),
              std::string::npos);
    EXPECT_TRUE(crypto::ImportKey(parsed->numbers).ok());
  }
}

TEST(CoseKey, ASymmetricKeyIsNeverPublic) {
  const Blob bytes = FromHex("a401040244aabbccdd03012041ff");
  const auto key = ParseKey(bytes);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(WrittenHex(*key, false), "refused");
  EXPECT_EQ(WrittenHex(*key, true), Hex(bytes));
}

TEST(CoseKey, RefusesWhatIsNone) {
  const auto parse = [](const char* hex) {
    const Blob bytes = FromHex(hex);
    return Reason(ParseKey(bytes));
  };
  EXPECT_EQ(parse("a201042041ff"), Error{});
  EXPECT_EQ(parse("a12041ff"), Error::kCoseBadKey);           // no kty
  EXPECT_EQ(parse("a201052041ff"), Error::kCoseUnsupported);  // HSS-LMS
  EXPECT_EQ(parse("a20100"
                  "2041ff"),
            Error::kCoseUnsupported);  // reserved
  EXPECT_EQ(parse("a2010420"
                  "40"),
            Error::kCoseBadKey);  // no bytes
  EXPECT_EQ(parse("a101"
                  "04"),
            Error::kCoseBadKey);
  EXPECT_EQ(parse("a3010401042041ff"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(parse("a301042041ff2041fe"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(parse("a201042041ff00"), Error::kCborTrailing);
  EXPECT_EQ(parse("a3010404802041ff"), Error::kCoseBadKey);  // no operation
  EXPECT_EQ(parse("a30104048161782041ff"), Error::kCoseUnsupported);
  EXPECT_EQ(parse("a301022008214101"), Error::kCoseUnsupported);  // secp256k1
  EXPECT_EQ(parse("a30102200621"
                  "4101"),
            Error::kCoseBadKey);                             // OKP's curve
  EXPECT_EQ(parse("a301012006214101"), Error::kCoseBadKey);  // its size
  EXPECT_EQ(parse("a20102"
                  "2001"),
            Error::kCoseBadKey);  // no point
  EXPECT_EQ(parse("a4010320410121410122"
                  "4101"),
            Error::kCoseBadKey);
}

TEST(FindKey, PassesOverWhatItDoesNotKnow) {
  const Blob set = FromHex(
      "83"
      "a301050244aabbccdd2041ff"
      "a301040244aabbccdd2041ff"
      "a301040244aabbccdd2041fe");
  const Blob id = FromHex("aabbccdd"), other = FromHex("aabbccde");
  const auto key = FindKey(set, id);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Hex(key->k), "ff");
  EXPECT_EQ(Reason(FindKey(set, other)), Error::kCoseNoKey);
}

TEST(CheckUse, HoldsTheKeyToItsWord) {
  const Blob bytes = FromHex("a40104030104820a61782041ff");
  const auto key = ParseKey(bytes);  // MAC verify, and an unknown one
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(
      CheckUse(*key, Algorithm::kA128Gcm, KeyOperation::kMacVerify).ok());
  EXPECT_EQ(Reason(CheckUse(*key, Algorithm::kA128Gcm, KeyOperation::kDecrypt)),
            Error::kCoseKeyUse);
  EXPECT_EQ(
      Reason(CheckUse(*key, Algorithm::kHmac256, KeyOperation::kMacVerify)),
      Error::kCoseKeyUse);
}

}  // namespace
}  // namespace cai::cose
