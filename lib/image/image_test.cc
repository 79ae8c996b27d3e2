#include "lib/image/image.h"

#include <gtest/gtest.h>

#include <vector>

#include "lib/crypto/hash.h"
#include "lib/image/version.h"

namespace cai::image {
namespace {

class Images : public testing::Test {
 protected:
  Images() {
    ByteArray<32> scalar{};
    scalar[31] = std::byte{7};
    key_ = *crypto::ImportScalar(scalar);
    fields_.load_address = 0x10020000;
    fields_.version = {1, 2, 3, 4};
    fields_.security_counter = 9;
  }
  ~Images() override { crypto::Release(key_); }

  std::vector<std::byte> Signed() const {
    const std::vector<std::byte> payload(40, std::byte{0xab});
    std::vector<std::byte> out(MaxSize(fields_, payload.size()));
    const auto image = Sign(fields_, payload, key_, out);
    EXPECT_TRUE(image.ok());
    out.resize(image->size());
    return out;
  }

  // Parses the bytes after `edit`, which says what must come of it.
  template <typename Edit>
  Error Refusal(Edit edit) const {
    auto bytes = Signed();
    edit(bytes);
    // In memory of exactly that size, so that a read behind it is found.
    const std::vector<std::byte> exact(bytes);
    const auto image = ParseWhole(exact);
    return image.ok() ? Error{} : image.error();
  }

  static void Set16(std::vector<std::byte>& at, std::size_t offset, int value) {
    at[offset] = std::byte(value);
    at[offset + 1] = std::byte(value >> 8);
  }

  crypto::P256Private key_;
  Fields fields_;
};

// Where things lie in Signed(): 0x400 header, 40 payload, 12 protected TLVs.
constexpr std::size_t kProtected = 0x400 + 40;
constexpr std::size_t kTlvs = kProtected + 12;

TEST_F(Images, Sign_WritesTheHeaderOfTheFormat) {
  const auto image = Signed();
  const std::vector<std::uint8_t> begin = {
      0x3d, 0xb8, 0xf3, 0x96,  // magic, little endian
      0x00, 0x00, 0x02, 0x10,  // load address
      0x00, 0x04, 0x0c, 0x00,  // header size, protected TLVs
      0x28, 0x00, 0x00, 0x00,  // payload size
      0x20, 0x00, 0x00, 0x00,  // RAM_LOAD
      0x01, 0x02, 0x03, 0x00, 0x04, 0x00, 0x00, 0x00,  // 1.2.3+4
      0x00, 0x00, 0x00, 0x00};
  EXPECT_TRUE(Equal(Bytes(image).first(32), AsBytes(begin.data(), 32)));
}

TEST_F(Images, WhatIsSigned_ParsesBack) {
  const Dependency dependencies[] = {{1, {5, 6, 7, 8}}, {0, {1, 0, 0, 0}}};
  fields_.dependencies = dependencies;
  const auto record = AsBytes("record");
  fields_.boot_record = record;
  const auto bytes = Signed();

  const auto image = ParseWhole(bytes);

  ASSERT_TRUE(image.ok()) << ErrorName(image.error());
  EXPECT_EQ(image->header.load_address, 0x10020000u);
  EXPECT_EQ(image->header.version, (Version{1, 2, 3, 4}));
  EXPECT_EQ(image->payload.size(), 40u);
  EXPECT_EQ(image->security_counter, 9u);
  EXPECT_TRUE(std::ranges::equal(image->dependencies(), dependencies));
  EXPECT_TRUE(Equal(image->boot_record, record));
  EXPECT_EQ(image->size, bytes.size());
  EXPECT_TRUE(CheckHash(*image).ok());
  EXPECT_TRUE(CheckSignature(*image, *crypto::PublicKey(key_)).ok());
}

TEST_F(Images, Parse_TakesASlotThatGoesOn) {
  auto slot = Signed();
  const std::size_t size = slot.size();
  slot.resize(size + 4096, std::byte{0xFF});
  const auto image = Parse(slot);
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image->size, size);
  EXPECT_EQ(ParseWhole(slot).error(), Error::kImageTrailing);
}

TEST_F(Images, Parse_RefusesEveryCut) {
  const auto whole = Signed();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(),
                                     whole.begin() + static_cast<long>(size));
    EXPECT_FALSE(Parse(cut).ok()) << size;
  }
}

