// What the HUK determines: the SPE root, its labelled keys, and the device's
// identity (docs/design/0001-interfaces.md; labels of the key schedule too).
// Pure functions of their inputs; `cai device make` and the device run the same
// code.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace cai::keys {

constexpr std::string_view kTlsClient = "tls-client";
constexpr std::string_view kCoseSign = "cose-sign";
constexpr std::string_view kIak = "iak";
constexpr std::string_view kModelKek = "model-kek";
constexpr std::string_view kStorage = "storage";
constexpr std::string_view kSealHedge = "seal-hedge";
constexpr std::string_view kDrbg = "drbg";

// Exp(k, label, ctx, L) = HKDF-Expand-SHA256(k, cbor["cai1", label, ctx, L],
// L), L = out.size(). The context is a number or a byte string; labels of at
// most 32, contexts of at most 64 bytes.
void Expand(Bytes key, std::string_view label, std::uint64_t context,
            MutableBytes out);
void Expand(Bytes key, std::string_view label, Bytes context, MutableBytes out);

// A P-256 private scalar 1..n-1, big endian: of the two 32-byte blocks of
// Exp(key, label, context, 64) the first with value < n - 1, plus one
// (FIPS 186-5, A.2.2 by rejection). kKeysNoScalar if neither is in range, at a
// probability of 2^-64: the caller refuses.
Status Scalar(Bytes key, std::string_view label, std::uint64_t context,
              std::span<std::byte, 32> out);
Status Scalar(Bytes key, std::string_view label, Bytes context,
              std::span<std::byte, 32> out);

// RFC 9783, 4.3.1 lifecycle word -> what enters the root: another class, other
// keys. 3 is "secured".
constexpr std::uint8_t LifecycleClass(std::uint16_t lifecycle) {
  return static_cast<std::uint8_t>(lifecycle >> 12);
}

// HKDF(salt "cai1", HUK, cbor["cai1", "spe-root", class, generation], 32).
void SpeRoot(std::span<const std::byte, 32> huk, std::uint8_t lifecycle_class,
             std::uint32_t key_generation, std::span<std::byte, 32> out);

// Identity outlives keys: no class, no generation. The UUID is one of version
// 8, variant 10 (RFC 9562, 5.8); the UEID is of type RAND: 0x01 || 32 bytes
// (RFC 9711, 4.2.1).
ByteArray<16> Uuid(std::span<const std::byte, 32> huk);
ByteArray<33> Ueid(std::span<const std::byte, 32> huk);

// "8-4-4-4-12" in lower case hexadecimal (RFC 9562, 4).
constexpr std::size_t kUuidTextSize = 36;
std::array<char, kUuidTextSize> UuidText(std::span<const std::byte, 16> uuid);

// The inverse, strict: kKeysBadUuid for anything but lower case of that form.
Result<ByteArray<16>> ParseUuid(std::string_view text);

}  // namespace cai::keys
