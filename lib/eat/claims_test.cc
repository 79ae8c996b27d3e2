// Claims sets: every form of every claim, and one defect at a time.
#include <gmock/gmock.h>

#include "lib/eat/measured.h"
#include "lib/eat/test_claims.h"

namespace cai::eat {
namespace {

using cbor::Mode;
using testing::Hex;

Result<ClaimsSet> Strict(Bytes in) { return ReadClaims(in, Mode::kStrict); }

// Strict reading succeeds, and writing gives the same bytes.
void ExpectRoundTrip(std::string_view edn) {
  const Raw in = Edn(edn);
  const auto claims = Strict(in);
  ASSERT_TRUE(claims.ok()) << ErrorName(claims.error()) << edn;
  EXPECT_EQ(Hex(Written(*claims)), Hex(in)) << edn;
}

Error ErrorIn(std::string_view edn, std::int64_t claim) {
  std::int64_t where = -1;
  const Raw in = Edn(edn);
  const Error error = ErrorOf(ReadClaims(in, Mode::kLenient, &where));
  EXPECT_EQ(where, claim) << edn;
  return error;
}

TEST(Claims, EveryClaim_IsWrittenAsItWasRead) {
  for (const char* edn : {
           R"({})",
           R"({1: "joe", 2: "device", 3: "service", 4: 1634324274, 5: 0,
              6: 1526542894, 7: h'0b71'})",
           R"({3: ["a", "b"]})",
           R"({3: h'0102030405060708'})",
           R"({4: 1634324274.5, 5: -1, 6: 0.5})",
           R"({8: {1: {1: 2, -1: 1, -2: h'00', -3: h'01'}}})",
           R"({8: {2: 16([h'', {}, h'00'])}})",
           R"({8: {1: {1: 4}, 3: h'6b6964'}})",
           R"({10: h'0102030405060708'})",
           R"({10: [h'0102030405060708', h'1112131415161718']})",
           R"({256: h'01020304050607', 257: {"a": h'02020304050607',
              "b": h'03020304050607'}})",
           R"({258: h'894823'})",
           R"({258: h'9bef8787eba13e2c8f6e7cb4b1f4619a'})",
           R"({258: 64242, 259: h'00', 260: ["3.1", 1], 261: 90, 262: true})",
           R"({260: ["3.1"], 271: ["4", "semver"]})",
           R"({263: 0})",
           R"({263: 4})",
           R"({264: {1: 51.5, 2: -0.125}})",
           R"({264: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9.1}})",
           R"({265: "tag:example.com,2026:p"})",
           R"({265: h'2b0601'})",
           R"({266: {"a": {}, "bc": h'd28440a04040', "bd": "[\"JWT\", \"x\"]",
              "eee": [-16, h'00'], "eef": ["sha-256", h'01']}})",
           R"({267: 7, 268: h'00', 269: [["https://r", "p"],
              ["https://r", "p", "a"]], 270: "os", 271: ["1"]})",
           R"({272: [[258, h'a0']], 273: [[65002, h'a0'], [50, "{}"]]})",
           R"({274: [["s", [["all", 1], [h'00', 4]]], ["t", [["x", 2]]]]})",
           R"({275: 5})",
           R"({1000: 96, 1001: {0: 2, 2: 96, 7: -128}, 1002: h'00',
              1003: ["p"], 1004: {0: "d", 1: "b"}})",
           R"({2394: -2147483648, 2395: 12288, 2396: h'00',
              2398: "1234567890123-12345", 2400: "https://v"})",
           R"({0: 1, 9: 2, 276: [1], 2401: {}, 65000: 1, -1: 2, -65537: 3,
              "x": 1, "aa": {1: {2: 3}}})",
       })
    ExpectRoundTrip(edn);
}

