// Recipients: the content key reaches whom it should, by the route that the
// receiver chose.
#include "lib/cose/recipient.h"

#include "lib/cose/test_keys.h"

namespace cai::cose {
namespace {

using crypto::KeyKind;
using enum Algorithm;
using testing::Alg;
using testing::Blob;
using testing::Made;
using testing::Pair;
using testing::Reason;

constexpr Algorithm kContent = kHmac256;
const Bytes kNonce = AsBytes("nonce"), kText = AsBytes("text");

// A Mac message for these, whose tag is under the key that they share.
Blob Make(std::span<const RecipientDraft> drafts) {
  ContentKey key;
  Blob room(3000), message(4000);
  const Blob recipients = Made(MakeRecipients(drafts, kContent, key, room));
  const Blob alg = Alg(kContent);
  return Made(MakeMac({.protected_header = alg, .payload = kText}, kContent,
                      key.key(), recipients, message));
}

Error Open(const Blob& bytes, const Key& key, const Route& route) {
  const auto message = ParseMessage(bytes, MessageType::kMac);
  if (!message.ok()) return message.error();
  const auto found = FindContentKey(*message, kContent, key, route);
  if (!found.ok()) return found.error();
  return Reason(VerifyMaced(*message, found->key(), {.algorithm = kContent}));
}

TEST(Recipient, EveryAgreementOnEveryCurve) {
  constexpr Algorithm kAlgorithms[] = {
      kEcdhEsHkdf256, kEcdhEsHkdf512, kEcdhSsHkdf256, kEcdhSsHkdf512,
      kEcdhEsA128Kw,  kEcdhEsA192Kw,  kEcdhEsA256Kw,  kEcdhSsA128Kw,
      kEcdhSsA192Kw,  kEcdhSsA256Kw};
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521,
                             KeyKind::kX25519, KeyKind::kX448}) {
    const Pair to(kind, 1), from(kind, 2), other(kind, 3);
    for (const Algorithm algorithm : kAlgorithms) {
      const bool is_static = RecipientOf(algorithm)->static_sender;
      const RecipientDraft draft{.algorithm = algorithm,
                                 .key = &to.open,
                                 .kdf = {.u = {.nonce = kNonce}},
                                 .send_parties = true,
                                 .sender = is_static ? &from.secret : nullptr};
      const Blob message = Make({&draft, 1});
      const Route route{.algorithms = {&algorithm, 1}, .sender = &from.open};
      EXPECT_EQ(Open(message, to.secret, route), Error{});
      EXPECT_NE(Open(message, other.secret, route), Error{});
      const Route stranger{.algorithms = {&algorithm, 1},
                           .sender = &other.open};
      EXPECT_EQ(Open(message, to.secret, stranger) == Error{}, !is_static);
      const Route nobody{.algorithms = {&algorithm, 1}};
      EXPECT_EQ(Open(message, to.secret, nobody),
                is_static ? Error::kCoseNoSender : Error{});
    }
  }
}

TEST(Recipient, StaticKeysNeedSomethingFresh) {
  const Pair to(KeyKind::kP256, 1), from(KeyKind::kP256, 2);
  const RecipientDraft draft{
      .algorithm = kEcdhSsHkdf256, .key = &to.open, .sender = &from.secret};
  ContentKey key;
  Blob room(500);
  EXPECT_EQ(Reason(MakeRecipients({&draft, 1}, kContent, key, room)),
            Error::kCoseBadKdf);
}

TEST(Recipient, SharedSecretsOfEveryKind) {
  struct Case {
    Algorithm algorithm;
    std::size_t size;
  };
  constexpr Case kCases[] = {{kDirect, 32},           {kDirectHkdfSha256, 20},
                             {kDirectHkdfSha512, 64}, {kDirectHkdfAes128, 16},
                             {kDirectHkdfAes256, 32}, {kA128Kw, 16},
                             {kA192Kw, 24},           {kA256Kw, 32}};
  for (const Case& c : kCases) {
    const Blob k(c.size, std::byte{7}), other(c.size, std::byte{8});
    const Key shared{.k = k};
    const RecipientDraft draft{.algorithm = c.algorithm, .key = &shared};
    const Blob message = Make({&draft, 1});
    const Route route{.algorithms = {&c.algorithm, 1}};
    EXPECT_EQ(Open(message, shared, route), Error{});
    EXPECT_EQ(Open(message, {.k = other}, route), Error::kCoseBadTag);
    for (const Case& wrong : kCases)
      EXPECT_EQ(
          Open(message, shared, {.algorithms = {&wrong.algorithm, 1}}),
          wrong.algorithm == c.algorithm ? Error{} : Error::kCoseNoRecipient);
  }
}

