#include <gtest/gtest.h>

#include <limits>

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "tests/hex.h"

namespace cai::cbor {
namespace {

using testing::FromHex;
using testing::Hex;

#define EXPECT_REFUSED(expression, reason)        \
  do {                                            \
    const auto refused = (expression);            \
    ASSERT_FALSE(refused.ok());                   \
    EXPECT_EQ(refused.error(), Error::k##reason); \
  } while (false)

template <typename Write>
std::string Written(Write write) {
  std::array<std::byte, 64> out;
  Writer writer(out);
  write(writer);
  const auto done = writer.Finish();
  return done.ok() ? Hex(*done) : "no room";
}

// RFC 8949, Appendix A.
TEST(Writer, MatchesAppendixA) {
  const auto number = [](std::uint64_t v) {
    return Written([&](Writer& w) { w.Uint(v); });
  };
  EXPECT_EQ(number(0), "00");
  EXPECT_EQ(number(23), "17");
  EXPECT_EQ(number(24), "1818");
  EXPECT_EQ(number(100), "1864");
  EXPECT_EQ(number(255), "18ff");
  EXPECT_EQ(number(256), "190100");
  EXPECT_EQ(number(1000), "1903e8");
  EXPECT_EQ(number(65536), "1a00010000");
  EXPECT_EQ(number(1000000), "1a000f4240");
  EXPECT_EQ(number(1000000000000), "1b000000e8d4a51000");
  EXPECT_EQ(number(18446744073709551615u), "1bffffffffffffffff");

  const auto integer = [](std::int64_t v) {
    return Written([&](Writer& w) { w.Int(v); });
  };
  EXPECT_EQ(integer(-1), "20");
  EXPECT_EQ(integer(-100), "3863");
  EXPECT_EQ(integer(-1000), "3903e7");
  EXPECT_EQ(integer(7), "07");
  EXPECT_EQ(integer(std::numeric_limits<std::int64_t>::min()),
            "3b7fffffffffffffff");

  EXPECT_EQ(Written([](Writer& w) { w.Bool(false), w.Bool(true), w.Null(); }),
            "f4f5f6");
  EXPECT_EQ(Written([](Writer& w) { w.Bstr(FromHex("01020304")); }),
            "4401020304");
  EXPECT_EQ(Written([](Writer& w) { w.Text("IETF"); }), "6449455446");
  EXPECT_EQ(Written([](Writer& w) { w.Tag(1), w.Uint(1363896240); }),
            "c11a514b67b0");
  EXPECT_EQ(Written([](Writer& w) {
              w.Array(3), w.Uint(1), w.Array(1), w.Uint(2), w.Map(0);
            }),
            "83018102a0");
}

TEST(Writer, CountsPastTheEnd_AndRefusesOnce) {
  for (std::size_t size = 0; size < 6; ++size) {
    std::vector<std::byte> out(size);
    Writer writer(out);
    writer.Text("IETF!");
    EXPECT_EQ(writer.size(), 6u);
    EXPECT_REFUSED(writer.Finish(), CborNoRoom);
  }
}

TEST(Reader, ReadsWhatTheWriterWrote) {
  const auto all = FromHex("87182a3863420102626869c101f5f6");
  Reader reader(all);
  EXPECT_TRUE(reader.ArrayOf(7).ok());
  EXPECT_EQ(*reader.Uint(), 42u);
  EXPECT_EQ(*reader.Int(), -100);
  EXPECT_EQ(Hex(*reader.Bstr()), "0102");
  EXPECT_EQ(*reader.Text(), "hi");
  EXPECT_TRUE(reader.TagOf(1).ok());
  EXPECT_EQ(*reader.Uint(), 1u);
  EXPECT_TRUE(*reader.Bool());
  EXPECT_TRUE(reader.Null().ok());
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(Reader, ChangesNothing_WhenItRefuses) {
  const auto bytes = FromHex("420102");
  Reader reader(bytes);
  EXPECT_REFUSED(reader.Uint(), CborWrongType);
  EXPECT_REFUSED(reader.Int(), CborWrongType);
  EXPECT_REFUSED(reader.Text(), CborWrongType);
  EXPECT_REFUSED(reader.Array(), CborWrongType);
  EXPECT_REFUSED(reader.Map(), CborWrongType);
  EXPECT_REFUSED(reader.Tag(), CborWrongType);
  EXPECT_REFUSED(reader.Bool(), CborWrongType);
  EXPECT_REFUSED(reader.Null(), CborWrongType);
  EXPECT_REFUSED(reader.BstrOf<3>(), CborOutOfRange);
  EXPECT_REFUSED(reader.ArrayOf(2), CborWrongType);
  EXPECT_EQ(Hex(reader.rest()), "420102");
  EXPECT_REFUSED(reader.Finish(), CborTrailing);
}

TEST(Reader, RefusesLongerHeads_UnlessLenient) {
  for (const char* hex : {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff",
                          "580100", "780161", "980100", "b8010000", "d80100"}) {
    const auto bytes = FromHex(hex);
    EXPECT_REFUSED(Reader(bytes).Skip(), CborNotShortest);
    EXPECT_TRUE(Reader(bytes, Mode::kLenient).Skip().ok()) << hex;
    EXPECT_TRUE(AnyReader(bytes).Skip().ok()) << hex;
  }
}

TEST(AnyReader, RefusesIndefiniteLengths_UnlessAny) {
  for (const char* hex : {"5f4101ff", "5f41014102ff", "7f6161ff", "9f01ff",
                          "bf0102ff", "9f9f9fffffff", "bf9f01ff5f4101ffff"}) {
    const auto bytes = FromHex(hex);
    EXPECT_REFUSED(Reader(bytes).Skip(), CborIndefinite);
    EXPECT_REFUSED(Reader(bytes, Mode::kLenient).Skip(), CborIndefinite);
    EXPECT_EQ(Hex(*AnyReader(bytes).Skip()), hex);
  }
}

TEST(AnyReader, RefusesIndefiniteLengthsThatAreNotWellFormed) {
  const auto skip = [](const char* hex) {
    const auto bytes = FromHex(hex);
    const auto item = AnyReader(bytes).Skip();
    return item.ok() ? Error{} : item.error();
  };
  for (const char* hex :
       {"ff", "81ff", "bf01ff", "a1ff00", "a101ff", "c1ff", "5f01ff",
        "5f6161ff", "7f4101ff", "5f5f4101ffff", "1f", "3f", "df00ff"})
    EXPECT_EQ(skip(hex), Error::kCborMalformed) << hex;
  for (const char* hex : {"9f", "9f01", "bf", "bf01", "bf0102", "5f", "5f4101",
                          "7f6161", "9f9fff"})
    EXPECT_EQ(skip(hex), Error::kCborTruncated) << hex;
  EXPECT_EQ(skip("7f61c361bcff"), Error::kCborBadUtf8);  // cut in a character
}

TEST(AnyReader, CountsIndefiniteContainers_AndPassesTheirBreaks) {
  const auto bytes = FromHex("9f019f0203ffbf04056161f6ff80ff");
  AnyReader reader(bytes);
  EXPECT_REFUSED(Reader(bytes).Array(), CborIndefinite);
  ASSERT_EQ(*reader.Array(), 4u);
  EXPECT_EQ(*reader.Uint(), 1u);
  ASSERT_TRUE(reader.ArrayOf(2).ok());
  EXPECT_EQ(*reader.Uint(), 2u);
  EXPECT_EQ(*reader.Uint(), 3u);
  ASSERT_EQ(*reader.Map(), 2u);
  EXPECT_EQ(*reader.Uint(), 4u);
  EXPECT_EQ(*reader.Uint(), 5u);
  EXPECT_EQ(*reader.Text(), "a");
  EXPECT_EQ(*reader.Peek(), Type::kNull);
  EXPECT_TRUE(reader.Null().ok());
  EXPECT_EQ(Hex(reader.rest()), "80ff");
  EXPECT_REFUSED(reader.Finish(), CborTrailing);
  EXPECT_EQ(Hex(*reader.Skip()), "80");
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(reader.Finish().ok());
  EXPECT_REFUSED(AnyReader(FromHex("9f01ffff")).ArrayOf(2), CborOutOfRange);
}

TEST(AnyReader, ABreakThatClosesNothing_IsLeft) {
  const auto bytes = FromHex("9fffff");
  AnyReader reader(bytes);
  EXPECT_EQ(*reader.Array(), 0u);
  EXPECT_REFUSED(reader.Finish(), CborTrailing);
  EXPECT_REFUSED(reader.Skip(), CborMalformed);
}

TEST(AnyReader, AStringInOneChunkIsAView_OneInPiecesIsRefused) {
  const auto one = FromHex("5f4042010240ff");
  AnyReader reader(one);
  EXPECT_EQ(Hex(*reader.Bstr()), "0102");
  const auto two = FromHex("5f41014102ff");
  EXPECT_REFUSED(AnyReader(two).Bstr(), CborIndefinite);
  const auto none = FromHex("7fff");
  EXPECT_EQ(*AnyReader(none).Text(), "");
}

TEST(Reader, ReadsNumbersOfEveryKind) {
  const auto number = FromHex("3bffffffffffffffff");
  EXPECT_EQ(*Reader(number).Nint(), 0xffffffffffffffffu);
  EXPECT_REFUSED(Reader(number).Int(), CborOutOfRange);
  const auto simple = FromHex("f7f8ffe0");
  Reader simples(simple);
  EXPECT_REFUSED(simples.Float(), CborWrongType);
  EXPECT_REFUSED(simples.Null(), CborWrongType);
  EXPECT_EQ(*simples.Peek(), Type::kSimple);
  EXPECT_EQ(*simples.Simple(), 23);
  EXPECT_EQ(*simples.Simple(), 255);
  EXPECT_EQ(*simples.Simple(), 0);
  const auto fraction = FromHex("fb3ff199999999999a");
  EXPECT_EQ(*Reader(fraction).Float(), 1.1);
  EXPECT_EQ(*Reader(fraction).Peek(), Type::kFloat);
  EXPECT_REFUSED(Reader(fraction).Simple(), CborWrongType);
}

TEST(Reader, RefusesWhatIsNotWellFormed) {
  for (const char* hex :
       {"1c", "3d", "5e", "7c", "9d", "be", "dc", "fc", "f800", "f81f"})
    EXPECT_REFUSED(Reader(FromHex(hex)).Skip(), CborMalformed);
}

TEST(Reader, RefusesTruncations) {
  for (const char* hex : {"1901", "42", "4201", "6261", "8201", "a101", "c1",
                          "9bffffffffffffffff", "bbffffffffffffffff",
                          "5bffffffffffffffff", "fb00"})
    EXPECT_REFUSED(Reader(FromHex(hex)).Skip(), CborTruncated);
}

TEST(Reader, RefusesTextThatIsNotUtf8) {
  for (const char* hex : {"61ff", "62c080", "62c1bf", "63e08080", "63eda080",
                          "64f0808080", "64f4908080", "61c3", "6180", "62c328"})
    EXPECT_REFUSED(Reader(FromHex(hex)).Text(), CborBadUtf8);
  for (const char* hex : {"62c3bc", "63e6b0b4", "64f0908591", "64f48fbfbf"}) {
    const auto bytes = FromHex(hex);
    EXPECT_TRUE(Reader(bytes).Text().ok()) << hex;
  }
}

TEST(Reader, RefusesNumbersThatDoNotFit) {
  EXPECT_REFUSED(Reader(FromHex("1b8000000000000000")).Int(), CborOutOfRange);
  EXPECT_REFUSED(Reader(FromHex("3b8000000000000000")).Int(), CborOutOfRange);
  const auto lowest = FromHex("3b7fffffffffffffff");
  EXPECT_EQ(*Reader(lowest).Int(), std::numeric_limits<std::int64_t>::min());
}

TEST(Reader, SkipEndsAtItsDepth) {
  const auto nested = [](int depth) {
    std::vector<std::byte> bytes(depth, std::byte{0x81});
    bytes.push_back(std::byte{0});
    return bytes;
  };
  EXPECT_TRUE(Reader(nested(Reader::kMaxDepth - 1)).Skip().ok());
  EXPECT_REFUSED(Reader(nested(Reader::kMaxDepth)).Skip(), CborTooDeep);
  EXPECT_REFUSED(Reader(nested(100'000)).Skip(), CborTooDeep);
}

Error KeysOf(const char* hex) {
  const auto bytes = FromHex(hex);
  Reader reader(bytes);
  auto map = MapCursor::Open(reader);
  if (!map.ok()) return map.error();
  while (map->more()) {
    if (const auto key = map->Key(); !key.ok()) return key.error();
    if (const auto value = reader.Skip(); !value.ok()) return value.error();
  }
  return Error{};
}

// RFC 8949, 4.2.1: bytewise order of the encoded keys.
TEST(MapCursor, TakesKeysInDeterministicOrderAlone) {
  EXPECT_EQ(KeysOf("a0"), Error{});
  EXPECT_EQ(KeysOf("a4010018180020003818"
                   "00"),
            Error{});  // 1, 24, -1, -25
  EXPECT_EQ(KeysOf("a201000100"), Error::kCborDuplicateKey);
  EXPECT_EQ(KeysOf("a220002000"), Error::kCborDuplicateKey);
  EXPECT_EQ(KeysOf("a202000100"), Error::kCborKeyOrder);
  EXPECT_EQ(KeysOf("a220000100"), Error::kCborKeyOrder);
  EXPECT_EQ(KeysOf("a221002000"), Error::kCborKeyOrder);
  EXPECT_EQ(KeysOf("a1616100"), Error::kCborWrongType);
}

}  // namespace
}  // namespace cai::cbor
