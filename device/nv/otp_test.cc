#include "device/nv/otp.h"

#include <gtest/gtest.h>

#include "lib/crypto/hash.h"

namespace cai::otp {
namespace {

ByteArray<32> Filled(int value) {
  ByteArray<32> out;
  out.fill(std::byte(value));
  return out;
}

class OtpPage : public testing::Test {
 protected:
  OtpPage() : page_{huk_, Filled(2), {}, {}, {}, {}} {
    EXPECT_TRUE(page_.secure_image_keys.Add(Filled(3)).ok());
    EXPECT_TRUE(page_.nonsecure_image_keys.Add(Filled(4)).ok());
    EXPECT_TRUE(page_.service_roots.Add(Filled(5)).ok());
  }

  // After an edit of the map, so that only the edit can be what is refused.
  void FixDigest() {
    const std::size_t size = std::to_integer<std::size_t>(bytes_[0]) << 8 |
                             std::to_integer<std::size_t>(bytes_[1]);
    const auto digest = crypto::Sha256::Of(Bytes(bytes_).subspan(34, size));
    CopyInto(MutableBytes(bytes_).subspan(2), digest);
  }

  ByteArray<32> huk_ = Filled(1);
  Page page_;
  ByteArray<kPageSize> bytes_;
};

TEST_F(OtpPage, RoundTrips) {
  ASSERT_TRUE(page_.service_roots.Add(Filled(6)).ok());
  ASSERT_TRUE(page_.model_owners.Add(Filled(7)).ok());
  ASSERT_TRUE(Encode(page_, bytes_).ok());

  const auto read = Parse(bytes_);

  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(Equal(read->huk, huk_));
  EXPECT_EQ(read->implementation_id, Filled(2));
  EXPECT_TRUE(read->secure_image_keys.Contains(Filled(3)));
  EXPECT_FALSE(read->secure_image_keys.Contains(Filled(4)));
  EXPECT_TRUE(read->nonsecure_image_keys.Contains(Filled(4)));
  EXPECT_EQ(read->service_roots.size(), 2u);
  EXPECT_TRUE(read->model_owners.Contains(Filled(7)));
}

TEST_F(OtpPage, Parse_RefusesEveryFlippedByte) {
  ASSERT_TRUE(Encode(page_, bytes_).ok());
  for (std::size_t i = 0; i < 512; ++i) {
    bytes_[i] ^= std::byte{0x01};
    EXPECT_FALSE(Parse(bytes_).ok()) << i;
    bytes_[i] ^= std::byte{0x01};
  }
  EXPECT_TRUE(Parse(bytes_).ok());
}

TEST_F(OtpPage, Parse_RefusesABlankPageAndAZeroPage) {
  bytes_.fill(std::byte{0xFF});
  EXPECT_FALSE(Parse(bytes_).ok());
  bytes_.fill(std::byte{0});
  EXPECT_FALSE(Parse(bytes_).ok());
}

TEST_F(OtpPage, Parse_RefusesAnUnknownLabelUnderAGoodDigest) {
  ASSERT_TRUE(Encode(page_, bytes_).ok());
  ASSERT_EQ(bytes_[34], std::byte{0xa6});
  ASSERT_EQ(bytes_[35], std::byte{0x01});
  bytes_[35] = std::byte{0x07};
  FixDigest();
  EXPECT_FALSE(Parse(bytes_).ok());
}

TEST_F(OtpPage, Parse_RefusesAShortHukUnderAGoodDigest) {
  ASSERT_TRUE(Encode(page_, bytes_).ok());
  ASSERT_EQ(bytes_[37], std::byte{32});
  bytes_[37] = std::byte{31};
  FixDigest();
  EXPECT_FALSE(Parse(bytes_).ok());
}

TEST_F(OtpPage, Encode_RefusesAPageWithoutKeys) {
  page_.service_roots = {};
  EXPECT_FALSE(Encode(page_, bytes_).ok());
}

TEST_F(OtpPage, HashList_RefusesZerosDuplicatesAndOverflow) {
  HashList list;
  EXPECT_FALSE(list.Add(Filled(0)).ok());
  EXPECT_TRUE(list.Add(Filled(1)).ok());
  EXPECT_FALSE(list.Add(Filled(1)).ok());
  EXPECT_TRUE(list.Add(Filled(2)).ok());
  EXPECT_FALSE(list.Add(Filled(3)).ok());
}

TEST_F(OtpPage, DebugKeys_AreKeptIfThereAreAny) {
  ASSERT_TRUE(page_.debug_keys.Add(Filled(8)).ok());
  ASSERT_TRUE(Encode(page_, bytes_).ok());
  const auto read = Parse(bytes_);
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->debug_keys.Contains(Filled(8)));
}

}  // namespace
}  // namespace cai::otp