TEST(Recipient, EachOfSeveralOpensIt_AndForeignIdsAreNone) {
  const Pair to(KeyKind::kX25519, 1);
  const Blob k(16, std::byte{7});
  const Key kek{.k = k, .id = AsBytes("kek")};
  const RecipientDraft drafts[] = {
      {.algorithm = kA128Kw, .key = &kek, .id = kek.id},
      {.algorithm = kEcdhEsA256Kw, .key = &to.open}};
  const Blob message = Make(drafts);
  constexpr Algorithm kRoutes[] = {kA128Kw, kEcdhEsA256Kw};
  EXPECT_EQ(Open(message, kek, {.algorithms = {kRoutes, 1}}), Error{});
  EXPECT_EQ(Open(message, to.secret, {.algorithms = {kRoutes + 1, 1}}),
            Error{});
  EXPECT_EQ(Open(message, {.k = k, .id = AsBytes("other")},
                 {.algorithms = {kRoutes, 1}}),
            Error::kCoseNoRecipient);
}

// RFC 9053, 6.1: direct is the only recipient.
TEST(Recipient, ADirectOneBesidesAnother_IsRefused) {
  const Blob k(32, std::byte{7});
  const Key shared{.k = k};
  const RecipientDraft drafts[] = {{.algorithm = kDirect, .key = &shared},
                                   {.algorithm = kDirect, .key = &shared}};
  ContentKey key;
  Blob room(500);
  EXPECT_EQ(Reason(MakeRecipients(drafts, kContent, key, room)),
            Error::kCoseKeyUse);
  Blob message = Make(std::span(drafts).first(1));
  const std::string one = "818340a1012540";
  std::string hex = cai::testing::Hex(message);
  hex.replace(hex.find(one), one.size(), "828340a10125408340a1012540");
  const Algorithm route = kDirect;
  EXPECT_EQ(
      Open(cai::testing::FromHex(hex), shared, {.algorithms = {&route, 1}}),
      Error::kCoseMalformed);
}

// Also for those who would take the other: whoever holds the direct key knows
// what the others think is theirs.
TEST(Recipient, AnotherBesidesADirectOne_IsRefused) {
  const Blob k(16, std::byte{7});
  const Key kek{.k = k};
  const RecipientDraft draft{.algorithm = kA128Kw, .key = &kek};
  const std::string made = cai::testing::Hex(Make({&draft, 1}));
  const std::size_t list = made.find("818340a10122");
  ASSERT_NE(list, std::string::npos);
  constexpr Algorithm kRoute[] = {kA128Kw};
  for (const char* direct :
       {"8340a1012540", "8343a10125a040", "8340a1012940", "8340a1012a40",
        "8340a1012b40", "8340a1012c40", "8344a1013818a040", "8344a101381aa040"})
    for (const bool first : {false, true}) {
      std::string both = made;
      both.insert(first ? list + 2 : both.size(), direct);
      both[list + 1] = '2';
      EXPECT_EQ(Open(cai::testing::FromHex(both), kek, {.algorithms = kRoute}),
                Error::kCoseMalformed)
          << direct;
    }
  // One whose algorithm nobody knows is nobody's matter.
  std::string other = made + "8340a101391234f6";
  other[list + 1] = '2';
  EXPECT_EQ(Open(cai::testing::FromHex(other), kek, {.algorithms = kRoute}),
            Error{});
}

