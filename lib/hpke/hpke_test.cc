#include "lib/hpke/hpke.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/hpke/kem.h"
#include "tests/hex.h"

namespace cai::hpke {
namespace {

using crypto::AsymmetricKey;
using testing::Hex;
using Blob = std::vector<std::byte>;

#define EXPECT_REFUSED(expression, reason)         \
  do {                                             \
    const auto refused = (expression);             \
    ASSERT_FALSE(refused.ok());                    \
    EXPECT_EQ(ErrorName(refused.error()), reason); \
  } while (false)

const testing::Vectors& Rfc() {
  static const testing::Vectors vectors("lib/hpke/testdata/rfc9180.txt");
  return vectors;
}

struct VectorSet {
  const char* name;
  Suite suite;
  bool psk, auth;
  std::vector<int> sequences;
};
const VectorSet kSets[] = {
    {"p256_base",
     {Kem::kP256, Kdf::kSha256, Aead::kAes128Gcm},
     false,
     false,
     {0, 1, 256}},
    {"p256_psk",
     {Kem::kP256, Kdf::kSha256, Aead::kAes128Gcm},
     true,
     false,
     {0, 1}},
    {"x25519_auth",
     {Kem::kX25519, Kdf::kSha256, Aead::kChaCha20Poly1305},
     false,
     true,
     {0, 1, 256}},
    {"x25519_authpsk",
     {Kem::kX25519, Kdf::kSha256, Aead::kChaCha20Poly1305},
     true,
     true,
     {0, 1, 256}},
    {"p521_authpsk",
     {Kem::kP521, Kdf::kSha512, Aead::kAes256Gcm},
     true,
     true,
     {0, 1, 256}},
    {"x25519_export",
     {Kem::kX25519, Kdf::kSha256, Aead::kExportOnly},
     false,
     false,
     {}},
};

AsymmetricKey PrivateKey(Kem kem, const Blob& d) {
  return *crypto::ImportKey({.kind = KeyOf(kem), .d = d});
}
AsymmetricKey PublicHalf(Kem kem, const AsymmetricKey& key) {
  ByteArray<kMaxPublic> room;
  return *DecodePublic(kem, *EncodePublic(kem, key, room));
}

// A set of the RFC, ready to use.
struct World {
  explicit World(const VectorSet& set)
      : suite(set.suite),
        ephemeral(Key(set, "skE")),
        receiver(Key(set, "skR")),
        sender(Key(set, set.auth ? "skS" : "skE")),
        info(Rfc().bytes("info")),
        psk(Rfc().bytes("psk")),
        psk_id(Rfc().bytes("psk_id")),
        terms{info},
        auth(set.auth) {
    if (!set.psk) return;
    terms.psk = psk;
    terms.psk_id = psk_id;
  }
  static AsymmetricKey Key(const VectorSet& set, const std::string& which) {
    return PrivateKey(set.suite.kem, Rfc().bytes(set.name + (" " + which)));
  }
  Result<Sender> Send() const {
    return SetupSenderWith(suite, ephemeral, PublicHalf(suite.kem, receiver),
                           terms, auth ? &sender : nullptr);
  }
  Result<Context> Receive(Bytes enc) const {
    const AsymmetricKey known = PublicHalf(suite.kem, sender);
    return SetupReceiver(suite, enc, receiver, terms, auth ? &known : nullptr);
  }