TEST(Claims, EveryRegisteredName_LeadsToItsKeyAndBack) {
  int count = 0;
#define CAI_CLAIM(member, key, name) \
  EXPECT_EQ(ClaimName(key), name);   \
  EXPECT_EQ(ClaimKey(name), key);    \
  ++count;
#include "lib/eat/claim_list.h"
#undef CAI_CLAIM
  EXPECT_EQ(count, 40);
  EXPECT_EQ(ClaimName(276), "");
  EXPECT_FALSE(ClaimKey("nonsense"));
}

TEST(Claims, ValuesOfEachForm_AreWhatTheyWere) {
  const Raw in = Edn(R"({
    6: 1.5, 10: [h'0102030405060708', h'1112131415161718'],
    257: {"board": h'01020304050607'}, 258: 76543, 263: 3,
    264: {1: 51.5, 2: -0.25, 9: 4},
    266: {"TEE": [-16, h'aa'], "HLOS": {10: h'8b0b28782a23d3f6'}},
    274: [["m", [["all", 3]]]], 2394: -5})");
  const auto claims = ReadClaims(in);
  ASSERT_TRUE(claims.ok()) << ErrorName(claims.error());
  EXPECT_EQ(claims->issued->value(), 1.5);
  EXPECT_EQ(Hex((*claims->nonces)[1].value), "1112131415161718");
  EXPECT_EQ((*claims->sueids)[0].label, "board");
  EXPECT_EQ(claims->oem_id->enterprise, 76543);
  EXPECT_EQ(claims->debug, DebugStatus::kDisabledPermanently);
  EXPECT_EQ(claims->location->fields[1]->value(), -0.25);
  EXPECT_EQ(claims->location->fields[8]->value(), 4);
  EXPECT_FALSE(claims->location->fields[2]);
  const Submodule& tee = (*claims->submodules)[0];
  EXPECT_EQ(tee.kind, Submodule::Kind::kDigest);
  EXPECT_EQ(tee.algorithm.number, -16);
  EXPECT_EQ(Hex(tee.content), "aa");
  const auto hlos = ReadClaims((*claims->submodules)[1].item);
  ASSERT_TRUE(hlos.ok());
  EXPECT_EQ(hlos->nonces->size(), 1u);
  EXPECT_EQ((*claims->results)[0].results[0].result, Measured::kNotRun);
  EXPECT_EQ(claims->client_id, -5);
}

struct Wrong {
  const char* edn;
  std::int64_t claim;
  Error error;
};

