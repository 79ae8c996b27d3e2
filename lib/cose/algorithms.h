// The registered numbers of COSE (RFC 9052, 9053, 8230, 9338, 9360).
#pragma once

#include <cstdint>

namespace cai::cose {

enum class Algorithm : std::int32_t {
  // Signatures
  kEs256 = -7,
  kEdDsa = -8,
  kEs384 = -35,
  kEs512 = -36,
  kPs256 = -37,
  kPs384 = -38,
  kPs512 = -39,
  kHssLms = -46,  // known by name, not supported
  // AEAD
  kA128Gcm = 1,
  kA192Gcm = 2,
  kA256Gcm = 3,
  kAesCcm16_64_128 = 10,
  kAesCcm16_64_256 = 11,
  kAesCcm64_64_128 = 12,
  kAesCcm64_64_256 = 13,
  kAesCcm16_128_128 = 30,
  kAesCcm16_128_256 = 31,
  kAesCcm64_128_128 = 32,
  kAesCcm64_128_256 = 33,
  kChaCha20Poly1305 = 24,
  // MAC
  kHmac256_64 = 4,
  kHmac256 = 5,
  kHmac384 = 6,
  kHmac512 = 7,
  kAesMac128_64 = 14,
  kAesMac256_64 = 15,
  kAesMac128_128 = 25,
  kAesMac256_128 = 26,
  // How a content key reaches a recipient
  kDirect = -6,
  kDirectHkdfSha256 = -10,
  kDirectHkdfSha512 = -11,
  kDirectHkdfAes128 = -12,
  kDirectHkdfAes256 = -13,
  kA128Kw = -3,
  kA192Kw = -4,
  kA256Kw = -5,
  kEcdhEsHkdf256 = -25,
  kEcdhEsHkdf512 = -26,
  kEcdhSsHkdf256 = -27,
  kEcdhSsHkdf512 = -28,
  kEcdhEsA128Kw = -29,
  kEcdhEsA192Kw = -30,
  kEcdhEsA256Kw = -31,
  kEcdhSsA128Kw = -32,
  kEcdhSsA192Kw = -33,
  kEcdhSsA256Kw = -34,
  kRsaOaepSha1 = -40,
  kRsaOaepSha256 = -41,
  kRsaOaepSha512 = -42,
  // Hashes, for x5t (RFC 9054)
  kSha1 = -14,
  kSha256_64 = -15,
  kSha256 = -16,
  kSha384 = -43,
  kSha512 = -44,
};

// Header parameters (RFC 9052, 3.1; RFC 9053, 5 and 6; RFC 9338; RFC 9360).
enum class Header : std::int32_t {
  kAlgorithm = 1,
  kCritical = 2,
  kContentType = 3,
  kKeyId = 4,
  kIv = 5,
  kPartialIv = 6,
  kCountersignatureV1 = 7,
  kCountersignature0V1 = 9,
  kCountersignature = 11,
  kCountersignature0 = 12,
  kX5Bag = 32,
  kX5Chain = 33,
  kX5T = 34,
  kX5U = 35,
  kEphemeralKey = -1,
  kStaticKey = -2,
  kStaticKeyId = -3,
  kSalt = -20,
  kPartyUIdentity = -21,
  kPartyUNonce = -22,
  kPartyUOther = -23,
  kPartyVIdentity = -24,
  kPartyVNonce = -25,
  kPartyVOther = -26,
};

constexpr std::uint64_t kTagEncrypt0 = 16;
constexpr std::uint64_t kTagMac0 = 17;
constexpr std::uint64_t kTagSign1 = 18;
constexpr std::uint64_t kTagEncrypt = 96;
constexpr std::uint64_t kTagMac = 97;
constexpr std::uint64_t kTagSign = 98;

}  // namespace cai::cose