TEST_F(Images, Parse_RefusesAnErasedSlot) {
  const std::vector<std::byte> slot(4096, std::byte{0xFF});
  EXPECT_EQ(Parse(slot).error(), Error::kImageMagic);
}

TEST_F(Images, Parse_RefusesSizesThatDoNotFit) {
  using Blob = std::vector<std::byte>;
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 8, 31); }), Error::kImageHeader);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 8, 0xffff); }),
            Error::kImageTruncated);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 10, 0xffff); }),
            Error::kImageTruncated);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 10, 11); }), Error::kImageTruncated);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 10, 13); }), Error::kImageTlvs);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 10, 3); }), Error::kImageTruncated);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, 12, 0); }), Error::kImageHeader);
  EXPECT_EQ(Refusal([](Blob& b) { b[15] = std::byte{0xff}; }),
            Error::kImageTruncated);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kTlvs + 2, 0xffff); }),
            Error::kImageTruncated);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kTlvs + 2, 3); }),
            Error::kImageTlvs);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kTlvs + 6, 0xffff); }),
            Error::kImageTlvs);
}

TEST_F(Images, Parse_RefusesWhatBootCannotDo) {
  using Blob = std::vector<std::byte>;
  for (const int flag : {0x01, 0x04, 0x08, 0x40, 0x80})
    EXPECT_EQ(Refusal([=](Blob& b) { b[16] |= std::byte(flag); }),
              Error::kImageFlags);
  EXPECT_EQ(Refusal([](Blob& b) { b[28] = std::byte{1}; }),
            Error::kImageHeader);
}

TEST_F(Images, Parse_RefusesTlvsWhereTheyDoNotBelong) {
  using Blob = std::vector<std::byte>;
  // The security counter's type becomes the hash's, and a hash's the counter's.
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kProtected + 4, 0x10); }),
            Error::kImageTlvs);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kTlvs + 4, 0x50); }),
            Error::kImageTlvs);
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kTlvs + 4, 0x7777); }),
            Error::kImageTlvs);
  // Without a hash, with two public keys' worth of key hash.
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kTlvs + 4, 0x01); }),
            Error::kImageTlvMissing);
}

TEST_F(Images, Parse_LetsAnUnknownProtectedTlvPass) {
  using Blob = std::vector<std::byte>;
  EXPECT_EQ(Refusal([](Blob& b) { Set16(b, kProtected + 4, 0xa0); }), Error{});
}

TEST_F(Images, Parse_RefusesATlvTwice) {
  auto bytes = Signed();
  // The public key's TLV again, as a copy behind the last one.
  const std::size_t key_at = kTlvs + 4 + 36;
  const std::vector<std::byte> again(bytes.begin() + key_at,
                                     bytes.begin() + key_at + 4 + 91);
  bytes.insert(bytes.end(), again.begin(), again.end());
  Set16(bytes, kTlvs + 2, static_cast<int>(bytes.size() - kTlvs));
  EXPECT_EQ(ParseWhole(bytes).error(), Error::kImageTlvTwice);
}

TEST_F(Images, Parse_TakesAsManyDependenciesAsItHolds) {
  constexpr std::size_t kMore = kMaxDependencies + 1;
  auto bytes = Signed();
  const std::vector<std::byte> one = {std::byte{0x40},
                                      {},
                                      std::byte{12},
                                      {},
                                      std::byte{1},
                                      {},
                                      {},
                                      {},
                                      std::byte{9},
                                      {},
                                      {},
                                      {},
                                      {},
                                      {},
                                      {},
                                      {}};
  for (std::size_t n = 1; n <= kMore; ++n) {
    bytes.insert(bytes.begin() + kTlvs, one.begin(), one.end());
    Set16(bytes, 10, static_cast<int>(12 + 16 * n));
    Set16(bytes, kProtected + 2, static_cast<int>(12 + 16 * n));
    const auto image = ParseWhole(bytes);
    ASSERT_EQ(image.ok(), n < kMore) << n;
    if (image.ok()) {
      EXPECT_EQ(image->dependencies().size(), n);
    }
  }
  bytes[kTlvs + 5] = std::byte{1};  // padding
  EXPECT_EQ(ParseWhole(bytes).error(), Error::kImageTlvs);
}

