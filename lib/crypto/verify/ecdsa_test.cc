// Against OpenSSL: signatures of its own, and the rare cases built with its
// arithmetic.
#include "lib/crypto/verify/ecdsa.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "lib/crypto/hash.h"
#include "lib/crypto/verify/field.h"

namespace cai::crypto::verify {
namespace {

ByteArray<32> Scalar(std::uint32_t seed) {
  ByteArray<32> out{};
  CopyInto(MutableBytes(out).last(4), BigEndian(seed));
  return seed < 1000 ? out : Sha256::Of(out);
}

ByteArray<32> BigEndianOf(const Number& number) {
  ByteArray<32> out;
  for (std::size_t i = 0; i < 8; ++i)
    CopyInto(MutableBytes(out).subspan(28 - 4 * i), BigEndian(number[i]));
  return out;
}

TEST(EcdsaMismatch, OpensslsSignatures_Match) {
  // Small scalars put the key among the multiples of the generator, where
  // additions meet equal and opposite points.
  for (std::uint32_t i = 1; i < 60; ++i) {
    const std::uint32_t seed = i < 35 ? i : 1000 + i;
    const ScopedKey key(*ImportScalar(Scalar(seed)));
    const auto hash = Sha256::Of(BigEndian(i));
    const auto signature = SignHash(key.get(), hash);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(Mismatch(*PublicKey(key.get()), hash, *signature), 0u) << seed;
  }
}

TEST(EcdsaMismatch, TheLastScalar_IsAKeyAsAnyOther) {
  Number last = kN;
  last[0] -= 1;
  const ScopedKey key(*ImportScalar(BigEndianOf(last)));
  const auto hash = Sha256::Of(BigEndian(7u));
  EXPECT_EQ(Mismatch(*PublicKey(key.get()), hash, *SignHash(key.get(), hash)),
            0u);
}

TEST(EcdsaMismatch, EveryFlippedBit_IsAMismatch) {
  const ScopedKey key(*ImportScalar(Scalar(4711)));
  const auto owner = *PublicKey(key.get());
  const auto hash = Sha256::Of(BigEndian(1u));
  const auto signature = *SignHash(key.get(), hash);
  for (std::size_t bit = 0; bit < 512; bit += 7) {
    auto bad = signature;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    EXPECT_NE(Mismatch(owner, hash, bad), 0u) << bit;
    auto other = owner;
    other.xy[bit / 8] ^= std::byte(1 << bit % 8);
    EXPECT_EQ(Mismatch(other, hash, signature), kRefused) << bit;
    auto digest = hash;
    digest[bit / 16] ^= std::byte(1 << bit % 8);
    EXPECT_NE(Mismatch(owner, digest, signature), 0u) << bit;
  }
}

TEST(EcdsaMismatch, NumbersOutOfRange_AreRefused) {
  const ScopedKey key(*ImportScalar(Scalar(4711)));
  const auto owner = *PublicKey(key.get());
  const auto hash = Sha256::Of(BigEndian(1u));
  const auto good = *SignHash(key.get(), hash);
  ByteArray<32> all;
  all.fill(std::byte{0xff});
  for (const auto& bad : {ByteArray<32>{}, BigEndianOf(kN), all})
    for (const std::size_t half : {0u, 32u}) {
      auto signature = good;
      CopyInto(MutableBytes(signature).subspan(half), bad);
      EXPECT_EQ(Mismatch(owner, hash, signature), kRefused);
    }
  P256Public high = owner;  // x + p is the same x, and no encoding of it
  CopyInto(high.xy, BigEndianOf(kP));
  EXPECT_EQ(Mismatch(high, hash, good), kRefused);
  EXPECT_EQ(Mismatch(P256Public{}, hash, good), kRefused);
}

// r = s = hash = 0 modulo n would verify anything if ranges were not checked;
// a hash of n itself counts as 0.
TEST(EcdsaMismatch, AHashAboveN_IsReduced) {
  const ScopedKey key(*ImportScalar(Scalar(4711)));
  const auto owner = *PublicKey(key.get());
  for (const std::uint32_t more : {0u, 1u, 5u}) {
    Number hash = kN;
    hash[0] += more;
    const auto digest = BigEndianOf(hash);
    const auto signature = SignHash(key.get(), digest);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(Mismatch(owner, digest, *signature), 0u) << more;
    EXPECT_TRUE(Verify(owner, digest, *signature).ok());
  }
}

// A point whose x lies between n and p: once in 2^128 signatures. From R and
// any u, v follows the key (R - u G) / v for which (r, s) with s = r / v is
// good.
TEST(EcdsaMismatch, AnXAboveN_CountsModuloN) {
  EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BN_CTX* const scratch = BN_CTX_new();
  EC_POINT* const point = EC_POINT_new(group);
  EC_POINT* const key = EC_POINT_new(group);
  BIGNUM *x = BN_new(), *r = BN_new(), *u = BN_new(), *v = BN_new(),
         *s = BN_new(), *e = BN_new(), *w = BN_new();
  const BIGNUM* const n = EC_GROUP_get0_order(group);

  BN_copy(x, n);
  do {
    BN_add_word(x, 1);
  } while (EC_POINT_set_compressed_coordinates(group, point, x, 0, scratch) !=
           1);
  BN_sub(r, x, n);
  BN_set_word(u, 12345);
  BN_set_word(v, 67891);
  BN_mod_inverse(w, v, n, scratch);
  EC_POINT_mul(group, key, u, nullptr, nullptr, scratch);
  EC_POINT_invert(group, key, scratch);
  EC_POINT_add(group, key, key, point, scratch);
  EC_POINT_mul(group, key, nullptr, key, w, scratch);
  BN_mod_mul(s, r, w, n, scratch);  // v = r / s
  BN_mod_mul(e, u, s, n, scratch);  // u = e / s

  ByteArray<65> encoded;
  EC_POINT_point2oct(group, key, POINT_CONVERSION_UNCOMPRESSED,
                     AsU8(MutableBytes(encoded)), encoded.size(), scratch);
  P256Public owner;
  CopyInto(owner.xy, Bytes(encoded).subspan(1));
  ByteArray<32> hash;
  Signature signature;
  BN_bn2binpad(e, AsU8(MutableBytes(hash)), 32);
  BN_bn2binpad(r, AsU8(MutableBytes(signature)), 32);
  BN_bn2binpad(s, AsU8(MutableBytes(signature).subspan(32)), 32);
  EXPECT_TRUE(Verify(owner, hash, signature).ok());
  EXPECT_EQ(Mismatch(owner, hash, signature), 0u);
  hash[31] ^= std::byte{1};
  EXPECT_NE(Mismatch(owner, hash, signature), 0u);

  for (BIGNUM* number : {x, r, u, v, s, e, w}) BN_free(number);
  EC_POINT_free(point);
  EC_POINT_free(key);
  EC_GROUP_free(group);
  BN_CTX_free(scratch);
}

}  // namespace
}  // namespace cai::crypto::verify
