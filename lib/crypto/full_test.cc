// The full tier against published vectors, and what it must refuse.
#include <gtest/gtest.h>

#include "lib/crypto/aead.h"
#include "lib/crypto/asymmetric.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/mac.h"
#include "tests/hex.h"

namespace cai::crypto {
namespace {

using testing::FromHex;
using testing::Hex;
using Made = std::vector<std::byte>;

// One file for each backend. What one has not built in it must say; a test of
// that alone is skipped.
bool Lacks(const auto& result) {
  return !result.ok() && result.error() == Error::kCryptoUnsupported;
}
#define SKIP_IF_LACKING(result) \
  if (Lacks(result)) GTEST_SKIP() << "not built in"

constexpr Cipher kCcm{Cipher::Family::kAesCcm, 16, 13, 8};

void ExpectHash(HashAlgorithm hash, const std::string& expected) {
  const Bytes part = AsBytes("abc");
  Made out(HashSize(hash));
  const Status status = HashOf(hash, {&part, 1}, out);
  if (Lacks(status) && hash != HashAlgorithm::kSha256) return;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(Hex(out), expected);
}

TEST(HashOf, MatchesFips180) {
  ExpectHash(HashAlgorithm::kSha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
  ExpectHash(
      HashAlgorithm::kSha256,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ExpectHash(
      HashAlgorithm::kSha384,
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed80"
      "86072ba1e7cc2358baeca134c825a7");
  ExpectHash(
      HashAlgorithm::kSha512,
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a21"
      "92992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

// RFC 4231, 4.3 (test case 2), in two parts.
TEST(HmacOf, MatchesRfc4231) {
  const Bytes parts[] = {AsBytes("what do ya want "), AsBytes("for nothing?")};
  Made out(32);
  ASSERT_TRUE(HmacOf(HashAlgorithm::kSha256, AsBytes("Jefe"), parts, out).ok());
  EXPECT_EQ(Hex(out),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  out.resize(48);
  ASSERT_TRUE(HmacOf(HashAlgorithm::kSha384, AsBytes("Jefe"), parts, out).ok());
  EXPECT_EQ(Hex(out),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e"
            "2240ca5e69e2c78b3239ecfab21649");
  EXPECT_FALSE(HmacOf(HashAlgorithm::kSha512, {}, parts, out).ok());
}

// RFC 5869, A.1 and A.3 (no salt, no info).
TEST(Hkdf, MatchesRfc5869) {
  const auto ikm = FromHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
  const auto salt = FromHex("000102030405060708090a0b0c");
  const auto info = FromHex("f0f1f2f3f4f5f6f7f8f9");
  const Bytes part = info;
  Made out(42);
  ASSERT_TRUE(Hkdf(HashAlgorithm::kSha256, salt, ikm, {&part, 1}, out).ok());
  EXPECT_EQ(Hex(out),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34"
            "007208d5b887185865");
  ASSERT_TRUE(Hkdf(HashAlgorithm::kSha256, {}, ikm, {}, out).ok());
  EXPECT_EQ(Hex(out),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d"
            "201395faa4b61a96c8");
  out.resize(255 * 32 + 1);
  EXPECT_FALSE(Hkdf(HashAlgorithm::kSha256, {}, ikm, {}, out).ok());
}

// RFC 3610, 8, packet vector 1.
TEST(Cipher, CcmMatchesRfc3610) {
  const auto key = FromHex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  const auto nonce = FromHex("00000003020100a0a1a2a3a4a5");
  const auto aad = FromHex("0001020304050607");
  const auto text = FromHex("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e");
  const Bytes parts[] = {Bytes(aad).first(3), Bytes(aad).subspan(3)};
  Made out(text.size() + 8);
  SKIP_IF_LACKING(Seal(kCcm, key, nonce, parts, text, out));
  ASSERT_TRUE(Seal(kCcm, key, nonce, parts, text, out).ok());
  EXPECT_EQ(Hex(out),
            "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0");
}

const Cipher kAll[] = {{Cipher::Family::kAesGcm, 16, 12, 16},
                       {Cipher::Family::kAesGcm, 24, 12, 16},
                       {Cipher::Family::kAesGcm, 32, 12, 16},
                       {Cipher::Family::kAesCcm, 16, 13, 8},
                       {Cipher::Family::kAesCcm, 32, 13, 16},
                       {Cipher::Family::kAesCcm, 16, 7, 16},
                       {Cipher::Family::kAesCcm, 32, 7, 8},
                       {Cipher::Family::kChaCha20Poly1305, 32, 12, 16}};

TEST(Cipher, OpensWhatItSealed_AndNothingElse) {
  for (const Cipher& cipher : kAll) {
    for (const std::size_t size : {0, 1, 16, 100}) {
      const Made key(cipher.key_size, std::byte{7}), text(size, std::byte{9});
      const Made nonce(cipher.nonce_size, std::byte{3});
      const Bytes aad = AsBytes("header");
      Made sealed(size + cipher.tag_size), opened(size);
      const auto made = Seal(cipher, key, nonce, {&aad, 1}, text, sealed);
      // Those that devices seal with are in every backend.
      const bool must = cipher == kAll[0] || cipher == std::end(kAll)[-1];
      if (Lacks(made) && !must) continue;
      ASSERT_TRUE(made.ok());
      ASSERT_TRUE(Open(cipher, key, nonce, {&aad, 1}, sealed, opened).ok());
      EXPECT_EQ(opened, text);
      EXPECT_FALSE(Open(cipher, key, nonce, {}, sealed, opened).ok());
      sealed.back() ^= std::byte{1};
      EXPECT_FALSE(Open(cipher, key, nonce, {&aad, 1}, sealed, opened).ok());
      EXPECT_EQ(opened, Made(size));
      sealed.resize(cipher.tag_size - 1);
      EXPECT_FALSE(Open(cipher, key, nonce, {&aad, 1}, sealed, opened).ok());
    }
  }
}

TEST(Cipher, RefusesSizesThatAreNotItsOwn) {
  Made out(64);
  const Made key(16), nonce(13);
  SKIP_IF_LACKING(Seal(kCcm, key, nonce, {}, {}, out));
  EXPECT_TRUE(Seal(kCcm, key, nonce, {}, {}, out).ok());
  EXPECT_FALSE(Seal(kCcm, Bytes(key).first(15), nonce, {}, {}, out).ok());
  EXPECT_FALSE(Seal(kCcm, key, Bytes(nonce).first(12), {}, {}, out).ok());
  EXPECT_FALSE(Seal(kCcm, key, nonce, {}, {}, MutableBytes(out).first(7)).ok());
  // Two bytes of length: 65,536 do not fit.
  const Made long_text(65536);
  Made room(65536 + 8);
  EXPECT_FALSE(Seal(kCcm, key, nonce, {}, long_text, room).ok());
  EXPECT_TRUE(
      Seal(kCcm, key, nonce, {}, Bytes(long_text).first(65535), room).ok());
}

// RFC 3394, 4.2 and 4.3: KEKs of 24 and 32 bytes.
TEST(AesKeyWrapOnTheHost, TakesLongerKeks) {
  const auto plain = FromHex("00112233445566778899aabbccddeeff");
  Made out(24), back(16);
  const auto kek24 =
      FromHex("000102030405060708090a0b0c0d0e0f1011121314151617");
  const auto wrapped = AesKeyWrap(kek24, plain, out);
  SKIP_IF_LACKING(wrapped);
  ASSERT_TRUE(wrapped.ok());
  EXPECT_EQ(Hex(out), "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d");
  const auto kek32 = FromHex(
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  ASSERT_TRUE(AesKeyWrap(kek32, plain, out).ok());
  EXPECT_EQ(Hex(out), "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7");
  EXPECT_TRUE(AesKeyUnwrap(kek32, out, back).ok());
  EXPECT_FALSE(AesKeyUnwrap(kek24, out, back).ok());
}

// RFC 8032, 7.1, test 2.
TEST(EdDsa, MatchesRfc8032) {
  const auto d = FromHex(
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const auto x = FromHex(
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto key = ImportKey({.kind = KeyKind::kEd25519, .x = x, .d = d});
  SKIP_IF_LACKING(key);
  ASSERT_TRUE(key.ok());
  const auto message = FromHex("72");
  const Bytes part = message;
  Made out(64);
  constexpr SignatureScheme kScheme{SignatureScheme::Family::kEdDsa};
  ASSERT_TRUE(Sign(*key, kScheme, {&part, 1}, out).ok());
  EXPECT_EQ(Hex(out),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
            "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(Verify(*key, kScheme, {&part, 1}, out).ok());
  EXPECT_FALSE(Verify(*key, kScheme, {}, out).ok());
  const auto other = FromHex(std::string(64, '1'));
  EXPECT_FALSE(ImportKey({.kind = KeyKind::kEd25519, .x = other, .d = d}).ok());
}

// RFC 7748, 6.1.
TEST(Agree, MatchesRfc7748) {
  const auto d = FromHex(
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const auto x = FromHex(
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto own = ImportKey({.kind = KeyKind::kX25519, .d = d});
  const auto peer = ImportKey({.kind = KeyKind::kX25519, .x = x});
  SKIP_IF_LACKING(own);
  ASSERT_TRUE(own.ok() && peer.ok());
  Made out(32);
  ASSERT_TRUE(Agree(*own, *peer, out).ok());
  EXPECT_EQ(Hex(out),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  const Made zeros(32);
  const auto zero = ImportKey({.kind = KeyKind::kX25519, .x = zeros});
  EXPECT_FALSE(zero.ok() && Agree(*own, *zero, out).ok());
}

TEST(Agree, IsSymmetricOnEveryCurve_AndSurvivesExport) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521,
                             KeyKind::kX25519, KeyKind::kX448}) {
    const auto a = GenerateKey(kind), b = GenerateKey(kind);
    if (Lacks(a) && kind != KeyKind::kP256) continue;
    ASSERT_TRUE(a.ok() && b.ok());
    ByteArray<kPublicRoom> room_a, room_b;
    const auto public_a = ExportPublic(*a, room_a);
    auto public_b = ExportPublic(*b, room_b);
    ASSERT_TRUE(public_a.ok() && public_b.ok());
    Made one(kMaxFieldSize), two(kMaxFieldSize);
    ASSERT_TRUE(Agree(*a, *ImportKey(*public_b), one).ok());
    ASSERT_TRUE(Agree(*b, *ImportKey(*public_a), two).ok());
    EXPECT_EQ(one, two);

    if (!IsWeierstrass(kind)) continue;
    public_b->y_is_odd = (std::to_integer<int>(public_b->y.back()) & 1) != 0;
    public_b->y = {};
    ASSERT_TRUE(Agree(*a, *ImportKey(*public_b), two).ok());
    EXPECT_EQ(one, two);
    public_b->y_is_odd = !public_b->y_is_odd;  // -B: the same x
    ASSERT_TRUE(Agree(*a, *ImportKey(*public_b), two).ok());
    EXPECT_EQ(one, two);
  }
}

TEST(Ecdsa, VerifiesItsOwnOnEveryCurve_AndRefusesTheRest) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521}) {
    const auto key = GenerateKey(kind), other = GenerateKey(kind);
    if (Lacks(key) && kind != KeyKind::kP256) continue;
    ASSERT_TRUE(key.ok() && other.ok());
    const Bytes message = AsBytes("message");
    constexpr SignatureScheme kScheme{SignatureScheme::Family::kEcdsa,
                                      HashAlgorithm::kSha256};
    Made out(2 * FieldSize(kind));
    ASSERT_TRUE(Sign(*key, kScheme, {&message, 1}, out).ok());
    EXPECT_TRUE(Verify(*key, kScheme, {&message, 1}, out).ok());
    EXPECT_FALSE(Verify(*other, kScheme, {&message, 1}, out).ok());
    EXPECT_FALSE(
        Verify(*key, kScheme, {&message, 1}, Bytes(out).first(out.size() - 1))
            .ok());
    const Made zeros(out.size());
    EXPECT_FALSE(Verify(*key, kScheme, {&message, 1}, zeros).ok());
    EXPECT_FALSE(
        Verify(*key, {SignatureScheme::Family::kEdDsa}, {&message, 1}, out)
            .ok());
  }
}

TEST(ImportKey, RefusesWhatIsNoKey) {
  const Made ones(32, std::byte{1}), zeros(32), high(32, std::byte{0xff});
  EXPECT_FALSE(ImportKey({}).ok());
  EXPECT_FALSE(ImportKey({.x = ones, .y = ones}).ok());
  EXPECT_FALSE(ImportKey({.d = zeros}).ok());
  EXPECT_FALSE(ImportKey({.d = high}).ok());
  EXPECT_TRUE(ImportKey({.d = ones}).ok());
  EXPECT_FALSE(ImportKey({.x = Bytes(ones).first(31), .d = ones}).ok());
  EXPECT_FALSE(ImportKey({.kind = KeyKind::kRsa, .n = high, .e = ones}).ok());
}

}  // namespace
}  // namespace cai::crypto