  Suite suite;
  AsymmetricKey ephemeral, receiver, sender;
  Blob info, psk, psk_id;
  Terms terms;
  bool auth;
};

class Rfc9180 : public ::testing::TestWithParam<VectorSet> {
 protected:
  std::string Text(const std::string& what) const {
    return Rfc().text(GetParam().name + (" " + what));
  }
  World world_{GetParam()};
};

TEST_P(Rfc9180, Seal_GivesTheCiphertexts) {
  auto sender = world_.Send();
  ASSERT_TRUE(sender.ok());
  EXPECT_EQ(Hex(sender->enc()), Text("enc"));
  const auto& wanted = GetParam().sequences;
  const Blob plain = Rfc().bytes("plaintext");
  for (int i = 0; !wanted.empty() && i <= wanted.back(); ++i) {
    Blob out(plain.size() + kHpkeTagSize);
    const std::string aad = "Count-" + std::to_string(i);
    const auto sealed = sender->context.Seal(AsBytes(aad), plain, out);
    ASSERT_TRUE(sealed.ok());
    if (std::ranges::find(wanted, i) == wanted.end()) continue;
    EXPECT_EQ(Hex(*sealed), Text("ct" + std::to_string(i)));
  }
}

TEST_P(Rfc9180, Open_GivesThePlaintextInOrderOnly) {
  if (GetParam().sequences.empty()) GTEST_SKIP() << "export only";
  auto context = world_.Receive(testing::FromHex(Text("enc")));
  ASSERT_TRUE(context.ok());
  const Blob first = testing::FromHex(Text("ct0"));
  const Blob second = testing::FromHex(Text("ct1"));
  Blob out(first.size());
  EXPECT_REFUSED(context->Open(AsBytes("Count-1"), second, out),
                 "CryptoBadTag");
  for (const auto& [aad, sealed] :
       {std::pair{"Count-0", first}, std::pair{"Count-1", second}}) {
    const auto plain = context->Open(AsBytes(aad), sealed, out);
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(Hex(*plain), Rfc().text("plaintext"));
    EXPECT_REFUSED(context->Open(AsBytes(aad), sealed, out), "CryptoBadTag");
  }
}

TEST_P(Rfc9180, Export_GivesTheSameSecretsOnBothSides) {
  if (std::string(GetParam().name) == "p256_psk") GTEST_SKIP() << "not copied";
  const auto sender = world_.Send();
  const auto receiver = world_.Receive(testing::FromHex(Text("enc")));
  for (const auto& [name, context] :
       {std::pair{"export", ""}, std::pair{"export_00", "00"},
        std::pair{"export_TestContext", "54657374436f6e74657874"}}) {
    ByteArray<32> sent, received;
    const Blob bytes = testing::FromHex(context);
    ASSERT_TRUE(sender->context.Export(bytes, sent).ok());
    ASSERT_TRUE(receiver->Export(bytes, received).ok());
    EXPECT_EQ(Hex(sent), Text(name));
    EXPECT_EQ(sent, received);
  }
}

INSTANTIATE_TEST_SUITE_P(, Rfc9180, ::testing::ValuesIn(kSets),
                         [](const auto& set) { return set.param.name; });

// ---- every suite with itself ------------------------------------------------

std::vector<Suite> AllSuites() {
  std::vector<Suite> suites;
  for (const Kem kem :
       {Kem::kP256, Kem::kP384, Kem::kP521, Kem::kX25519, Kem::kX448})
    for (const Kdf kdf : {Kdf::kSha256, Kdf::kSha384, Kdf::kSha512})
      for (const Aead aead :
           {Aead::kAes128Gcm, Aead::kAes256Gcm, Aead::kChaCha20Poly1305})
        suites.push_back({kem, kdf, aead});
  return suites;
}

Result<Blob> OneShot(Suite suite, const AsymmetricKey& key, const Terms& sent,
                     const Terms& expected) {
  const Blob plain(40, std::byte{7});
  CAI_TRY_ASSIGN(Sender sender,
                 SetupSender(suite, PublicHalf(suite.kem, key), sent));
  Blob sealed(plain.size() + kHpkeTagSize);
  CAI_TRY(sender.context.Seal(AsBytes("aad"), plain, sealed));
  CAI_TRY_ASSIGN(Context receiver,
                 SetupReceiver(suite, sender.enc(), key, expected));
  Blob out(plain.size());
  CAI_TRY(receiver.Open(AsBytes("aad"), sealed, out));
  if (out != plain) return Error::kCryptoFailed;
  return out;
}

TEST(Hpke, EverySuite_OpensWhatItSeals) {
  for (const Suite& suite : AllSuites()) {
    const AsymmetricKey key = *crypto::GenerateKey(KeyOf(suite.kem));
    EXPECT_TRUE(OneShot(suite, key, {}, {}).ok());
    EXPECT_REFUSED(OneShot(suite, key, {AsBytes("a")}, {AsBytes("b")}),
                   "CryptoBadTag");
  }
}

constexpr Suite kSuite{Kem::kP256, Kdf::kSha256, Aead::kAes128Gcm};

TEST(Hpke, Psk_MustBeTheSameAndLongEnough) {
  const AsymmetricKey key = *crypto::GenerateKey(crypto::KeyKind::kP256);
  const Blob psk(32, std::byte{1}), other(32, std::byte{2}),
      weak(31, std::byte{1});
  const Terms good{{}, psk, AsBytes("id")};
  EXPECT_TRUE(OneShot(kSuite, key, good, good).ok());
  EXPECT_REFUSED(OneShot(kSuite, key, good, {}), "CryptoBadTag");
  EXPECT_REFUSED(OneShot(kSuite, key, good, {{}, other, AsBytes("id")}),
                 "CryptoBadTag");
  EXPECT_REFUSED(OneShot(kSuite, key, good, {{}, psk, AsBytes("ie")}),
                 "CryptoBadTag");
  EXPECT_REFUSED(OneShot(kSuite, key, {{}, psk, {}}, good), "HpkeNoPsk");
  EXPECT_REFUSED(OneShot(kSuite, key, {{}, {}, AsBytes("id")}, good),
                 "HpkeNoPsk");
  EXPECT_REFUSED(OneShot(kSuite, key, {{}, weak, AsBytes("id")}, good),
                 "HpkeNoPsk");
}

TEST(Hpke, Auth_RefusesAnotherSender) {
  const AsymmetricKey key = *crypto::GenerateKey(crypto::KeyKind::kP256);
  const AsymmetricKey sender = *crypto::GenerateKey(crypto::KeyKind::kP256);
  const AsymmetricKey other = *crypto::GenerateKey(crypto::KeyKind::kP256);
  auto sent = SetupSender(kSuite, key, {}, &sender);
  ByteArray<kHpkeTagSize + 1> sealed;
  ASSERT_TRUE(sent->context.Seal(Bytes{}, Bytes(sealed).first(1), sealed).ok());
  ByteArray<1> out;
  for (const AsymmetricKey* claimed :
       {&other, static_cast<const AsymmetricKey*>(nullptr)}) {
    auto context = SetupReceiver(kSuite, sent->enc(), key, {}, claimed);
    EXPECT_REFUSED(context->Open(Bytes{}, sealed, out), "CryptoBadTag");
  }
  auto context = SetupReceiver(kSuite, sent->enc(), key, {}, &sender);
  EXPECT_TRUE(context->Open(Bytes{}, sealed, out).ok());
}

TEST(Hpke, Receiver_RefusesWhatIsNoPoint) {
  const AsymmetricKey key = *crypto::GenerateKey(crypto::KeyKind::kP256);
  ByteArray<kMaxPublic> room;
  const Bytes good = *EncodePublic(Kem::kP256, key, room);
  EXPECT_TRUE(SetupReceiver(kSuite, good, key, {}).ok());
  Blob off(good.begin(), good.end()), compressed = off;
  off.back() ^= std::byte{1};
  compressed[0] = std::byte{2};
  for (const Bytes enc :
       {Bytes(off), Bytes(compressed), good.first(64), Bytes{}})
    EXPECT_REFUSED(SetupReceiver(kSuite, enc, key, {}), "CryptoBadPoint");
  // RFC 9180, 7.1.4: the shared secret of a point of small order is zero.
  const AsymmetricKey montgomery =
      *crypto::GenerateKey(crypto::KeyKind::kX25519);
  const Blob zero(32);
  EXPECT_REFUSED(SetupReceiver({Kem::kX25519, Kdf::kSha256, Aead::kAes128Gcm},
                               zero, montgomery, {}),
                 "CryptoBadPoint");
}

TEST(Hpke, Keys_OfAnotherKindAreRefused) {
  const AsymmetricKey key = *crypto::GenerateKey(crypto::KeyKind::kX25519);
  EXPECT_REFUSED(SetupSender(kSuite, key, {}), "CryptoBadKey");
}

TEST(Hpke, Seal_RefusesRoomThatIsTooSmall) {
  const AsymmetricKey key = *crypto::GenerateKey(crypto::KeyKind::kP256);
  auto sender = SetupSender(kSuite, key, {});
  ByteArray<10> plain{};
  Blob out(plain.size() + kHpkeTagSize - 1);
  EXPECT_FALSE(sender->context.Seal(Bytes{}, plain, out).ok());
}

}  // namespace
}  // namespace cai::hpke