TEST(Claims, Read_RefusesEachValueThatIsNotOfItsForm) {
  using enum Error;
  for (const Wrong& wrong : std::initializer_list<Wrong>{
           {R"({1: 2})", 1, kCborWrongType},
           {R"({3: []})", 3, kEatMalformed},
           {R"({3: 8})", 3, kCborWrongType},
           {R"({4: "soon"})", 4, kEatMalformed},
           {R"({4: true})", 4, kEatMalformed},
           {R"({8: {}})", 8, kEatMalformed},
           {R"({8: {1: {}, 2: 16([h'', {}, h''])}})", 8, kEatMalformed},
           {R"({8: {4: "jku"}})", 8, kEatMalformed},
           {R"({10: h'01020304050607'})", 10, kEatMalformed},
           {R"({10: [h'0102030405060708']})", 10, kEatMalformed},
           {R"({10: "text"})", 10, kCborWrongType},
           {R"({256: h'010203040506'})", 256, kEatMalformed},
           {R"({257: {}})", 257, kEatMalformed},
           {R"({257: {"a": h'01020304050607', "a": h'01020304050607'}})", 257,
            kCborDuplicateKey},
           {R"({258: h'8812'})", 258, kEatMalformed},
           {R"({259: h''})", 259, kEatMalformed},
           {R"({260: "3.1"})", 260, kCborWrongType},
           {R"({260: []})", 260, kEatMalformed},
           {R"({260: ["3", 1, 2]})", 260, kEatMalformed},
           {R"({261: -1})", 261, kCborWrongType},
           {R"({262: 1})", 262, kCborWrongType},
           {R"({263: 5})", 263, kEatMalformed},
           {R"({264: {1: 1.5}})", 264, kEatMissingClaim},
           {R"({264: {1: 1, 2: 2, 10: 3}})", 264, kEatMalformed},
           {R"({265: h''})", 265, kEatMalformed},
           {R"({266: {}})", 266, kEatMalformed},
           {R"({266: {"a": 1}})", 266, kCborWrongType},
           {R"({266: {"a": [-16, h'00', 1]}})", 266, kCborOutOfRange},
           {R"({269: [["https://r"]]})", 269, kEatMalformed},
           {R"({273: [[65536, h'']]})", 273, kEatMalformed},
           {R"({273: []})", 273, kEatMalformed},
           {R"({274: [["s", [["all", 5]]]]})", 274, kEatMalformed},
           {R"({275: 6})", 275, kEatMalformed},
           {R"({1000: 3})", 1000, kEatMalformed},
           {R"({1001: {}})", 1001, kEatMalformed},
           {R"({1001: {8: 2}})", 1001, kEatMalformed},
           {R"({1001: {0: 128}})", 1001, kEatMalformed},
           {R"({1004: {0: "d"}})", 1004, kEatMissingClaim},
           {R"({2394: 2147483648})", 2394, kEatMalformed},
           {R"({2395: 65536})", 2395, kEatMalformed},
           {R"({2399: []})", 2399, kEatMalformed},
           {R"({2399: [{5: h'00'}]})", 2399, kEatMalformed},
           {R"({10: h'0102030405060708', 10: h'0102030405060708'})", 0,
            kCborDuplicateKey},
           {R"({-1: 1, -1: 2})", 0, kCborDuplicateKey},
           {R"({"x": 1, "x": 2})", 0, kCborDuplicateKey},
       })
    EXPECT_EQ(ErrorIn(wrong.edn, wrong.claim), wrong.error) << wrong.edn;
}

TEST(Claims, Strict_RefusesWhatIsNotDeterministic) {
  for (const char* edn :
       {R"({6: 1, 4: 1})", R"({-1: 1, 4: 1})", R"({-2: 1, -1: 1})",
        R"({"x": 1, 4: 1})", R"({"aa": 1, "x": 1})",
        R"({266: {"bb": {}, "a": {}}})", R"({264: {2: 1, 1: 1}})"}) {
    const Raw in = Edn(edn);
    EXPECT_EQ(ErrorOf(Strict(in)), Error::kCborKeyOrder) << edn;
    EXPECT_TRUE(ReadClaims(in).ok()) << edn;
  }
  // 6: 1.5 as a double where a half would do.
  const Raw wide = testing::FromHex("a106fb3ff8000000000000");
  EXPECT_EQ(ErrorOf(Strict(wide)), Error::kCborNotShortest);
  EXPECT_EQ(ReadClaims(wide)->issued->value(), 1.5);
}

TEST(Claims, Read_RefusesTimesThatAreNoNumber) {
  for (const char* hex : {"a106f97e00", "a106f97c00", "a106fa7f800000"})
    EXPECT_EQ(ErrorOf(ReadClaims(testing::FromHex(hex))), Error::kEatMalformed);
}

TEST(Claims, Floats_TakeTheirShortestForm) {
  for (const char* hex :
       {"a106f90000", "a106f98000", "a106f93c00", "a106f97bff", "a106f90001",
        "a106f903ff", "a106f90400", "a106fa47c35000", "a106fa7f7fffff",
        "a106fa33000000", "a106fb3ff199999999999a", "a106fbc010666666666666"}) {
    const Raw in = testing::FromHex(hex);
    const auto claims = Strict(in);
    ASSERT_TRUE(claims.ok()) << hex << ErrorName(claims.error());
    EXPECT_EQ(Hex(Written(*claims)), hex);
  }
}

TEST(Claims, Read_StopsAtItsBounds) {
  std::string others = "{", submodules = "{266: {";
  for (int i = 0; i < 25; ++i)
    others += (i ? ", " : "") + std::to_string(-100 - i) + ": 0";
  for (int i = 0; i < 9; ++i)
    submodules += (i ? ", \"" : "\"") + std::to_string(i) + "\": {}";
  EXPECT_EQ(ErrorOf(ReadClaims(Edn(others + "}"))), Error::kEatTooMany);
  EXPECT_EQ(ErrorOf(ReadClaims(Edn(submodules + "}}"))), Error::kEatTooMany);

  // The largest is read, a byte more is not.
  Raw in = testing::FromHex("a11903ea59");  // {1002: h'...'}
  const std::size_t bytes = kMaxClaimsSet - in.size() - 2;
  in.push_back(std::byte(bytes >> 8));
  in.push_back(std::byte(bytes));
  in.resize(kMaxClaimsSet);
  EXPECT_TRUE(Strict(in).ok());
  in.push_back(std::byte{0});
  EXPECT_EQ(ErrorOf(Strict(in)), Error::kEatTooLarge);
}

TEST(Claims, Read_RefusesEveryTruncation) {
  const Raw in = Edn(R"({3: ["a"], 8: {3: h'00'}, 10: h'0102030405060708',
    257: {"a": h'01020304050607'}, 264: {1: 1.5, 2: 2}, 266: {"b": [-16, h'00']},
    274: [["s", [["all", 1]]]], 1001: {0: 2}, "x": 1})");
  ASSERT_TRUE(Strict(in).ok());
  for (std::size_t size = 0; size < in.size(); ++size)
    EXPECT_FALSE(ReadClaims(Bytes(in).first(size)).ok()) << size;
  Raw longer = in;
  longer.push_back(std::byte{0});
  EXPECT_EQ(ErrorOf(ReadClaims(longer)), Error::kCborTrailing);
}

