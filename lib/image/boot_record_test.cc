#include "lib/image/boot_record.h"

#include <gtest/gtest.h>

#include <vector>

namespace cai::image {
namespace {

using Blob = std::vector<std::byte>;

// A record of imgtool 2.5.0 (--boot-record SPE --version 1.2.3+4).
Blob Theirs() {
  Blob out = {std::byte{0xa5}, std::byte{1}, std::byte{0x63}};
  const auto add = [&](Bytes more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  const auto fill = [&](int value) {
    out.insert(out.end(), {std::byte{0x58}, std::byte{32}});
    out.insert(out.end(), 32, std::byte(value));
  };
  add(
      AsBytes("SPE\x04\x67"
              "1.2.3+4\x05"));
  fill(0x77);
  add(AsBytes("\x06\x66SHA256\x02"));
  fill(0);
  return out;
}

TEST(BootRecord, Theirs_IsReadAndWrittenByteForByte) {
  const Blob theirs = Theirs();
  const auto record = ParseBootRecord(theirs);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->type, "SPE");
  EXPECT_EQ(record->version, "1.2.3+4");
  EXPECT_EQ(record->signer[31], std::byte{0x77});

  ByteArray<BootRecord::kMaxEncoded> out;
  EXPECT_TRUE(Equal(*EncodeBootRecord(*record, out), theirs));
}

TEST(BootRecord, EveryCutAndEveryByteMore_IsRefused) {
  Blob theirs = Theirs();
  for (std::size_t size = 0; size < theirs.size(); ++size)
    EXPECT_EQ(ParseBootRecord(Bytes(theirs).first(size)).error(),
              Error::kImageBootRecord);
  theirs.push_back(std::byte{0});
  EXPECT_EQ(ParseBootRecord(theirs).error(), Error::kImageBootRecord);
}

TEST(BootRecord, AnotherOrderAlgorithmOrLength_IsRefused) {
  const auto refused = [](std::size_t at, int value) {
    Blob record = Theirs();
    record[at] = std::byte(value);
    return ParseBootRecord(record).error() == Error::kImageBootRecord;
  };
  EXPECT_TRUE(refused(0, 0xa4));  // four pairs
  EXPECT_TRUE(refused(1, 2));     // another key first
  EXPECT_TRUE(refused(2, 0x60));  // an empty type
  EXPECT_TRUE(refused(6, 5));     // the version's key
  EXPECT_TRUE(refused(17, 31));   // a short signer
  EXPECT_TRUE(refused(57, '3'));  // SHA2<5>6
}

TEST(BootRecord, TheLongest_FillsTheMaximumExactly) {
  const ByteArray<32> signer{};
  const std::string type(BootRecord::kMaxType, 't');
  const std::string version(BootRecord::kMaxVersion, '9');
  ByteArray<BootRecord::kMaxEncoded> out;
  const auto encoded = EncodeBootRecord({type, version, signer}, out);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->size(), BootRecord::kMaxEncoded);
  EXPECT_EQ(ParseBootRecord(*encoded)->type, type);

  const std::string longer(BootRecord::kMaxType + 1, 't');
  Blob larger(BootRecord::kMaxEncoded + 1);
  const auto too_long = EncodeBootRecord({longer, version, signer}, larger);
  EXPECT_FALSE(ParseBootRecord(*too_long).ok());
}

}  // namespace
}  // namespace cai::image