TEST_F(Images, CheckHash_RefusesEveryFlippedByteOfTheSignedPart) {
  auto bytes = Signed();
  for (std::size_t i = 0; i < kTlvs; ++i) {
    bytes[i] ^= std::byte{1};
    const auto image = ParseWhole(bytes);
    const bool passed = image.ok() && CheckHash(*image).ok();
    EXPECT_FALSE(passed) << i;
    bytes[i] ^= std::byte{1};
  }
}

TEST_F(Images, CheckSignature_RefusesAnotherKey) {
  const auto bytes = Signed();
  ByteArray<32> scalar{};
  scalar[31] = std::byte{8};
  const auto other = *crypto::ImportScalar(scalar);
  const auto image = ParseWhole(bytes);
  EXPECT_EQ(CheckSignature(*image, *crypto::PublicKey(other)).error(),
            Error::kImageSignature);
  crypto::Release(other);
}

TEST_F(Images, Sign_RefusesEveryBufferTooShort) {
  const std::vector<std::byte> payload(40, std::byte{0xab});
  const std::size_t size = Signed().size();
  std::vector<std::byte> out(size);
  // The DER form of the signature differs in length from run to run only with
  // random nonces; ours are RFC 6979's.
  for (std::size_t room = 0; room < size; ++room)
    EXPECT_FALSE(
        Sign(fields_, payload, key_, MutableBytes(out).first(room)).ok())
        << room;
  EXPECT_TRUE(Sign(fields_, payload, key_, out).ok());
}

TEST(Signature, TheDerForm_IsStrict) {
  crypto::Signature signature{};
  signature[0] = std::byte{0x80};  // r needs a leading zero
  signature[31] = std::byte{1};
  signature[63] = std::byte{5};  // s is short
  ByteArray<kMaxEcdsaDer> buffer;
  const auto der = EncodeSignature(signature, buffer);
  ASSERT_TRUE(der.ok());
  const std::vector<std::byte> good(der->begin(), der->end());
  ASSERT_EQ(good.size(), 2u + 2 + 33 + 2 + 1);
  EXPECT_EQ(*DecodeSignature(good), signature);

  auto bad = good;  // a byte follows
  bad.push_back(std::byte{0});
  EXPECT_FALSE(DecodeSignature(bad).ok());
  bad = good;  // negative r
  bad[4] = std::byte{0x80};
  EXPECT_FALSE(DecodeSignature(bad).ok());
  bad = good;  // the zero of r was not needed
  bad[5] = std::byte{0x01};
  EXPECT_FALSE(DecodeSignature(bad).ok());
  bad = good;  // long form of the length
  bad[1] = std::byte{0x81};
  EXPECT_FALSE(DecodeSignature(bad).ok());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(DecodeSignature(Bytes(good).first(size)).ok()) << size;
}

TEST(Signature, EveryLengthOfIntegers_RoundTrips) {
  for (std::size_t r = 0; r < 32; ++r) {
    for (const int top : {0x01, 0x7f, 0x80, 0xff}) {
      crypto::Signature signature{};
      signature[r] = std::byte(top);
      signature[63 - r] |= std::byte(top);
      ByteArray<kMaxEcdsaDer> der;
      const auto encoded = EncodeSignature(signature, der);
      ASSERT_TRUE(encoded.ok());
      EXPECT_EQ(*DecodeSignature(*encoded), signature);
    }
  }
}

TEST(Version, Text_RoundTripsAndIsStrict) {
  const Version largest{255, 255, 65535, 4294967295u};
  std::array<char, kVersionText> text;
  EXPECT_EQ(FormatVersion(largest, text), "255.255.65535+4294967295");
  EXPECT_EQ(*ParseVersion("255.255.65535+4294967295"), largest);
  EXPECT_EQ(*ParseVersion("1.2.3"), (Version{1, 2, 3, 0}));
  for (const auto bad : {"", "1", "1.2", "1.2.3.4", "1.2.3+", "256.0.0",
                         "1.2.70000", "-1.2.3", " 1.2.3", "1.2.3+4x"})
    EXPECT_FALSE(ParseVersion(bad).ok()) << bad;
}

TEST(Version, Order_IsByMajorMinorRevisionBuild) {
  EXPECT_LT((Version{1, 2, 3, 4}), (Version{1, 2, 3, 5}));
  EXPECT_LT((Version{1, 2, 300, 9}), (Version{1, 3, 0, 0}));
  EXPECT_LT((Version{1, 255, 0, 0}), (Version{2, 0, 0, 0}));
}

}  // namespace
}  // namespace cai::image
