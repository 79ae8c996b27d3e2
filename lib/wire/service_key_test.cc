#include "lib/wire/service_key.h"

#include "lib/cose/sign1.h"
#include "lib/wire/fixture.h"

namespace cai::wire {
namespace {

ServiceKey Statement() {
  ServiceKey key;
  key.svc = World().array<8>("svc");
  key.generation = 7;
  key.min_generation = 5;
  key.encryption = EncKey().public_key;
  key.signing = SignKey().public_key;
  key.suites = {24, 1};
  key.suite_count = 2;
  return key;
}

std::vector<std::byte> Made(const ServiceKey& key, const TestKey& root) {
  std::array<std::byte, ServiceKey::kMaxEncoded> out;
  const auto made = MakeServiceKey(key, root.key.get(), root.public_key, out);
  EXPECT_TRUE(made.ok());
  return {made->begin(), made->end()};
}

TEST(ServiceKey, Make_MatchesTheVector) {
  const auto message = Made(Statement(), RootKey());
  EXPECT_EQ(Hex(message), World().text("svc_key"));
  EXPECT_EQ(message.size(), 261u);
}

TEST(ServiceKey, Open_ReadsTheVector) {
  const auto opened = OpenServiceKey(
      World().bytes("svc_key"), RootKey().public_key, World().array<8>("svc"));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->generation, 7u);
  EXPECT_EQ(opened->min_generation, 5u);
  EXPECT_EQ(opened->encryption, EncKey().public_key);
  EXPECT_EQ(opened->signing, SignKey().public_key);
  EXPECT_TRUE(opened->Allows(Suite::kChaCha20Poly1305));
  EXPECT_TRUE(opened->Allows(Suite::kAes128Gcm));
}

TEST(ServiceKey, MaxEncoded_HoldsTheLargest) {
  ServiceKey key = Statement();
  key.generation = key.min_generation = ~std::uint64_t{0};
  key.suites = {24, 25, 26, 27};
  key.suite_count = 4;
  EXPECT_EQ(Made(key, RootKey()).size(), ServiceKey::kMaxEncoded);
}

TEST(ServiceKey, Make_RefusesEveryBufferTooShort) {
  const TestKey root = RootKey();
  for (std::size_t size = 0; size < 261; ++size) {
    std::vector<std::byte> out(size);
    EXPECT_REFUSED(
        MakeServiceKey(Statement(), root.key.get(), root.public_key, out),
        CoseNoRoom);
  }
}

TEST(ServiceKey, Open_RefusesEveryFlippedBit) {
  const auto message = World().bytes("svc_key");
  const auto root = RootKey();
  for (std::size_t i = 0; i < message.size(); ++i) {
    auto changed = message;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(
        OpenServiceKey(changed, root.public_key, World().array<8>("svc")).ok())
        << i;
  }
}

TEST(ServiceKey, Open_RefusesAnotherRootsSignature) {
  const TestKey mallory = SignKey();
  const auto forged = Made(Statement(), mallory);
  EXPECT_REFUSED(
      OpenServiceKey(forged, RootKey().public_key, World().array<8>("svc")),
      CoseWrongKeyId);

  // The same with our root's name on it.
  const KeyId kid = KeyIdOf(RootKey().public_key);
  const auto payload = cose::ParseSign1(forged)->payload;
  std::array<std::byte, ServiceKey::kMaxEncoded> out;
  const auto named =
      cose::MakeSign1({kServiceKeyType, kid}, payload, mallory.key.get(), out);
  EXPECT_REFUSED(
      OpenServiceKey(*named, RootKey().public_key, World().array<8>("svc")),
      CoseBadSignature);
}

TEST(ServiceKey, Open_RefusesAnotherService) {
  EXPECT_REFUSED(
      OpenServiceKey(World().bytes("svc_key"), RootKey().public_key, Svc{}),
      WireWrongService);
}

TEST(ServiceKey, Open_RefusesAnotherKindOfMessage) {
  EXPECT_REFUSED(OpenServiceKey(World().bytes("configuration"),
                                RootKey().public_key, World().array<8>("svc")),
                 CoseWrongContentType);
}

TEST(ServiceKey, Open_RefusesKeysOffTheCurve) {
  for (const bool encryption : {true, false}) {
    ServiceKey key = Statement();
    (encryption ? key.encryption : key.signing).xy[63] ^= std::byte{1};
    EXPECT_REFUSED(OpenServiceKey(Made(key, RootKey()), RootKey().public_key,
                                  World().array<8>("svc")),
                   CryptoBadPoint);
    (encryption ? key.encryption : key.signing).xy.fill(std::byte{0});
    EXPECT_REFUSED(OpenServiceKey(Made(key, RootKey()), RootKey().public_key,
                                  World().array<8>("svc")),
                   CryptoBadPoint);
  }
}

TEST(ServiceKey, CheckRoot_TakesOnlyWhatOtpHolds) {
  const auto root = RootKey().public_key;
  const ByteArray<32> hash = crypto::Sha256::Of(root.xy);
  const std::array<ByteArray<32>, 2> second = {ByteArray<32>{}, hash};
  const std::array<ByteArray<32>, 2> unused{};
  EXPECT_TRUE(CheckRoot(root, second).ok());
  EXPECT_REFUSED(CheckRoot(root, unused), WireWrongRoot);
  EXPECT_REFUSED(CheckRoot(SignKey().public_key, second), WireWrongRoot);
}

TEST(ServiceKey, CheckGeneration_RefusesBelowTheFloor) {
  EXPECT_REFUSED(CheckGeneration(Statement(), 8), WireOldGeneration);
  EXPECT_TRUE(CheckGeneration(Statement(), 7).ok());
}

TEST(ServiceKey, Make_RefusesAMinimumAboveItself) {
  ServiceKey key = Statement();
  key.min_generation = 8;
  std::array<std::byte, ServiceKey::kMaxEncoded> out;
  const TestKey root = RootKey();
  EXPECT_REFUSED(MakeServiceKey(key, root.key.get(), root.public_key, out),
                 WireMalformed);
}

}  // namespace
}  // namespace cai::wire
