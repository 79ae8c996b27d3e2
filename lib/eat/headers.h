// What builder and parser must agree on besides the claims: the three protected
// headers, which are compared byte for byte, and the forms of single values.
#pragma once

#include "lib/eat/claims.h"

namespace cai::eat {

// {1: -7}, {1: -7, 3: 65003}, {1: -7, 3: 65006}.
inline constexpr std::uint8_t kPlatformHeader[] = {0xa1, 0x01, 0x26};
inline constexpr std::uint8_t kAiHeader[] = {
    0xa2, 0x01, 0x26, 0x03, 0x19, kContentTypeAi >> 8, kContentTypeAi & 0xff};
inline constexpr std::uint8_t kKeyHeader[] = {
    0xa2, 0x01, 0x26, 0x03, 0x19, kContentTypeKey >> 8, kContentTypeKey & 0xff};

inline Bytes PlatformHeader() {
  return AsBytes(kPlatformHeader, sizeof kPlatformHeader);
}
inline Bytes AiHeader() { return AsBytes(kAiHeader, sizeof kAiHeader); }
inline Bytes KeyHeader() { return AsBytes(kKeyHeader, sizeof kKeyHeader); }

// SHA-256 in the registry of COSE algorithms (RFC 9054).
inline constexpr std::int32_t kDigestAlgorithm = -16;

// RFC 9783, 4.1.1.
inline bool IsChallenge(Bytes nonce) {
  return nonce.size() == 32 || nonce.size() == 48 || nonce.size() == 64;
}

// RFC 9783, 4.2.1: type RAND.
inline bool IsUeid(Bytes ueid) {
  return ueid.size() == kUeidSize && ueid[0] == std::byte{1};
}

// RFC 9783, 4.3.1: 0x0000 to 0x00ff, 0x1000 to 0x10ff ... 0x60ff.
constexpr bool IsLifecycle(std::uint64_t lifecycle) {
  return lifecycle <= 0x60ff && (lifecycle & 0x0f00) == 0;
}
constexpr bool IsSecured(std::uint16_t lifecycle) {
  return lifecycle >> 8 == 0x30;
}

inline bool IsPurpose(std::string_view purpose) {
  return purpose == kPurposeTlsClient || purpose == kPurposeCoseSign;
}

}  // namespace cai::eat
