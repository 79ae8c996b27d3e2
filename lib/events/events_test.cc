#include "lib/events/events.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace cai::events {
namespace {

constexpr Record kRecord{1500, 4, 0x8003, 0x82};

std::vector<std::byte> Encoded(const Record& record) {
  ByteArray<kMaxEncoded> out;
  const auto encoded = Encode(record, out);
  EXPECT_TRUE(encoded.ok());
  return {encoded->begin(), encoded->end()};
}

std::vector<Record> Decoded(Decoder& decoder, Bytes stream) {
  std::vector<Record> records;
  for (const std::byte b : stream)
    if (const auto record = decoder.Push(b)) records.push_back(*record);
  return records;
}

TEST(Crc16, MatchesTheCatalogueCheckValue) {
  // CRC-16/CCITT-FALSE of "123456789" is 0x29B1.
  EXPECT_EQ(Crc16(AsBytes("123456789")), 0x29B1);
}

TEST(Events, Encode_MatchesTheFormat) {
  const auto bytes = Encoded(kRecord);

  // CA 1E | 0A | [1500, 4, 0x8003, 0x82] | crc
  const std::vector<std::uint8_t> begin{0xCA, 0x1E, 0x0A, 0x84, 0x19,
                                        0x05, 0xDC, 0x04, 0x19, 0x80,
                                        0x03, 0x18, 0x82};
  ASSERT_EQ(bytes.size(), begin.size() + 2);
  EXPECT_TRUE(Equal(Bytes(bytes).first(begin.size()),
                    AsBytes(begin.data(), begin.size())));
}

TEST(Events, Encode_RefusesEveryBufferTooShort) {
  const std::size_t needed = Encoded(kRecord).size();
  std::vector<std::byte> out(needed);
  for (std::size_t size = 0; size < needed; ++size)
    EXPECT_FALSE(Encode(kRecord, MutableBytes(out).first(size)).ok()) << size;
}

TEST(Events, MaxEncoded_HoldsTheLargestRecord) {
  const Record largest{std::numeric_limits<std::uint64_t>::max(),
                       std::numeric_limits<std::int32_t>::min(), 0xFFFF,
                       0xFFFFFFFF};
  EXPECT_EQ(Encoded(largest).size(), kMaxEncoded);
  Decoder decoder;
  EXPECT_EQ(Decoded(decoder, Encoded(largest)), std::vector<Record>{largest});
}

TEST(Events, Decoder_FindsRecordsBetweenNoise) {
  auto stream = Encoded(kRecord);
  const auto noise = AsBytes("\xCA noise \xCA\x1E");
  stream.insert(stream.end(), noise.begin(), noise.end());
  const auto second = Encoded({2, -1, 1, 0});
  stream.insert(stream.end(), second.begin(), second.end());

  Decoder decoder;
  const auto records = Decoded(decoder, stream);

  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0], kRecord);
  EXPECT_EQ(records[1].source, kSourceBoot);
  EXPECT_EQ(decoder.skipped(), noise.size());
}

TEST(Events, Decoder_RefusesEveryFlippedBit) {
  const auto good = Encoded(kRecord);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bad = good;
    bad[bit / 8] ^= std::byte(1 << bit % 8);
    Decoder decoder;
    EXPECT_TRUE(Decoded(decoder, bad).empty()) << bit;
  }
}

TEST(Events, Decoder_RecoversAfterATornRecord) {
  const auto good = Encoded(kRecord);
  for (std::size_t size = 0; size < good.size(); ++size) {
    auto stream = std::vector(good.begin(), good.begin() + size);
    stream.insert(stream.end(), good.begin(), good.end());
    // A torn record's length may reach into the next one, so a second whole
    // record must follow before it can be sure.
    stream.insert(stream.end(), good.begin(), good.end());
    Decoder decoder;
    EXPECT_EQ(Decoded(decoder, stream).size(), 2u) << size;
  }
}

TEST(Events, Names_AreKnown) {
  EXPECT_EQ(EventName(0x8003), "PartitionFault");
  EXPECT_EQ(EventName(0x7777), "");
  EXPECT_TRUE(kRecord.is_error());
  EXPECT_FALSE((Record{0, 0, 3, 0}.is_error()));
}

}  // namespace
}  // namespace cai::events
