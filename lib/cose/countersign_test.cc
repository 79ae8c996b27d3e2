// Countersignatures of version 2 (RFC 9338); those of version 1 are tested on
// cose-wg/Examples. And certificates.
#include "lib/cose/countersign.h"

#include "lib/cose/test_keys.h"

namespace cai::cose {
namespace {

using crypto::KeyKind;
using enum Algorithm;
using cai::testing::Hex;
using testing::Alg;
using testing::Blob;
using testing::Made;
using testing::Pair;
using testing::Reason;

const Bytes kText = AsBytes("text");
constexpr auto kV2 = CountersignVersion::kV2;

class CountersignTest : public ::testing::Test {
 protected:
  CountersignTest() {
    Blob room(400);
    sign1_ = Made(MakeSign1({.protected_header = eddsa_, .payload = kText},
                            kEdDsa, author_.secret, room));
  }
  Signer Notary() {
    return {.protected_header = es256_,
            .algorithm = kEs256,
            .key = &notary_.secret};
  }
  const Pair author_{KeyKind::kEd25519, 1}, notary_{KeyKind::kP256, 2},
      other_{KeyKind::kP256, 3};
  const Blob eddsa_ = Alg(kEdDsa), es256_ = Alg(kEs256);
  const Expected by_notary_{.algorithm = kEs256};
  Blob sign1_;
};

// RFC 9338, 3.3: the signature is the third byte string of a Sign1.
TEST_F(CountersignTest, TheStructureCoversTheSignature) {
  const auto message = ParseMessage(sign1_, MessageType::kSign1);
  const auto target = TargetOf(*message);
  Blob joined;
  const CountersignStructure full(*target, kV2, es256_, {});
  for (const Bytes part : full.parts())
    joined.insert(joined.end(), part.begin(), part.end());
  EXPECT_EQ(Hex(joined), "8672" + Hex(AsBytes("CounterSignatureV2")) +
                             "43a10127"
                             "43a10126"
                             "40"
                             "4474657874"
                             "81"
                             "5840" +
                             Hex(message->authenticator));
  joined.clear();
  const CountersignStructure abbreviated(*target, kV2, {}, {});
  for (const Bytes part : abbreviated.parts())
    joined.insert(joined.end(), part.begin(), part.end());
  EXPECT_EQ(Hex(joined), "8573" + Hex(AsBytes("CounterSignature0V2")) +
                             "43a10127"
                             "40"
                             "4474657874"
                             "815840" +
                             Hex(message->authenticator));
}

TEST_F(CountersignTest, IsAttachedAndFound) {
  const auto message = ParseMessage(sign1_, MessageType::kSign1);
  const auto target = TargetOf(*message);
  Blob room(300), room0(100), whole(900);
  const Blob full = Made(MakeCountersignature(*target, kV2, Notary(), room));
  const Blob short_one =
      Made(MakeCountersignature0(*target, kV2, Notary(), room0));
  const Blob headers = testing::Map([&](HeaderWriter& w) {
    w.Item(Header::kCountersignature, full)
        .Item(Header::kCountersignature0, short_one);
  });
  const Blob signed_twice =
      Made(WithUnprotected(*message, headers, true, whole));
  const auto again = ParseMessage(signed_twice, MessageType::kSign1);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(VerifySigned(*again, author_.open, {.algorithm = kEdDsa}).ok());
  const auto over = TargetOf(*again);
  const auto ask = [&](const Key& key, const Expected& expected) {
    const auto one =
        VerifyCountersignature(*over, again->headers, kV2, key, expected);
    const auto two =
        VerifyCountersignature0(*over, again->headers, kV2, key, expected);
    EXPECT_EQ(Reason(one) == Error{}, Reason(two) == Error{});
    return Reason(one);
  };
  EXPECT_EQ(ask(notary_.open, by_notary_), Error{});
  EXPECT_EQ(ask(other_.open, by_notary_), Error::kCoseBadSignature);
  EXPECT_EQ(ask(notary_.open, {.algorithm = kEs256, .external_aad = kText}),
            Error::kCoseBadSignature);
  EXPECT_EQ(Reason(VerifyCountersignature(*over, again->headers, kV2,
                                          author_.open, {.algorithm = kEdDsa})),
            Error::kCoseNoSigner);
  EXPECT_EQ(Reason(VerifyCountersignature(*over, again->headers,
                                          CountersignVersion::kV1, notary_.open,
                                          by_notary_)),
            Error::kCoseNoSigner);
}

// A tag of no bytes is refused where it is verified, and framed as it is.
TEST(WithUnprotected, KeepsEveryField) {
  const Blob bytes = cai::testing::FromHex("d18443a10105a0414040");
  const auto message = ParseMessage(bytes, MessageType::kMac0);
  ASSERT_TRUE(message.ok());
  Blob room(bytes.size());
  EXPECT_EQ(Hex(*WithUnprotected(*message, kNoHeaders, true, room)),
            Hex(bytes));
}

TEST_F(CountersignTest, OneOfSeveralIsEnough) {
  const auto message = ParseMessage(sign1_, MessageType::kSign1);
  const auto target = TargetOf(*message);
  Blob room(300), room2(300), list(700);
  Signer stranger = Notary();
  stranger.key = &other_.secret;
  const Blob a = Made(MakeCountersignature(*target, kV2, stranger, room));
  const Blob b = Made(MakeCountersignature(*target, kV2, Notary(), room2));
  cbor::Writer writer(list);
  writer.Array(2);
  writer.Raw(a);
  writer.Raw(b);
  list.resize(writer.size());
  const Blob map = testing::Map(
      [&](HeaderWriter& w) { w.Item(Header::kCountersignature, list); });
  const auto headers = Headers::Parse(eddsa_, map);
  EXPECT_TRUE(
      VerifyCountersignature(*target, *headers, kV2, notary_.open, by_notary_)
          .ok());
}

// Where there are but two byte strings both versions have one structure, and
// with a third they differ.
TEST_F(CountersignTest, AnotherSignatureUnderIt_IsNoticedByVersion2) {
  const auto message = ParseMessage(sign1_, MessageType::kSign1);
  auto target = *TargetOf(*message);
  for (const auto version : {CountersignVersion::kV1, kV2}) {
    Blob room(300);
    const Blob one =
        Made(MakeCountersignature(target, version, Notary(), room));
    const Blob map = testing::Map([&](HeaderWriter& w) {
      w.Item(version == kV2 ? Header::kCountersignature
                            : Header::kCountersignatureV1,
             one);
    });
    const auto headers = Headers::Parse(eddsa_, map);
    CountersignTarget changed = target;
    changed.other = kText;
    EXPECT_EQ(VerifyCountersignature(changed, *headers, version, notary_.open,
                                     by_notary_)
                  .ok(),
              version == CountersignVersion::kV1);
  }
}

}  // namespace
}  // namespace cai::cose