// RFC 9052, 5.1 and 6.1: one at least, also for who has the content key.
TEST(Recipient, NoneAtAll_IsMalformed) {
  const Blob k(32, std::byte{7});
  const Key shared{.k = k};
  const RecipientDraft draft{.algorithm = kDirect, .key = &shared};
  const std::string one = "818340a1012540";
  const std::string made = cai::testing::Hex(Make({&draft, 1}));
  for (const char* none :
       {"80", "9fff", "a0", "f6", "40", "818440a101254080"}) {
    std::string hex = made;
    hex.replace(hex.find(one), one.size(), none);
    const Blob bytes = cai::testing::FromHex(hex);
    const auto message = ParseMessage(bytes, MessageType::kMac);
    const Algorithm route = kDirect;
    EXPECT_NE(Open(bytes, shared, {.algorithms = {&route, 1}}), Error{});
    if (std::string_view(none).starts_with("81")) continue;
    EXPECT_EQ(Reason(message), Error::kCoseMalformed) << none;
  }
  Blob room(200);
  const Blob alg = Alg(kContent);
  EXPECT_EQ(Reason(MakeMac({.protected_header = alg}, kContent, shared,
                           cai::testing::FromHex("80"), room)),
            Error::kCoseMalformed);
}

TEST(Recipient, BothEndsNameTheSameParties) {
  const Blob k(20, std::byte{7});
  const Key shared{.k = k};
  const Bytes a = AsBytes("a"), b = AsBytes("b");
  const KdfInputs inputs{.u = {.identity = a}, .public_other = b};
  const Algorithm algorithm = kDirectHkdfSha256;
  for (const bool sent : {false, true}) {
    const RecipientDraft draft{.algorithm = algorithm,
                               .key = &shared,
                               .kdf = inputs,
                               .send_parties = sent};
    const Blob message = Make({&draft, 1});
    const auto with = [&](const KdfInputs& own) {
      return Open(message, shared, {.algorithms = {&algorithm, 1}, .kdf = own});
    };
    EXPECT_EQ(with(inputs), Error{});
    EXPECT_EQ(with({.public_other = b}), sent ? Error{} : Error::kCoseBadTag);
    EXPECT_EQ(with({.u = {.identity = b}, .public_other = b}),
              sent ? Error::kCoseBadKdf : Error::kCoseBadTag);
    EXPECT_EQ(with({.u = {.identity = a}}), Error::kCoseBadTag);
    EXPECT_EQ(
        with({.u = {.identity = a}, .public_other = b, .private_other = a}),
        Error::kCoseBadTag);
  }
}

TEST(Recipient, NestedOnesOpenByTheirWholeRoute) {
  const Pair to(KeyKind::kP256, 1);
  const RecipientDraft inner{.algorithm = kEcdhEsA128Kw, .key = &to.open};
  const RecipientDraft outer{
      .algorithm = kA256Kw, .key = nullptr, .inner = {&inner, 1}};
  const Blob message = Make({&outer, 1});
  constexpr Algorithm kRoute[] = {kA256Kw, kEcdhEsA128Kw, kDirect, kDirect};
  EXPECT_EQ(Open(message, to.secret, {.algorithms = {kRoute, 2}}), Error{});
  EXPECT_EQ(Open(message, to.secret, {.algorithms = {kRoute, 1}}),
            Error::kCoseNoRecipient);
  EXPECT_EQ(Open(message, to.secret, {.algorithms = {kRoute, 3}}),
            Error::kCoseNoRecipient);
  EXPECT_EQ(Open(message, to.secret, {.algorithms = {kRoute, 4}}),
            Error::kCoseTooMany);
  EXPECT_EQ(Open(message, to.secret, {.algorithms = {}}), Error::kCoseTooMany);
}

TEST(Recipient, TheKeyIsHeldToItsUse) {
  const Blob k(16, std::byte{7});
  const Algorithm algorithm = kA128Kw;
  const Key kek{.k = k};
  const RecipientDraft draft{.algorithm = algorithm, .key = &kek};
  const Blob message = Make({&draft, 1});
  const Route route{.algorithms = {&algorithm, 1}};
  EXPECT_EQ(Open(message, {.k = k, .operations = 1 << 6}, route), Error{});
  EXPECT_EQ(Open(message, {.k = k, .operations = 1 << 5}, route),
            Error::kCoseKeyUse);
  EXPECT_EQ(Open(message, {.k = k, .algorithm = kA192Kw}, route),
            Error::kCoseKeyUse);
}

TEST(ContentKey, HoldsNoMoreThanItsRoom) {
  ContentKey key;
  EXPECT_TRUE(key.Resize(ContentKey::kMax).ok());
  EXPECT_EQ(Reason(key.Resize(ContentKey::kMax + 1)), Error::kCoseNoRoom);
}

}  // namespace
}  // namespace cai::cose
