// The registered numbers of COSE (RFC 9052, RFC 9053) that are in use here.
#pragma once

#include <cstdint>

namespace cai::cose {

enum class Algorithm : std::int32_t {
  kEs256 = -7,
  kA128Gcm = 1,
  kChaCha20Poly1305 = 24,
  kA128Kw = -3,
  kEcdhEsA128Kw = -29,
};

// Header parameters (RFC 9052, 3.1; RFC 9053, 6.3.1).
enum class Header : std::int32_t {
  kAlgorithm = 1,
  kCritical = 2,
  kContentType = 3,
  kKeyId = 4,
  kIv = 5,
  kPartialIv = 6,
  kEphemeralKey = -1,
};

constexpr std::uint64_t kTagEncrypt0 = 16;
constexpr std::uint64_t kTagSign1 = 18;

}  // namespace cai::cose
