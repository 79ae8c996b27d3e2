#include "lib/wire/configuration.h"

#include "lib/cose/sign1.h"
#include "lib/wire/fixture.h"

namespace cai::wire {
namespace {

// Owns what a Configuration points to.
struct Example {
  Example() {
    for (std::size_t i = 0; i < ca.size(); ++i) ca[i] = std::byte(i % 251);
    for (std::size_t i = 0; i < bootstrap.size(); ++i)
      bootstrap[i] = std::byte(i % 241);
    scalar = crypto::Sha256::Of(AsBytes("bootstrap"));
    const ByteArray<4> ip = {std::byte{10}, std::byte{0}, std::byte{2},
                             std::byte{2}};
    value = {.bootstrap = {"bootstrap.cai.local", ip, 8443},
             .broker = {"broker.cai.local", ip, 8883},
             .ca_certificate = ca,
             .svc = World().array<8>("svc"),
             .interval_ms = 500,
             .bootstrap_certificate = bootstrap,
             .bootstrap_scalar = scalar,
             .uuid = World().array<16>("uuid"),
             .issued_at = 1'800'000'000,
             .root = RootKey().public_key};
  }
  ByteArray<430> ca;
  ByteArray<390> bootstrap;
  ByteArray<32> scalar;
  Configuration value;
};

std::vector<std::byte> Made(const Configuration& configuration,
                            const TestKey& root) {
  std::vector<std::byte> scratch(Configuration::kMaxPayload, std::byte{7});
  std::vector<std::byte> out(Configuration::kMaxEncoded);
  const auto made =
      MakeConfiguration(configuration, root.key.get(), scratch, out);
  EXPECT_TRUE(made.ok());
  EXPECT_EQ(std::ranges::count(scratch, std::byte{0}),
            static_cast<std::ptrdiff_t>(scratch.size()));
  return {made->begin(), made->end()};
}

std::array<ByteArray<32>, 2> Hashes() {
  return {crypto::Sha256::Of(RootKey().public_key.xy), ByteArray<32>{}};
}

TEST(Configuration, Make_MatchesTheVector) {
  const Example example;
  EXPECT_EQ(Hex(Made(example.value, RootKey())), World().text("configuration"));
}

TEST(Configuration, Encode_LeavesTheSecretOutIfThereIsNone) {
  Example example;
  example.value.bootstrap_scalar = {};
  std::vector<std::byte> out(Configuration::kMaxPayload);
  const auto encoded = EncodeConfiguration(example.value, out);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(Hex(*encoded), World().text("configuration_public"));
  EXPECT_TRUE(ParseConfiguration(*encoded)->bootstrap_scalar.empty());
  for (std::size_t size = 0; size < encoded->size(); ++size)
    EXPECT_REFUSED(
        EncodeConfiguration(example.value, MutableBytes(out).first(size)),
        CborNoRoom);
}

TEST(Configuration, Open_ReadsTheVector) {
  const auto message = World().bytes("configuration");
  const auto opened =
      OpenConfiguration(message, Hashes(), World().array<16>("uuid"));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->bootstrap.host, "bootstrap.cai.local");
  EXPECT_EQ(opened->bootstrap.port, 8443);
  EXPECT_EQ(opened->broker.host, "broker.cai.local");
  EXPECT_EQ(opened->broker.port, 8883);
  EXPECT_EQ(opened->interval_ms, 500u);
  EXPECT_EQ(opened->ca_certificate.size(), 430u);
  EXPECT_EQ(opened->bootstrap_certificate.size(), 390u);
  EXPECT_EQ(opened->bootstrap_scalar.size(), 32u);
  EXPECT_EQ(opened->issued_at, 1'800'000'000u);
  EXPECT_EQ(opened->root, RootKey().public_key);
}

TEST(Configuration, Open_RefusesAnotherRootAnotherDeviceAndAForger) {
  const auto message = World().bytes("configuration");
  std::array<ByteArray<32>, 2> others = Hashes();
  others[0][0] ^= std::byte{1};
  EXPECT_REFUSED(OpenConfiguration(message, others, World().array<16>("uuid")),
                 WireWrongRoot);
  EXPECT_REFUSED(OpenConfiguration(message, Hashes(), Uuid{}), WireWrongDevice);

  // Our root inside, another's signature outside.
  const TestKey mallory = SignKey();
  const Example example;
  const auto forged = Made(example.value, mallory);
  EXPECT_REFUSED(OpenConfiguration(forged, Hashes(), World().array<16>("uuid")),
                 CoseBadSignature);
  // Another root inside too: consistent, but not in OTP.
  Example own;
  own.value.root = mallory.public_key;
  EXPECT_REFUSED(OpenConfiguration(Made(own.value, mallory), Hashes(),
                                   World().array<16>("uuid")),
                 WireWrongRoot);
}

TEST(Configuration, Open_RefusesFlippedBits) {
  const auto message = World().bytes("configuration");
  const auto hashes = Hashes();
  for (std::size_t i = 0; i < message.size(); i += 3) {
    auto changed = message;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(
        OpenConfiguration(changed, hashes, World().array<16>("uuid")).ok())
        << i;
  }
}

TEST(Configuration, MaxEncoded_HoldsTheLargest) {
  Example example;
  const std::string host(Configuration::kMaxHost, 'h');
  const std::vector<std::byte> certificate(Configuration::kMaxCertificate);
  example.value.bootstrap.host = example.value.broker.host = host;
  example.value.bootstrap.port = example.value.broker.port = 65535;
  example.value.ca_certificate = example.value.bootstrap_certificate =
      certificate;
  example.value.interval_ms = ~0u;
  example.value.issued_at = ~0ull;
  EXPECT_EQ(Made(example.value, RootKey()).size(), Configuration::kMaxEncoded);
}

TEST(Configuration, Encode_RefusesWhatCannotBe) {
  std::vector<std::byte> out(Configuration::kMaxPayload);
  const auto refused = [&](auto change) {
    Example example;
    change(example.value);
    const auto encoded = EncodeConfiguration(example.value, out);
    return !encoded.ok() && encoded.error() == Error::kWireMalformed;
  };
  EXPECT_TRUE(refused([](auto& c) { c.bootstrap.host = ""; }));
  EXPECT_TRUE(refused([](auto& c) { c.broker.port = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.interval_ms = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.ca_certificate = {}; }));
  EXPECT_TRUE(refused(
      [](auto& c) { c.bootstrap_scalar = c.bootstrap_scalar.first(31); }));
}

}  // namespace
}  // namespace cai::wire