// ---- Measured components ---------------------------------------------------

TEST(MeasuredComponent, EveryForm_IsWrittenAsItWasRead) {
  for (const char* edn :
       {R"({1: ["x"], 2: [-16, h'00']})",
        R"({1: ["x", ["1.2"]], 2: ["sha-256", h'00']})",
        R"({1: ["x", ["1.2", 16384]], 2: [-16, h'00'], 3: [h'01', h'02'],
           4: h'0000000000000101'})",
        R"({1: ["x"], 4: h'0000000000000000', 5: h'4f6d616861'})"}) {
    const Raw in = Edn(edn);
    const auto component = ReadMeasured(in, Mode::kStrict);
    ASSERT_TRUE(component.ok()) << edn << ErrorName(component.error());
    Raw out(in.size());
    cbor::Writer writer(out);
    WriteMeasured(*component, writer);
    EXPECT_EQ(Hex(*writer.Finish()), Hex(in));
  }
}

TEST(MeasuredComponent, Read_RefusesWhatIsNone) {
  using enum Error;
  const auto error = [](std::string_view edn) {
    return ErrorOf(ReadMeasured(Edn(edn)));
  };
  EXPECT_EQ(error(R"({2: [-16, h'00']})"), kEatMissingClaim);
  EXPECT_EQ(error(R"({1: ["x"]})"), kEatMissingClaim);
  EXPECT_EQ(error(R"({1: ["x"], 2: [-16, h''], 5: h''})"), kEatMissingClaim);
  EXPECT_EQ(error(R"({1: [], 5: h''})"), kEatMalformed);
  EXPECT_EQ(error(R"({1: ["x"], 5: h'', 4: h'00'})"), kEatMalformed);
  EXPECT_EQ(error(R"({1: ["x"], 5: h'', 6: h''})"), kEatMalformed);
}

}  // namespace
}  // namespace cai::eat
