#include "lib/crypto/p256.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>

#include "lib/crypto/hash.h"
#include "lib/crypto/openssl/keys.h"
#include "lib/crypto/random.h"
#include "tests/hex.h"

namespace cai::crypto {
namespace {

using testing::ArrayFromHex;
using testing::Hex;

constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

// RFC 6979, A.2.5.
constexpr std::string_view kScalar =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::string_view kPublic =
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

P256Private Import(std::string_view scalar) {
  return *ImportScalar(ArrayFromHex<32>(scalar));
}

TEST(P256, SignMatchesRfc6979) {
  const ScopedKey key(Import(kScalar));
  EXPECT_EQ(Hex(PublicKey(key.get())->xy), kPublic);
  EXPECT_EQ(Hex(*SignHash(key.get(), Sha256::Of(AsBytes("sample")))),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(Hex(*SignHash(key.get(), Sha256::Of(AsBytes("test")))),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(P256, SignTakesHashesAboveTheOrder) {
  const ScopedKey key(Import(kScalar));
  Digest hash;
  hash.fill(std::byte{0xff});
  const auto signature = SignHash(key.get(), hash);
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(Verify(*PublicKey(key.get()), hash, *signature).ok());
}

TEST(P256, VerifyRefusesEveryFlippedBit) {
  const ScopedKey key(Import(kScalar));
  const P256Public public_key = *PublicKey(key.get());
  const Digest hash = Sha256::Of(AsBytes("sample"));
  const Signature signature = *SignHash(key.get(), hash);
  ASSERT_TRUE(Verify(public_key, hash, signature).ok());
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Signature changed = signature;
    changed[i] ^= std::byte{1};
    const Status status = Verify(public_key, hash, changed);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error(), Error::kCryptoBadSignature);
  }
  for (std::size_t i = 0; i < hash.size(); ++i) {
    Digest changed = hash;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(Verify(public_key, changed, signature).ok());
  }
}

TEST(P256, VerifyRefusesZeroAndOrder) {
  const ScopedKey key(Import(kScalar));
  const P256Public public_key = *PublicKey(key.get());
  const Digest hash = Sha256::Of(AsBytes("sample"));
  const Signature good = *SignHash(key.get(), hash);
  for (const auto& bad : {ByteArray<32>{}, ArrayFromHex<32>(kOrder)}) {
    for (const std::size_t half : {0u, 32u}) {
      Signature signature = good;
      CopyInto(MutableBytes(signature).subspan(half), bad);
      EXPECT_FALSE(Verify(public_key, hash, signature).ok());
    }
  }
}

// RFC 5903, 8.1.
TEST(P256, EcdhMatchesRfc5903) {
  const ScopedKey key(Import(
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"));
  P256Public peer;
  peer.xy = ArrayFromHex<64>(
      "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
      "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
  const auto shared = Ecdh(key.get(), peer);
  ASSERT_TRUE(shared.ok());
  EXPECT_EQ(Hex(shared->bytes()),
            "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
}

TEST(P256, RefusesWhatIsNoPoint) {
  const ScopedKey key(Import(kScalar));
  const auto refused = [&](std::string_view hex) {
    P256Public point;
    point.xy = ArrayFromHex<64>(hex);
    const Status status = CheckPoint(point);
    EXPECT_FALSE(Ecdh(key.get(), point).ok());
    return !status.ok() && status.error() == Error::kCryptoBadPoint;
  };
  EXPECT_TRUE(refused(std::string(128, '0')));
  EXPECT_TRUE(refused(
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462298"));
  // The point with x = 5, once with x + p: the same residue, another encoding.
  const std::string y =
      "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
  P256Public five;
  five.xy = ArrayFromHex<64>(std::string(63, '0') + "5" + y);
  EXPECT_TRUE(CheckPoint(five).ok());
  EXPECT_TRUE(refused(
      "ffffffff00000001000000000000000000000001000000000000000000000004" + y));
}

TEST(P256, ImportRefusesScalarsOutOfRange) {
  EXPECT_FALSE(ImportScalar(ByteArray<32>{}).ok());
  EXPECT_FALSE(ImportScalar(ArrayFromHex<32>(kOrder)).ok());
  ByteArray<32> high = ArrayFromHex<32>(kOrder);
  high[31] = std::byte{0x50};
  const auto last = ImportScalar(high);
  ASSERT_TRUE(last.ok());
  Release(*last);
}

TEST(P256, ScalarInRangeEndsBelowOrderLessOne) {
  const auto at = [](int last) {
    ByteArray<32> candidate = ArrayFromHex<32>(kOrder);
    candidate[31] = std::byte(last);
    return ScalarInRange(candidate);
  };
  EXPECT_TRUE(at(0x4f));   // n - 2
  EXPECT_FALSE(at(0x50));  // n - 1
  EXPECT_FALSE(at(0x51));  // n
  EXPECT_TRUE(ScalarInRange(ByteArray<32>{}));
  ByteArray<32> ones;
  ones.fill(std::byte{0xff});
  EXPECT_FALSE(ScalarInRange(ones));
  ByteArray<32> word_higher = ArrayFromHex<32>(kOrder);
  word_higher[7] = std::byte{1};
  word_higher[31] = std::byte{0};
  EXPECT_FALSE(ScalarInRange(word_higher));
}

TEST(P256, EvpKeysBecomeOurs) {
  EVP_PKEY* const evp = EVP_EC_gen("P-256");
  const auto imported = ImportEvp(evp);
  ASSERT_TRUE(imported.ok());
  const ScopedKey key(*imported);
  EXPECT_EQ(*PublicKey(key.get()), *PublicOfEvp(evp));
  EVP_PKEY_free(evp);

  EVP_PKEY* const other = EVP_EC_gen("P-384");
  EXPECT_FALSE(ImportEvp(other).ok());
  EXPECT_FALSE(PublicOfEvp(other).ok());
  EVP_PKEY_free(other);
}

TEST(Random, DoesNotRepeat) {
  ByteArray<32> a{}, b{};
  ASSERT_TRUE(Random(a).ok());
  ASSERT_TRUE(Random(b).ok());
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace cai::crypto
