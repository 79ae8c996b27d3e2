// RFC 8949, Appendix A: every example, read, judged and written again.
#include <gtest/gtest.h>

#include <cmath>

#include "lib/cbor/deterministic.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "tests/hex.h"

namespace cai::cbor {
namespace {

using testing::FromHex;
using testing::Hex;

// Encodings that are deterministic as they stand.
constexpr const char* kDeterministic[] = {
    "00",
    "01",
    "0a",
    "17",
    "1818",
    "1819",
    "1864",
    "1903e8",
    "1a000f4240",
    "1b000000e8d4a51000",
    "1bffffffffffffffff",
    "c249010000000000000000",
    "3bffffffffffffffff",
    "c349010000000000000000",
    "20",
    "29",
    "3863",
    "3903e7",
    "f90000",
    "f98000",
    "f93c00",
    "fb3ff199999999999a",
    "f93e00",
    "f97bff",
    "fa47c35000",
    "fa7f7fffff",
    "fb7e37e43c8800759c",
    "f90001",
    "f90400",
    "f9c400",
    "fbc010666666666666",
    "f97c00",
    "f97e00",
    "f9fc00",
    "f4",
    "f5",
    "f6",
    "f7",
    "f0",
    "f8ff",
    "c074323031332d30332d32315432303a30343a30305a",
    "c11a514b67b0",
    "c1fb41d452d9ec200000",
    "d74401020304",
    "d818456449455446",
    "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "40",
    "4401020304",
    "60",
    "6161",
    "6449455446",
    "62225c",
    "62c3bc",
    "63e6b0b4",
    "64f0908591",
    "80",
    "83010203",
    "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "a0",
    "a201020304",
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145"};

// Well-formed, and what the same item is in preferred encoding.
constexpr std::pair<const char*, const char*> kOther[] = {
    {"fa7f800000", "f97c00"},
    {"fa7fc00000", "f97e00"},
    {"faff800000", "f9fc00"},
    {"fb7ff0000000000000", "f97c00"},
    {"fb7ff8000000000000", "f97e00"},
    {"fbfff0000000000000", "f9fc00"},
    {"5f42010243030405ff", "450102030405"},
    {"7f657374726561646d696e67ff", "6973747265616d696e67"},
    {"9fff", "80"},
    {"9f018202039f0405ffff", "8301820203820405"},
    {"9f01820203820405ff", "8301820203820405"},
    {"83018202039f0405ff", "8301820203820405"},
    {"83019f0203ff820405", "8301820203820405"},
    {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
     "98190102030405060708090a0b0c0d0e0f101112131415161718181819"},
    {"bf61610161629f0203ffff", "a26161016162820203"},
    {"826161bf61626163ff", "826161a161626163"},
    {"bf6346756ef563416d7421ff", "a26346756ef563416d7421"}};

std::string Preferred(Bytes item) {
  std::vector<std::byte> out(item.size() + item.size() / 128);
  const auto made = MakePreferred(item, out);
  return made.ok() ? Hex(*made) : "refused";
}

TEST(AppendixA, TheDeterministicPassEveryReader) {
  for (const char* hex : kDeterministic) {
    const auto item = FromHex(hex);
    EXPECT_TRUE(CheckDeterministic(item).ok()) << hex;
    EXPECT_EQ(Hex(*Reader(item).Skip()), hex);
    EXPECT_EQ(Hex(*AnyReader(item).Skip()), hex);
    EXPECT_EQ(Preferred(item), hex);
  }
}

TEST(AppendixA, TheOthersPassAnyReaderAlone_AndNormalise) {
  for (const auto& [hex, preferred] : kOther) {
    const auto item = FromHex(hex);
    EXPECT_FALSE(CheckDeterministic(item).ok()) << hex;
    EXPECT_EQ(Hex(*AnyReader(item).Skip()), hex);
    EXPECT_EQ(Preferred(item), preferred);
  }
}

TEST(AppendixA, TruncatedAnywhere_IsRefused) {
  for (const char* hex : kDeterministic) {
    const auto item = FromHex(hex);
    for (std::size_t size = 0; size < item.size(); ++size) {
      const Bytes part = Bytes(item).first(size);
      EXPECT_FALSE(CheckDeterministic(part).ok()) << hex << size;
      EXPECT_FALSE(AnyReader(part).Skip().ok()) << hex << size;
      EXPECT_EQ(Preferred(part), "refused");
    }
  }
}

double Value(const char* hex) {
  const auto item = FromHex(hex);
  return *Reader(item).Float();
}

TEST(AppendixA, FloatsHaveTheirValues) {
  EXPECT_EQ(Value("f93e00"), 1.5);
  EXPECT_EQ(Value("f97bff"), 65504.0);
  EXPECT_EQ(Value("f90001"), 5.960464477539063e-8);
  EXPECT_EQ(Value("f90400"), 0.00006103515625);
  EXPECT_EQ(Value("f9c400"), -4.0);
  EXPECT_EQ(Value("fa47c35000"), 100000.0);
  EXPECT_EQ(Value("fa7f7fffff"), 3.4028234663852886e+38);
  EXPECT_EQ(Value("fb7e37e43c8800759c"), 1.0e+300);
  EXPECT_EQ(Value("fb7ff0000000000000"), HUGE_VAL);
  EXPECT_TRUE(std::isnan(Value("f97e00")));
  EXPECT_TRUE(std::signbit(Value("f98000")));
}

Error Judged(const char* hex) {
  const auto status = CheckDeterministic(FromHex(hex));
  return status.ok() ? Error{} : status.error();
}

TEST(CheckDeterministic, RefusesEachDeparture) {
  EXPECT_EQ(Judged("a201000200"), Error{});
  EXPECT_EQ(Judged("a202000100"), Error::kCborKeyOrder);
  EXPECT_EQ(Judged("a201000100"), Error::kCborDuplicateKey);
  EXPECT_EQ(Judged("82a0a2616100616100"), Error::kCborDuplicateKey);
  EXPECT_EQ(Judged("a2810100810100"), Error::kCborDuplicateKey);
  EXPECT_EQ(Judged("a2820102000a00"), Error::kCborKeyOrder);
  EXPECT_EQ(Judged("a1a2020001000a"), Error::kCborKeyOrder);  // inside a key
  EXPECT_EQ(Judged("a100a202000100"), Error::kCborKeyOrder);  // or a value
  EXPECT_EQ(Judged("fa3fc00000"), Error::kCborNotShortest);
  EXPECT_EQ(Judged("f97e01"), Error::kCborNotShortest);
  EXPECT_EQ(Judged("0000"), Error::kCborTrailing);
  EXPECT_EQ(Judged(""), Error::kCborTruncated);
  EXPECT_EQ(Judged("61ff"), Error::kCborBadUtf8);
  EXPECT_EQ(Judged("8181818181818181818181818181818100"), Error::kCborTooDeep);
}

TEST(MakePreferred, ItsBoundIsEnoughForManyItems) {
  for (const std::size_t items : {23, 24, 255, 256, 65535, 65536}) {
    std::vector<std::byte> item(items + 2, std::byte{0});
    item.front() = std::byte{0x9f};
    item.back() = std::byte{0xff};
    EXPECT_NE(Preferred(item), "refused") << items;
  }
}

}  // namespace
}  // namespace cai::cbor
