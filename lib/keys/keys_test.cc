#include "lib/keys/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "lib/crypto/p256.h"
#include "tests/hex.h"

namespace cai::keys {
namespace {

using testing::Hex;

const testing::Vectors& World() {
  static const testing::Vectors vectors("lib/wire/testdata/vectors.txt");
  return vectors;
}
constexpr std::uint8_t kSecured = LifecycleClass(0x3000);

std::string RootHex(std::uint8_t lifecycle_class, std::uint32_t generation) {
  ByteArray<32> root;
  SpeRoot(World().array<32>("huk"), lifecycle_class, generation, root);
  return Hex(root);
}

TEST(Keys, SpeRoot_MatchesTheVectors) {
  EXPECT_EQ(RootHex(kSecured, 1), World().text("spe_root"));
  EXPECT_EQ(RootHex(LifecycleClass(0x4000), 1), World().text("spe_root_debug"));
  EXPECT_EQ(RootHex(kSecured, 2), World().text("spe_root_gen2"));
}

TEST(Keys, Identity_MatchesTheVectors) {
  const auto huk = World().array<32>("huk");
  EXPECT_EQ(Hex(Uuid(huk)), World().text("uuid"));
  EXPECT_EQ(Hex(Ueid(huk)), World().text("ueid"));
  const auto text = UuidText(Uuid(huk));
  EXPECT_EQ(std::string_view(text.data(), text.size()),
            World().text("uuid_text"));
}

TEST(Keys, Scalars_MatchTheVectors) {
  const auto root = World().array<32>("spe_root");
  for (const std::string_view label :
       {kTlsClient, kCoseSign, kIak, kModelKek}) {
    ByteArray<32> scalar;
    ASSERT_TRUE(Scalar(root, label, 1, scalar).ok());
    EXPECT_EQ(Hex(scalar), World().text("scalar " + std::string(label)));
    const crypto::ScopedKey key(*crypto::ImportScalar(scalar));
    EXPECT_EQ(Hex(crypto::PublicKey(key.get())->xy),
              World().text("public " + std::string(label)));
  }
}

TEST(Keys, SymmetricKeys_MatchTheVectors) {
  const auto root = World().array<32>("spe_root");
  for (const std::string_view label : {kStorage, kSealHedge, kDrbg}) {
    ByteArray<32> key;
    Expand(root, label, 1, key);
    EXPECT_EQ(Hex(key), World().text("key " + std::string(label)));
  }
}

// Attack 50: a debug lifecycle and a new generation have no key in common with
// the device's others; its names stay, and nothing else enters.
TEST(Keys, Generation_ChangesAllButTheIdentity) {
  const auto huk = World().array<32>("huk");
  std::set<std::string> roots, keys;
  const auto add = [&](std::uint8_t lifecycle_class, std::uint32_t generation) {
    ByteArray<32> root, key;
    SpeRoot(huk, lifecycle_class, generation, root);
    roots.insert(Hex(root));
    for (const std::string_view label : {kTlsClient, kCoseSign, kIak, kModelKek,
                                         kStorage, kSealHedge, kDrbg}) {
      Expand(root, label, generation, key);
      EXPECT_TRUE(keys.insert(Hex(key)).second);
    }
  };
  add(kSecured, 1);
  add(LifecycleClass(0x4000), 1);
  add(LifecycleClass(0x2000), 1);
  add(kSecured, 2);
  EXPECT_EQ(roots.size(), 4u);
  EXPECT_EQ(Hex(Uuid(huk)), World().text("uuid"));
  // The same of both gives the same again: an update changes neither.
  EXPECT_EQ(RootHex(kSecured, 1), World().text("spe_root"));
}

// A context that is a number and one that is its bytes are different.
TEST(Keys, Expand_DependsOnEachOfItsInputs) {
  const auto root = World().array<32>("spe_root");
  ByteArray<32> key, other;
  Expand(root, "storage", 1, key);
  Expand(root, "storage", 2, other);
  EXPECT_NE(key, other);
  Expand(root, "storagf", 1, other);
  EXPECT_NE(key, other);
  Expand(root, "storage", Bytes(ByteArray<1>{std::byte{1}}), other);
  EXPECT_NE(key, other);
  ByteArray<31> shorter;
  Expand(root, "storage", 1, shorter);
  EXPECT_FALSE(Equal(shorter, Bytes(key).first(31)));
}

TEST(Keys, Uuid_IsOfVersion8AndVariant10) {
  for (int i = 0; i < 64; ++i) {
    ByteArray<32> huk{};
    huk[0] = std::byte(i);
    const auto uuid = Uuid(huk);
    EXPECT_EQ(uuid[6] >> 4, std::byte{8});
    EXPECT_EQ(uuid[8] >> 6, std::byte{2});
  }
}

TEST(Keys, ParseUuid_IsTheInverseAndStrict) {
  const std::string text = World().text("uuid_text");
  EXPECT_EQ(*ParseUuid(text), World().array<16>("uuid"));
  EXPECT_FALSE(ParseUuid("").ok());
  EXPECT_FALSE(ParseUuid(text.substr(1)).ok());
  EXPECT_FALSE(ParseUuid(text + "0").ok());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = 'G';
    EXPECT_FALSE(ParseUuid(changed).ok()) << i;
  }
  std::string upper = text;
  upper[text.find('c')] = 'C';
  EXPECT_FALSE(ParseUuid(upper).ok());
}

}  // namespace
}  // namespace cai::keys
