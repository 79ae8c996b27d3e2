// One file, run against each backend.
#include <gtest/gtest.h>

#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "tests/hex.h"

namespace cai::crypto {
namespace {

using testing::ArrayFromHex;
using testing::FromHex;
using testing::Hex;

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(Hex(Sha256::Of(AsBytes(""))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256::Of({AsBytes("a"), AsBytes(""), AsBytes("bc")})),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, DoesNotDependOnHowTheInputIsCut) {
  std::vector<std::byte> data(300);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = std::byte(i * 7);
  const Digest whole = Sha256::Of(data);
  for (std::size_t cut = 0; cut <= data.size(); ++cut)
    EXPECT_EQ(Sha256::Of({Bytes(data).first(cut), Bytes(data).subspan(cut)}),
              whole);
}

std::string HmacHex(Bytes key, std::string_view data) {
  Digest out;
  Hmac(key, {AsBytes(data)}, out);
  return Hex(out);
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(HmacHex(std::vector<std::byte>(20, std::byte{0x0b}), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HmacHex(AsBytes("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HmacHex(std::vector<std::byte>(131, std::byte{0xaa}),
                    "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hkdf, MatchesRfc5869) {
  const std::vector<std::byte> ikm(22, std::byte{0x0b});
  Digest prk;
  std::array<std::byte, 42> okm;
  // A.1
  HkdfExtract(FromHex("000102030405060708090a0b0c"), {ikm}, prk);
  EXPECT_EQ(Hex(prk),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  HkdfExpand(prk, FromHex("f0f1f2f3f4f5f6f7f8f9"), okm);
  EXPECT_EQ(Hex(okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
  // A.3: neither salt nor info
  HkdfExtract({}, {Bytes(ikm).first(9), Bytes(ikm).subspan(9)}, prk);
  HkdfExpand(prk, {}, okm);
  EXPECT_EQ(Hex(okm),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
}

struct AeadVector {
  AeadAlgorithm algorithm;
  std::string key, nonce, aad, plain, sealed;
};

// RFC 8439, 2.8.2.
const AeadVector kChaCha{
    AeadAlgorithm::kChaCha20Poly1305,
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "070000004041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66"
    "202739393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e6520"
    "74697020666f7220746865206675747572652c2073756e73637265656e20776f756c6420"
    "62652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e"
    "8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c"
    "9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
    "86cec64b61161ae10b594f09e26a7e902ecbd0600691"};
// McGrew and Viega, The Galois/Counter Mode of Operation, test case 4.
const AeadVector kGcm{
    AeadAlgorithm::kAes128Gcm,
    "feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95"
    "956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b2"
    "5466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95a"
    "e7121a47"};

class Aead : public ::testing::TestWithParam<AeadVector> {};
INSTANTIATE_TEST_SUITE_P(Both, Aead, ::testing::Values(kChaCha, kGcm));

TEST_P(Aead, MatchesTheVectorApartAndInPlace) {
  const AeadVector& v = GetParam();
  const auto key = FromHex(v.key), aad = FromHex(v.aad),
             plain = FromHex(v.plain);
  const auto nonce = ArrayFromHex<12>(v.nonce);
  std::vector<std::byte> out(plain.size() + kTagSize);
  const auto sealed = AeadSeal(v.algorithm, key, nonce, aad, plain, out);
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(Hex(*sealed), v.sealed);

  std::vector<std::byte> place(plain);
  place.resize(plain.size() + kTagSize);
  ASSERT_TRUE(AeadSeal(v.algorithm, key, nonce, aad,
                       Bytes(place).first(plain.size()), place)
                  .ok());
  EXPECT_EQ(Hex(place), v.sealed);
  const auto opened = AeadOpen(v.algorithm, key, nonce, aad, place, place);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(Hex(*opened), v.plain);
}

TEST_P(Aead, OpenRefusesEveryFlippedBitAndWipes) {
  const AeadVector& v = GetParam();
  const auto key = FromHex(v.key), aad = FromHex(v.aad),
             sealed = FromHex(v.sealed);
  const auto nonce = ArrayFromHex<12>(v.nonce);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= std::byte{0x10};
    std::vector<std::byte> out(sealed.size() - kTagSize, std::byte{1});
    const auto opened = AeadOpen(v.algorithm, key, nonce, aad, changed, out);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error(), Error::kCryptoBadTag);
    EXPECT_EQ(Hex(out), std::string(2 * out.size(), '0'));
  }
}

TEST_P(Aead, OpenRefusesAnotherKeyNonceAndData) {
  const AeadVector& v = GetParam();
  const auto sealed = FromHex(v.sealed);
  const auto refused = [&](auto change) {
    auto key = FromHex(v.key), aad = FromHex(v.aad);
    auto nonce = ArrayFromHex<12>(v.nonce);
    change(key, nonce, aad);
    std::vector<std::byte> out(sealed.size());
    return !AeadOpen(v.algorithm, key, nonce, aad, sealed, out).ok();
  };
  EXPECT_FALSE(refused([](auto&, auto&, auto&) {}));
  EXPECT_TRUE(refused([](auto& k, auto&, auto&) { k[0] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](auto&, auto& n, auto&) { n[11] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](auto&, auto&, auto& a) { a[0] ^= std::byte{1}; }));
  EXPECT_TRUE(refused([](auto&, auto&, auto& a) { a.pop_back(); }));
  EXPECT_TRUE(refused([](auto& k, auto&, auto&) { k.pop_back(); }));
}

TEST_P(Aead, RefusesEveryBufferTooShort) {
  const AeadVector& v = GetParam();
  const auto key = FromHex(v.key), plain = FromHex(v.plain);
  const auto nonce = ArrayFromHex<12>(v.nonce);
  for (std::size_t size = 0; size < plain.size() + kTagSize; ++size) {
    std::vector<std::byte> out(size);
    const auto sealed = AeadSeal(v.algorithm, key, nonce, {}, plain, out);
    ASSERT_FALSE(sealed.ok());
    EXPECT_EQ(sealed.error(), Error::kCryptoNoRoom);
  }
  for (std::size_t size = 0; size < plain.size(); ++size) {
    std::vector<std::byte> out(size);
    EXPECT_FALSE(AeadOpen(v.algorithm, key, nonce, FromHex(v.aad),
                          FromHex(v.sealed), out)
                     .ok());
  }
}

TEST_P(Aead, SealsNothing) {
  const AeadVector& v = GetParam();
  const auto key = FromHex(v.key);
  const auto nonce = ArrayFromHex<12>(v.nonce);
  std::array<std::byte, kTagSize> tag;
  ASSERT_TRUE(AeadSeal(v.algorithm, key, nonce, {}, {}, tag).ok());
  const auto opened = AeadOpen(v.algorithm, key, nonce, {}, tag, {});
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(opened->empty());
}

TEST_P(Aead, AReadyKeySealsAndOpensAgainAndAgain) {
  const AeadVector& v = GetParam();
  const auto plain = FromHex(v.plain), aad = FromHex(v.aad);
  auto nonce = ArrayFromHex<12>(v.nonce);
  std::vector<std::byte> out(plain.size() + kTagSize), back(plain.size());
  AeadKey key;
  ASSERT_TRUE(key.Set(v.algorithm, FromHex(v.key)).ok());
  for (int round = 0; round < 4; ++round) {
    const auto sealed = key.Seal(nonce, aad, plain, out);
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(Hex(*sealed) == v.sealed, round % 2 == 0);
    const auto opened = key.Open(nonce, aad, *sealed, back);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(Hex(*opened), v.plain);
    out[5] ^= std::byte{1};  // a refusal leaves the key as it was
    EXPECT_FALSE(key.Open(nonce, aad, out, back).ok());
    nonce[11] ^= std::byte{1};
  }
}

TEST_P(Aead, AReadyKeyTakesEveryByteOfTheNonce) {
  const AeadVector& v = GetParam();
  const auto aad = FromHex(v.aad), sealed = FromHex(v.sealed);
  const auto nonce = ArrayFromHex<12>(v.nonce);
  std::vector<std::byte> out(sealed.size());
  AeadKey key;
  ASSERT_TRUE(key.Set(v.algorithm, FromHex(v.key)).ok());
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto other = nonce;
    other[i] ^= std::byte{1};
    EXPECT_FALSE(key.Open(other, aad, sealed, out).ok()) << i;
    EXPECT_TRUE(key.Open(nonce, aad, sealed, out).ok()) << i;
  }
}

TEST_P(Aead, AReadyKeyIsReplacedByAnyOther) {
  std::vector<std::byte> out(200);
  AeadKey key;
  for (const AeadVector& v : {GetParam(), kChaCha, kGcm, GetParam()}) {
    const auto nonce = ArrayFromHex<12>(v.nonce);
    const auto seal = [&] {
      return key.Seal(nonce, FromHex(v.aad), FromHex(v.plain), out);
    };
    auto other = FromHex(v.key);
    other[0] ^= std::byte{1};
    ASSERT_TRUE(key.Set(v.algorithm, other).ok());
    EXPECT_NE(Hex(*seal()), v.sealed);
    ASSERT_TRUE(key.Set(v.algorithm, FromHex(v.key)).ok());
    EXPECT_EQ(Hex(*seal()), v.sealed);
  }
}

TEST_P(Aead, AnEmptyKeyRefuses) {
  const AeadVector& v = GetParam();
  const auto nonce = ArrayFromHex<12>(v.nonce);
  std::vector<std::byte> out(200);
  AeadKey key;
  const auto refuses = [&] {
    const auto sealed = key.Seal(nonce, {}, {}, out);
    const auto opened = key.Open(nonce, {}, FromHex(v.sealed), out);
    return !sealed.ok() && sealed.error() == Error::kCryptoBadKey &&
           !opened.ok() && opened.error() == Error::kCryptoBadKey;
  };
  EXPECT_TRUE(refuses());
  ASSERT_TRUE(key.Set(v.algorithm, FromHex(v.key)).ok());
  EXPECT_FALSE(refuses());
  key.Clear();
  EXPECT_TRUE(refuses());
  ASSERT_TRUE(key.Set(v.algorithm, FromHex(v.key)).ok());
  EXPECT_FALSE(key.Set(v.algorithm, FromHex(v.key + "00")).ok());
  EXPECT_TRUE(refuses());
}

constexpr std::string_view kKek = "000102030405060708090a0b0c0d0e0f";

TEST(AesKeyWrap, MatchesRfc3394) {
  const auto plain = FromHex("00112233445566778899aabbccddeeff");
  std::array<std::byte, 24> wrapped;
  ASSERT_TRUE(AesKeyWrap(FromHex(kKek), plain, wrapped).ok());
  EXPECT_EQ(Hex(wrapped), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
  std::array<std::byte, 16> out;
  ASSERT_TRUE(AesKeyUnwrap(FromHex(kKek), wrapped, out).ok());
  EXPECT_EQ(Hex(out), Hex(plain));
}

TEST(AesKeyWrap, WrapsLongerKeys) {
  std::array<std::byte, 64> plain{}, out;
  plain[63] = std::byte{9};
  std::array<std::byte, 72> wrapped;
  ASSERT_TRUE(AesKeyWrap(FromHex(kKek), plain, wrapped).ok());
  EXPECT_EQ(Hex(Sha256::Of(wrapped)).substr(0, 16), "9a3b169761d86c7d");
  ASSERT_TRUE(AesKeyUnwrap(FromHex(kKek), wrapped, out).ok());
  EXPECT_EQ(out, plain);
}

TEST(AesKeyWrap, UnwrapRefusesEveryFlippedBit) {
  const auto wrapped =
      FromHex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    auto changed = wrapped;
    changed[i] ^= std::byte{1};
    std::array<std::byte, 16> out{};
    const auto unwrapped = AesKeyUnwrap(FromHex(kKek), changed, out);
    ASSERT_FALSE(unwrapped.ok());
    EXPECT_EQ(unwrapped.error(), Error::kCryptoBadTag);
    EXPECT_EQ(Hex(out), std::string(32, '0'));
  }
}

TEST(AesKeyWrap, RefusesSizesThatAreNone) {
  std::array<std::byte, 600> out;
  const std::array<std::byte, 600> in{};
  const auto kek = FromHex(kKek);
  EXPECT_FALSE(AesKeyWrap(kek, Bytes(in).first(8), out).ok());
  EXPECT_FALSE(AesKeyWrap(kek, Bytes(in).first(17), out).ok());
  EXPECT_FALSE(AesKeyWrap(kek, Bytes(in).first(520), out).ok());
  EXPECT_FALSE(AesKeyWrap(Bytes(kek).first(15), Bytes(in).first(16), out).ok());
  EXPECT_FALSE(AesKeyUnwrap(kek, Bytes(in).first(16), out).ok());
  EXPECT_FALSE(AesKeyUnwrap(kek, Bytes(in).first(25), out).ok());
  EXPECT_FALSE(
      AesKeyWrap(kek, Bytes(in).first(16), MutableBytes(out).first(23)).ok());
  EXPECT_FALSE(
      AesKeyUnwrap(kek, Bytes(in).first(24), MutableBytes(out).first(15)).ok());
}

}  // namespace
}  // namespace cai::crypto
