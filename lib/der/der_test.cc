#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/der/reader.h"
#include "lib/der/writer.h"

namespace cai::der {
namespace {

std::vector<std::byte> Hex(std::string_view hex) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(
        std::byte(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

std::string ToHex(Bytes bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += kDigits[std::to_integer<unsigned>(b) >> 4];
    out += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

template <typename Write>
std::string Encoded(Write write) {
  ByteArray<600> buffer;
  Writer writer(buffer);
  write(writer);
  const auto encoded = writer.Finish();
  return encoded.ok() ? ToHex(*encoded) : "no room";
}

template <typename T>
Error ErrorOf(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? Error{} : result.error();
}

TEST(DerWriter, Integer_IsShortestAndNeverNegative) {
  const auto integer = [](std::string_view hex) {
    return Encoded([&](Writer& w) { w.Integer(Hex(hex)); });
  };
  EXPECT_EQ(integer(""), "020100");
  EXPECT_EQ(integer("00"), "020100");
  EXPECT_EQ(integer("7f"), "02017f");
  EXPECT_EQ(integer("80"), "02020080");  // X.690, 8.3
  EXPECT_EQ(integer("0000ff01"), "020300ff01");
  EXPECT_EQ(integer("0000000102"), "02020102");
}

TEST(DerWriter, Wrap_TakesTheShortestLengthAtEveryBoundary) {
  const auto head = [](std::size_t size) {
    const std::vector<std::byte> content(size);
    return Encoded([&](Writer& w) { w.Element(Tag::kOctetString, content); })
        .substr(0, 10);
  };
  EXPECT_EQ(head(127), "047f000000");
  EXPECT_EQ(head(128), "0481800000");
  EXPECT_EQ(head(255), "0481ff0000");
  EXPECT_EQ(head(256), "0482010000");
}

TEST(DerWriter, Nested_IsWrittenLastFieldFirst) {
  const auto encoded = Encoded([](Writer& w) {
    w.BitString(Hex("a1"));
    const std::size_t mark = w.size();
    w.Text(Tag::kUtf8String, "ab");
    w.Element(Tag::kOid, Hex("550403"));
    w.Wrap(Tag::kSet, mark);
    w.Wrap(Tag::kSequence, 0);
  });
  EXPECT_EQ(encoded,
            "300f3109"
            "0603550403"
            "0c026162"
            "030200a1");
}

TEST(DerWriter, Finish_RefusesEveryBufferTooShortAndStillMeasures) {
  for (std::size_t room = 0; room < 140; ++room) {
    std::vector<std::byte> buffer(room + 1, std::byte{0x5a});
    Writer writer(MutableBytes(buffer).first(room));
    writer.Element(Tag::kOctetString, std::vector<std::byte>(128));
    EXPECT_EQ(writer.size(), 131u);
    const auto encoded = writer.Finish();
    EXPECT_EQ(encoded.ok(), room >= 131) << room;
    if (!encoded.ok()) {
      EXPECT_EQ(encoded.error(), Error::kDerNoRoom);
    }
    EXPECT_EQ(buffer[room], std::byte{0x5a});
  }
}

TEST(DerReader, Reads_WhatTheWriterWrote) {
  ByteArray<64> buffer;
  Writer writer(buffer);
  writer.BitString(Hex("0102"));
  writer.Integer(Hex("80"));
  writer.Text(Tag::kUtf8String, "x");
  writer.Wrap(Tag::kSequence, 0);
  const auto encoded = writer.Finish();
  ASSERT_TRUE(encoded.ok());

  Reader reader(*encoded);
  auto inside = reader.Enter(Tag::kSequence);
  ASSERT_TRUE(inside.ok());
  EXPECT_TRUE(reader.Finish().ok());
  EXPECT_EQ(AsText(*inside->Content(Tag::kUtf8String)), "x");
  EXPECT_EQ(ToHex(*inside->Unsigned()), "80");
  EXPECT_EQ(ToHex(*inside->BitString()), "0102");
  EXPECT_TRUE(inside->Finish().ok());
}

// X.690, 10.1: definite and shortest.
TEST(DerReader, Refuses_EveryLengthThatIsNotDer) {
  const auto any = [](std::string_view hex) {
    const auto in = Hex(hex);
    Reader reader(in);
    const auto result = reader.Any();
    EXPECT_EQ(reader.rest().size(), in.size()) << "nothing may be consumed";
    return ErrorOf(result);
  };
  EXPECT_EQ(any(""), Error::kDerTruncated);
  EXPECT_EQ(any("04"), Error::kDerTruncated);
  EXPECT_EQ(any("0401"), Error::kDerTruncated);
  EXPECT_EQ(any("0481"), Error::kDerTruncated);
  EXPECT_EQ(any("048101ff"), Error::kDerBadLength);
  EXPECT_EQ(any("04820001ff"), Error::kDerBadLength);
  EXPECT_EQ(any("3080"
                "0500"
                "0000"),
            Error::kDerBadLength);  // indefinite
  EXPECT_EQ(any("04850000000001ff"), Error::kDerBadLength);
  EXPECT_EQ(any("0484ffffffffff"), Error::kDerTruncated);
  EXPECT_EQ(any("1f8100"), Error::kDerWrongTag);  // a tag of two bytes
}

TEST(DerReader, Unsigned_RefusesPaddedNegativeAndEmpty) {
  for (const auto* hex : {"0200", "020180", "0202007f", "0202ff80"}) {
    const auto in = Hex(hex);
    Reader reader(in);
    EXPECT_EQ(ErrorOf(reader.Unsigned()), Error::kDerBadInteger) << hex;
    EXPECT_EQ(reader.rest().size(), in.size());
  }
}

TEST(DerReader, UnsignedInto_AlignsRightAndRefusesTooLarge) {
  ByteArray<2> out;
  const auto small = Hex("020105"), large = Hex("0203010203");
  Reader reader(small);
  ASSERT_TRUE(reader.UnsignedInto(out).ok());
  EXPECT_EQ(ToHex(out), "0005");
  Reader refused(large);
  EXPECT_EQ(ErrorOf(refused.UnsignedInto(out)), Error::kDerBadInteger);
  EXPECT_EQ(refused.rest().size(), large.size());
}

TEST(DerReader, BitString_RefusesUnusedBitsAndEmpty) {
  for (const auto* hex : {"0300", "0302017e"}) {
    const auto in = Hex(hex);
    EXPECT_EQ(ErrorOf(Reader(in).BitString()), Error::kDerBadValue) << hex;
  }
}

TEST(DerReader, Boolean_HasTwoFormsOnly) {
  EXPECT_TRUE(*Reader(Hex("0101ff")).Boolean());
  EXPECT_FALSE(*Reader(Hex("010100")).Boolean());
  EXPECT_EQ(ErrorOf(Reader(Hex("010101")).Boolean()), Error::kDerBadValue);
}

Result<std::int64_t> TimeOf(Tag tag, std::string_view text) {
  static ByteArray<40> buffer;
  Writer writer(buffer);
  writer.Text(tag, text);
  return Reader(*writer.Finish()).Time();
}

// Values of `date -u -d ... +%s`.
TEST(DerReader, Time_AgreesWithTheCalendar) {
  const auto utc = [](std::string_view t) { return *TimeOf(Tag::kUtcTime, t); };
  EXPECT_EQ(utc("700101000000Z"), 0);
  EXPECT_EQ(utc("261123074125Z"), 1795419685);
  EXPECT_EQ(utc("000229235959Z"), 951868799);
  EXPECT_EQ(utc("500101000000Z"), -631152000);  // 1950
  EXPECT_EQ(utc("491231235959Z"), 2524607999);  // 2049
  EXPECT_EQ(*TimeOf(Tag::kGeneralizedTime, "20500101000000Z"), 2524608000);
  EXPECT_EQ(*TimeOf(Tag::kGeneralizedTime, "99991231235959Z"), 253402300799);
}

TEST(DerReader, Time_RefusesWhatIsNoDate) {
  for (const auto* text :
       {"261123074125", "2611230741Z", "261123074125+0000", "261323074125Z",
        "260023074125Z", "260230000000Z", "230229000000Z", "261123240000Z",
        "261123076000Z", "261123074160Z", "2611x3074125Z", "/61123074125Z"})
    EXPECT_EQ(ErrorOf(TimeOf(Tag::kUtcTime, text)), Error::kDerBadValue)
        << text;
  for (const auto* text : {"21000229000000Z", "20261123074125.5Z", "2026Z"})
    EXPECT_EQ(ErrorOf(TimeOf(Tag::kGeneralizedTime, text)), Error::kDerBadValue)
        << text;
}

}  // namespace
}  // namespace cai::der
