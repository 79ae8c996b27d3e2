// ECDSA verification on P-256 (FIPS 186-5, 6.4.2), for code that has neither
// Mbed TLS nor OpenSSL and must be quick: about 3 million instructions on a
// Cortex-M33 without DSP (docs/design/0022). Everything it sees is public.
#pragma once

#include "lib/crypto/p256.h"

namespace cai::crypto::verify {

// 0 if and only if `signature` is one of `hash` under `key`: how far the point
// that comes out lies from r, as a word, so that a caller can build its
// decision from the value instead of from a branch. A key off the curve and
// numbers out of range give kRefused.
constexpr std::uint32_t kRefused = 0xa5c35a3c;
std::uint32_t Mismatch(const P256Public& key,
                       std::span<const std::byte, 32> hash,
                       std::span<const std::byte, 64> signature);

}  // namespace cai::crypto::verify
