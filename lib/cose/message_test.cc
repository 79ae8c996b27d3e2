// Any message: what is made opens, and opens for nothing but what was asked.
#include "lib/cose/test_keys.h"

namespace cai::cose {
namespace {

using cai::testing::FromHex;
using cai::testing::Hex;
using testing::Alg;
using testing::Blob;
using testing::Map;

const Blob kSecret(32, std::byte{0x42});
const Key kShared{.k = kSecret};

Blob Mac0(const Draft& draft, Algorithm algorithm = Algorithm::kHmac256) {
  Blob room(500);
  const auto made = MakeMac(draft, algorithm, kShared, {}, room);
  EXPECT_TRUE(made.ok());
  room.resize(made->size());
  return room;
}

Error Refusal(Bytes message, const Expected& expected,
              const Key& key = kShared) {
  const auto parsed = ParseMessage(message, MessageType::kMac0);
  if (!parsed.ok()) return parsed.error();
  const auto payload = VerifyMaced(*parsed, key, expected);
  return payload.ok() ? Error{} : payload.error();
}

constexpr Expected kHmac{.algorithm = Algorithm::kHmac256};

TEST(Mac0, OpensForWhatWasAskedAlone) {
  const Blob alg = Alg(Algorithm::kHmac256), aad = FromHex("0102");
  const Blob message = Mac0({.protected_header = alg, .payload = aad});
  EXPECT_EQ(Refusal(message, kHmac), Error{});
  EXPECT_EQ(Refusal(message, {.algorithm = Algorithm::kHmac256_64}),
            Error::kCoseWrongAlgorithm);
  EXPECT_EQ(
      Refusal(message, {.algorithm = Algorithm::kHmac256, .external_aad = aad}),
      Error::kCoseBadTag);
  EXPECT_EQ(
      Refusal(message, {.algorithm = Algorithm::kHmac256, .detached = aad}),
      Error::kCoseDetached);
  const Blob other(32, std::byte{0x43});
  EXPECT_EQ(Refusal(message, kHmac, {.k = other}), Error::kCoseBadTag);
  EXPECT_EQ(ParseMessage(message, MessageType::kSign1).error(),
            Error::kCoseWrongType);
  EXPECT_EQ(
      ParseMessage(message, MessageType::kMac0, Tagging::kUntagged).error(),
      Error::kCoseWrongType);
  EXPECT_EQ(*TypeOf(message), MessageType::kMac0);
}

TEST(Mac0, EveryFlippedBitIsRefused) {
  const Blob alg = Alg(Algorithm::kHmac256), text = FromHex("c0ffee");
  Blob message = Mac0({.protected_header = alg, .payload = text});
  for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
    message[bit / 8] ^= std::byte(1 << bit % 8);
    EXPECT_NE(Refusal(message, kHmac), Error{}) << bit;
    message[bit / 8] ^= std::byte(1 << bit % 8);
  }
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_NE(Refusal(Bytes(message).first(size), kHmac), Error{});
}

TEST(Mac0, ADetachedPayloadIsTheCallers) {
  const Blob alg = Alg(Algorithm::kHmac256), text = FromHex("c0ffee");
  const Blob message =
      Mac0({.protected_header = alg, .payload = text, .detached = true});
  EXPECT_EQ(Refusal(message, kHmac), Error::kCoseDetached);
  EXPECT_EQ(
      Refusal(message, {.algorithm = Algorithm::kHmac256, .detached = text}),
      Error{});
}

TEST(Mac0, TheKeysIdAndUseBind) {
  const Blob alg = Alg(Algorithm::kHmac256), id = FromHex("0a"),
             wrong = FromHex("0b");
  const Blob kid = Map([&](HeaderWriter& w) { w.Bstr(Header::kKeyId, id); });
  const Blob message = Mac0({.protected_header = alg, .unprotected = kid});
  EXPECT_EQ(Refusal(message, kHmac, {.k = kSecret, .id = id}), Error{});
  EXPECT_EQ(Refusal(message, kHmac, {.k = kSecret, .id = wrong}),
            Error::kCoseWrongKeyId);
  EXPECT_EQ(
      Refusal(message, kHmac, {.k = kSecret, .algorithm = Algorithm::kHmac384}),
      Error::kCoseKeyUse);
  EXPECT_EQ(Refusal(message, kHmac, {.k = kSecret, .operations = 1 << 9}),
            Error::kCoseKeyUse);
  EXPECT_EQ(Refusal(message, kHmac, {.k = kSecret, .operations = 1 << 10}),
            Error{});
}

// The tag is right in each: what is refused is the header.
TEST(Headers, WhatTheyMayNotSay) {
  const auto refusal = [](const char* protected_hex,
                          const char* unprotected_hex,
                          std::span<const Label> understood = {}) {
    const Blob in = FromHex(protected_hex), out = FromHex(unprotected_hex);
    const auto headers = Headers::Parse(in, out);
    if (!headers.ok()) return headers.error();
    const Status alg = headers->CheckAlgorithm(Algorithm::kHmac256, false);
    if (!alg.ok()) return alg.error();
    const Status crit = headers->CheckCritical(understood);
    return crit.ok() ? Error{} : crit.error();
  };
  const Label kX[] = {Label("x"), Label(Header::kX5Chain)};
  EXPECT_EQ(refusal("a10105", "a0"), Error{});
  EXPECT_EQ(refusal("bf0105ff", "bfff"), Error{});
  EXPECT_EQ(refusal("a1180105", "a0"), Error{});  // as good as 01
  EXPECT_EQ(refusal("", "a10105"), Error::kCoseWrongAlgorithm);
  EXPECT_EQ(refusal("a0", "a10105"), Error::kCoseWrongAlgorithm);
  EXPECT_EQ(refusal("a1016548533235", "a0"), Error::kCborTruncated);
  EXPECT_EQ(refusal("a101654853323536", "a0"), Error::kCoseWrongAlgorithm);
  EXPECT_EQ(refusal("a10105", "a10105"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(refusal("a201050105", "a0"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(refusal("a20105180105", "a0"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(refusal("a10105", "a2044101044102"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(refusal("a10105", "a2617800617800"), Error::kCoseDuplicateHeader);
  EXPECT_EQ(refusal("a10105", "a14101f6"), Error::kCborWrongType);
  EXPECT_EQ(refusal("a10105", "a160f6"), Error::kCoseMalformed);
  EXPECT_EQ(refusal("a1010500", "a0"), Error::kCborTrailing);
  EXPECT_EQ(refusal("a20105028101", "a0"), Error{});
  EXPECT_EQ(refusal("a2010502816178", "a0"), Error::kCoseCritical);
  EXPECT_EQ(refusal("a301050281617861780a", "a0"), Error::kCoseCritical);
  EXPECT_EQ(refusal("a301050281617861780a", "a0", kX), Error{});
  EXPECT_EQ(refusal("a2010502816178", "a161780a", kX), Error::kCoseCritical);
  EXPECT_EQ(refusal("a2010502816178", "a0", kX), Error::kCoseCritical);
  EXPECT_EQ(refusal("a2010502811821", "a0", kX), Error::kCoseCritical);
  EXPECT_EQ(refusal("a201050280", "a0"), Error::kCoseCritical);
  EXPECT_EQ(refusal("a10105", "a1028101"), Error::kCoseCritical);
  EXPECT_EQ(refusal("a20105"
                    "02"
                    "01",
                    "a0"),
            Error::kCborWrongType);
}

TEST(HeaderWriter, KeepsDeterministicOrder) {
  Blob room(64);
  EXPECT_EQ(HeaderWriter(room)
                .Int(Header::kContentType, 0)
                .Algorithm(Algorithm::kEs256)
                .Finish()
                .error(),
            Error::kCborKeyOrder);
  EXPECT_EQ(HeaderWriter(room)
                .Algorithm(Algorithm::kEs256)
                .Algorithm(Algorithm::kEs256)
                .Finish()
                .error(),
            Error::kCborDuplicateKey);
  EXPECT_EQ(Hex(*HeaderWriter(room)
                     .Algorithm(Algorithm::kEs256)
                     .Bstr(Header::kSalt, FromHex("01"))
                     .Text(Label("x"), "y")
                     .Finish()),
            "a3012633410161786179");
  for (std::size_t size = 0; size < 10; ++size)
    EXPECT_EQ(HeaderWriter(MutableBytes(room).first(size))
                  .Algorithm(Algorithm::kEs256)
                  .Bstr(Header::kSalt, FromHex("01"))
                  .Text(Label("x"), "y")
                  .Finish()
                  .error(),
              Error::kCborNoRoom);
}

}  // namespace
}  // namespace cai::cose
