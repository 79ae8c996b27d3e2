// Signed and encrypted messages: what the caller asked for was verified.
#include "lib/cose/open.h"

#include "lib/cose/parameters.h"
#include "lib/cose/test_keys.h"

namespace cai::cose {
namespace {

using crypto::KeyKind;
using testing::Alg;
using testing::Blob;
using testing::Kid;
using testing::Made;
using testing::Pair;
using testing::Reason;

const Bytes kText = AsBytes("text");

Error Verified(const Blob& bytes, MessageType type, const Key& key,
               const Expected& expected) {
  const auto message = ParseMessage(bytes, type);
  if (!message.ok()) return message.error();
  const auto payload = VerifySigned(*message, key, expected);
  EXPECT_TRUE(!payload.ok() || Equal(*payload, kText));
  return Reason(payload);
}

struct Case {
  Algorithm algorithm;
  KeyKind kind;
};

TEST(Sign1, EveryCurveAndAlgorithm) {
  constexpr Case kCases[] = {{Algorithm::kEs256, KeyKind::kP256},
                             {Algorithm::kEs384, KeyKind::kP384},
                             {Algorithm::kEs512, KeyKind::kP521},
                             {Algorithm::kEs512, KeyKind::kP256},
                             {Algorithm::kEdDsa, KeyKind::kEd25519},
                             {Algorithm::kEdDsa, KeyKind::kEd448}};
  Blob room(600);
  for (const Case& c : kCases) {
    const Pair pair(c.kind, 3), other(c.kind, 4);
    const Blob alg = Alg(c.algorithm);
    const Blob made =
        Made(MakeSign1({.protected_header = alg, .payload = kText}, c.algorithm,
                       pair.secret, room));
    const Expected expected{.algorithm = c.algorithm};
    EXPECT_EQ(Verified(made, MessageType::kSign1, pair.open, expected),
              Error{});
    EXPECT_EQ(Verified(made, MessageType::kSign1, other.open, expected),
              Error::kCoseBadSignature);
    EXPECT_EQ(Verified(made, MessageType::kSign1, pair.open,
                       {.algorithm = Algorithm::kPs256}),
              Error::kCoseWrongAlgorithm);
    EXPECT_EQ(Verified(made, MessageType::kMac0, pair.open, expected),
              Error::kCoseWrongType);
    for (std::size_t size = 0; size < made.size(); ++size)
      EXPECT_FALSE(MakeSign1({.protected_header = alg, .payload = kText},
                             c.algorithm, pair.secret,
                             MutableBytes(room).first(size))
                       .ok());
  }
}

TEST(Sign1, AnAlgorithmTheKeyCannot_IsRefused) {
  const Pair pair(KeyKind::kEd25519, 3);
  const Blob alg = Alg(Algorithm::kEs256);
  Blob room(300);
  EXPECT_FALSE(
      MakeSign1({.protected_header = alg}, Algorithm::kEs256, pair.secret, room)
          .ok());
  EXPECT_EQ(Reason(MakeSign1({}, Algorithm::kEdDsa, pair.secret, room)),
            Error::kCoseWrongAlgorithm);
}

class SignTest : public ::testing::Test {
 protected:
  SignTest() {
    const Signer signers[] = {{.protected_header = es256_,
                               .unprotected = kid_a_,
                               .algorithm = Algorithm::kEs256,
                               .key = &a_.secret},
                              {.protected_header = eddsa_,
                               .unprotected = kid_b_,
                               .algorithm = Algorithm::kEdDsa,
                               .key = &b_.secret}};
    Blob room(600);
    message_ = Made(MakeSign({.payload = kText}, signers, room));
  }
  Error Ask(const Key& key, Algorithm algorithm, const char* id = nullptr) {
    Key named = key;
    if (id != nullptr) named.id = AsBytes(id);
    return Verified(message_, MessageType::kSign, named,
                    {.algorithm = algorithm});
  }
  const Pair a_{KeyKind::kP256, 1}, b_{KeyKind::kEd25519, 2},
      c_{KeyKind::kP256, 9};
  const Blob es256_ = Alg(Algorithm::kEs256), eddsa_ = Alg(Algorithm::kEdDsa);
  const Blob kid_a_ = Kid("a"), kid_b_ = Kid("b");
  Blob message_;
};

TEST_F(SignTest, EachSignerIsAskedForByItself) {
  EXPECT_EQ(Ask(a_.open, Algorithm::kEs256), Error{});
  EXPECT_EQ(Ask(a_.open, Algorithm::kEs256, "a"), Error{});
  EXPECT_EQ(Ask(b_.open, Algorithm::kEdDsa, "b"), Error{});
}

TEST_F(SignTest, ForeignSignaturesAreNone) {
  EXPECT_EQ(Ask(c_.open, Algorithm::kEs256), Error::kCoseBadSignature);
  EXPECT_EQ(Ask(a_.open, Algorithm::kEs256, "b"), Error::kCoseNoSigner);
  EXPECT_EQ(Ask(a_.open, Algorithm::kEs384), Error::kCoseNoSigner);
  EXPECT_EQ(Ask(a_.open, Algorithm::kHssLms), Error::kCoseUnsupported);
}

TEST_F(SignTest, NoSignatureAtAll_IsMalformed) {
  Blob none = cai::testing::FromHex("d8628440a0447465787480");
  EXPECT_EQ(Verified(none, MessageType::kSign, a_.open,
                     {.algorithm = Algorithm::kEs256}),
            Error::kCoseMalformed);
  none.back() = std::byte{0xf6};
  EXPECT_EQ(Verified(none, MessageType::kSign, a_.open,
                     {.algorithm = Algorithm::kEs256}),
            Error::kCoseMalformed);
  Blob room(100);
  EXPECT_FALSE(MakeSign({}, {}, room).ok());
}

// A signature of one kind is none of the other (RFC 9052, 4.4).
TEST_F(SignTest, StrippedToASign1_DoesNotVerify) {
  const auto message = ParseMessage(message_, MessageType::kSign);
  auto layers = Layers::Open(message->layers, Layers::Kind::kSignatures);
  const auto layer = layers->Next();
  Blob room(200);
  cbor::Writer writer(room);
  writer.Tag(kTagSign1);
  writer.Array(4);
  writer.Bstr(es256_);
  writer.Map(0);
  writer.Bstr(kText);
  writer.Bstr(*layer->content);
  room.resize(writer.size());
  EXPECT_EQ(Verified(room, MessageType::kSign1, a_.open,
                     {.algorithm = Algorithm::kEs256}),
            Error::kCoseBadSignature);
}

// ---- Encryption -------------------------------------------------------------

constexpr Algorithm kAeads[] = {
    Algorithm::kA128Gcm,          Algorithm::kA192Gcm,
    Algorithm::kA256Gcm,          Algorithm::kAesCcm16_64_128,
    Algorithm::kAesCcm16_64_256,  Algorithm::kAesCcm64_64_128,
    Algorithm::kAesCcm64_64_256,  Algorithm::kAesCcm16_128_128,
    Algorithm::kAesCcm16_128_256, Algorithm::kAesCcm64_128_128,
    Algorithm::kAesCcm64_128_256, Algorithm::kChaCha20Poly1305};

Error Opened(const Blob& bytes, const Key& key, const Expected& expected) {
  const auto message = ParseMessage(bytes, MessageType::kEncrypt0);
  if (!message.ok()) return message.error();
  Blob room(100);
  const auto text = OpenEncrypted(*message, key, expected, room);
  EXPECT_TRUE(!text.ok() || Equal(*text, kText));
  return Reason(text);
}

TEST(Encrypt0, EveryCipherWithAPartialIv) {
  for (const Algorithm algorithm : kAeads) {
    const auto cipher = CipherOf(algorithm);
    const Blob k(cipher->key_size, std::byte{1});
    const Blob iv(cipher->nonce_size, std::byte{2});
    const Blob wrong(cipher->nonce_size, std::byte{3});
    const Blob alg = testing::Map([&](HeaderWriter& w) {
      w.Algorithm(algorithm).Bstr(Header::kPartialIv, kText.first(2));
    });
    Blob room(200);
    const Blob made =
        Made(MakeEncrypt({.protected_header = alg, .payload = kText}, algorithm,
                         {.k = k, .base_iv = iv}, {}, room));
    const Expected expected{.algorithm = algorithm};
    EXPECT_EQ(Opened(made, {.k = k, .base_iv = iv}, expected), Error{});
    EXPECT_EQ(Opened(made, {.k = k, .base_iv = wrong}, expected),
              Error::kCoseBadTag);
    EXPECT_EQ(Opened(made, {.k = k}, expected), Error::kCoseBadIv);
    EXPECT_EQ(Opened(made, {.k = k, .base_iv = Bytes(iv).subspan(1)}, expected),
              Error::kCoseBadIv);
  }
}

TEST(Encrypt0, OneIvAndNoOther) {
  const Blob k(16), iv(12);
  const Blob alg = Alg(Algorithm::kA128Gcm);
  const auto make = [&](const Blob& unprotected) {
    Blob room(200);
    return Reason(MakeEncrypt(
        {.protected_header = alg, .unprotected = unprotected, .payload = kText},
        Algorithm::kA128Gcm, {.k = k, .base_iv = iv}, {}, room));
  };
  const auto with = [&](std::optional<Bytes> whole, std::optional<Bytes> part) {
    return testing::Map([&](HeaderWriter& w) {
      if (whole) w.Bstr(Header::kIv, *whole);
      if (part) w.Bstr(Header::kPartialIv, *part);
    });
  };
  EXPECT_EQ(make(with(iv, {})), Error{});
  EXPECT_EQ(make(with({}, Bytes(iv).first(1))), Error{});
  EXPECT_EQ(make(with(iv, Bytes(iv).first(1))), Error::kCoseBadIv);
  EXPECT_EQ(make(with({}, {})), Error::kCoseBadIv);
  EXPECT_EQ(make(with(Bytes(iv).first(11), {})), Error::kCoseBadIv);
  EXPECT_EQ(make(with({}, Bytes())), Error::kCoseBadIv);
}

TEST(Encrypt0, ADetachedCiphertextIsTheCallers) {
  const Blob k(16);
  const Blob alg = testing::Map([&](HeaderWriter& w) {
    w.Algorithm(Algorithm::kA128Gcm).Bstr(Header::kIv, Bytes(k).first(12));
  });
  Blob room(100), sealed(kText.size() + 16);
  const Draft draft{
      .protected_header = alg, .payload = kText, .detached = true};
  const Blob made =
      Made(MakeEncrypt(draft, Algorithm::kA128Gcm, {.k = k}, {}, room, sealed));
  EXPECT_EQ(Reason(MakeEncrypt(draft, Algorithm::kA128Gcm, {.k = k}, {}, room,
                               MutableBytes(sealed).subspan(1))),
            Error::kCoseNoRoom);
  EXPECT_EQ(Opened(made, {.k = k}, {.algorithm = Algorithm::kA128Gcm}),
            Error::kCoseDetached);
  EXPECT_EQ(Opened(made, {.k = k},
                   {.algorithm = Algorithm::kA128Gcm, .detached = sealed}),
            Error{});
}

TEST(Encrypt0, EveryFlippedBitAndEveryShortBufferIsRefused) {
  const Blob k(16);
  const Blob alg = testing::Map([&](HeaderWriter& w) {
    w.Algorithm(Algorithm::kA128Gcm).Bstr(Header::kIv, Bytes(k).first(12));
  });
  const Draft draft{.protected_header = alg, .payload = kText};
  Blob room(200);
  Blob made = Made(MakeEncrypt(draft, Algorithm::kA128Gcm, {.k = k}, {}, room));
  for (std::size_t bit = 0; bit < 8 * made.size(); ++bit) {
    made[bit / 8] ^= std::byte(1 << bit % 8);
    EXPECT_NE(Opened(made, {.k = k}, {.algorithm = Algorithm::kA128Gcm}),
              Error{})
        << bit;
    made[bit / 8] ^= std::byte(1 << bit % 8);
  }
  for (std::size_t size = 0; size < made.size(); ++size)
    EXPECT_EQ(Reason(MakeEncrypt(draft, Algorithm::kA128Gcm, {.k = k}, {},
                                 MutableBytes(room).first(size))),
              Error::kCoseNoRoom);
  const auto message = ParseMessage(made, MessageType::kEncrypt0);
  for (std::size_t size = 0; size < kText.size(); ++size)
    EXPECT_FALSE(OpenEncrypted(*message, {.k = k},
                               {.algorithm = Algorithm::kA128Gcm},
                               MutableBytes(room).first(size))
                     .ok());
}

}  // namespace
}  // namespace cai::cose
