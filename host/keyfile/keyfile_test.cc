#include "host/keyfile/keyfile.h"

#include <gtest/gtest.h>

#include "tests/hex.h"

namespace cai::keyfile {
namespace {

using crypto::KeyKind;
using testing::FromHex;
using testing::Hex;

constexpr KeyKind kKinds[] = {
    KeyKind::kP256,  KeyKind::kP384,   KeyKind::kP521, KeyKind::kEd25519,
    KeyKind::kEd448, KeyKind::kX25519, KeyKind::kX448};

// RFC 9679, 6.
const std::string kX =
    "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d";
const std::string kY =
    "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c";

TEST(KeyFile, Thumbprint_IsThatOfTheRfc) {
  // {1: 2, 2: 'meriadoc...', -1: 1, -2: x, -3: y}: kid does not count.
  const auto key =
      Parse(FromHex("a50102024161200121"
                    "5820" +
                    kX + "225820" + kY));
  ASSERT_TRUE(key.ok()) << key.error().Text();
  const auto print = Thumbprint(*key);
  ASSERT_TRUE(print.ok());
  EXPECT_EQ(Hex(*print),
            "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec");
}

TEST(KeyFile, EveryKind_SurvivesBothFormats) {
  for (const KeyKind kind : kKinds) {
    const Key key = *Generate(kind);
    const Key open = *PublicHalf(key);
    EXPECT_FALSE(open.is_private);
    for (const Key* one : {&key, &open})
      for (const Format format : {Format::kPem, Format::kCose}) {
        const Blob encoded = *Encode(*one, format);
        const auto again = Parse(encoded);
        ASSERT_TRUE(again.ok()) << KindName(kind);
        EXPECT_EQ(again->kind, kind);
        EXPECT_EQ(again->is_private, one->is_private);
        EXPECT_EQ(*Encode(*again, format), encoded);
        EXPECT_EQ(*Thumbprint(*again), *Thumbprint(key));
      }
  }
}

TEST(KeyFile, Names_AreUnderstood) {
  for (const KeyKind kind : kKinds) EXPECT_EQ(*KindOf(KindName(kind)), kind);
  EXPECT_EQ(*KindOf("p256"), KeyKind::kP256);
  EXPECT_FALSE(KindOf("rsa").ok());
}

TEST(KeyFile, CompressedPoints_AreTheSameKey) {
  const auto whole = Parse(FromHex("a401022001215820" + kX + "225820" + kY));
  const auto half = Parse(FromHex("a401022001215820" + kX + "22f4"));
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(*Thumbprint(*whole), *Thumbprint(*half));
}

TEST(KeyFile, Parse_RefusesWhatIsNoKey) {
  for (const std::string& hex :
       {std::string(), std::string("a0"), std::string("00"),
        "a401022001215820" + kX + "225820" + kX,      // off the curve
        "a401022002215820" + kX + "225820" + kY,      // P-384, too short
        "a401012001215820" + kX + "225820" + kY,      // OKP on P-256
        "a5010220012001215820" + kX + "225820" + kY,  // crv twice
        "a501022001215820" + kX + "225820" + kY + "235820" + kX,  // not its d
        "a401022001215820" + kX + "225820" + kY + "00"})
    EXPECT_FALSE(Parse(FromHex(hex)).ok()) << hex;
  EXPECT_FALSE(Parse(AsBytes("-----BEGIN PRIVATE KEY-----\nAAAA\n")).ok());
  EXPECT_FALSE(Parse(AsBytes("-----BEGIN ")).ok());
}

}  // namespace
}  // namespace cai::keyfile
