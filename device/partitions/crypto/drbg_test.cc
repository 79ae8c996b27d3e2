#include "device/partitions/crypto/drbg.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cai::crypto_partition {
namespace {

std::vector<std::byte> FromHex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(
        std::byte(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// NIST CAVP, HMAC_DRBG, SHA-256, no reseed, no personalisation, COUNT = 0: the
// second of two requests of 128 bytes.
TEST(Drbg, Generate_MatchesTheCavpVector) {
  const auto entropy = FromHex(
      "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488");
  const auto nonce = FromHex("659ba96c601dc69fc902940805ec0ca8");
  const auto expected = FromHex(
      "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89"
      "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1"
      "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668"
      "961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8");
  Drbg drbg;
  drbg.Instantiate({entropy, nonce});
  std::vector<std::byte> out(128);
  drbg.Generate(out);
  drbg.Generate(out);
  EXPECT_EQ(out, expected);
}

TEST(Drbg, SelfTest_Passes) { EXPECT_TRUE(Drbg::SelfTest()); }

TEST(Drbg, Generate_DependsOnEveryPartOfTheMaterial) {
  const std::vector<std::byte> a(32, std::byte{1}), b(32, std::byte{2});
  ByteArray<32> first, second, third;
  Drbg one, two, three;
  one.Instantiate({a, a, a});
  two.Instantiate({a, a, b});
  three.Instantiate({a, b, a});
  one.Generate(first);
  two.Generate(second);
  three.Generate(third);
  EXPECT_NE(first, second);
  EXPECT_NE(first, third);
  EXPECT_NE(second, third);
}

TEST(Drbg, Generate_NeverRepeatsABlock) {
  Drbg drbg;
  const std::vector<std::byte> a(48, std::byte{1});
  drbg.Instantiate({a});
  std::vector<std::byte> out(65536 + 32);
  drbg.Generate(out);
  std::vector<std::vector<std::byte>> blocks;
  for (std::size_t at = 0; at + 32 <= out.size(); at += 32)
    blocks.emplace_back(out.begin() + at, out.begin() + at + 32);
  std::ranges::sort(blocks);
  EXPECT_EQ(std::ranges::adjacent_find(blocks), blocks.end());
}

}  // namespace
}  // namespace cai::crypto_partition
