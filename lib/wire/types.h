// Names and numbers that every message shares.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/cose/encrypt.h"
#include "lib/cose/key.h"
#include "lib/crypto/p256.h"

namespace cai::wire {

using Uuid = ByteArray<16>;
using Ueid = ByteArray<33>;
using Svc = ByteArray<8>;  // which service; chosen by its operator
using KeyId = cose::KeyId;

// No message of ours is larger, and none that is larger is looked at.
constexpr std::size_t kMaxMessage = 4096;

// COSE content types (protected header 3): one per kind of signed message, so
// that none can be taken for another.
constexpr std::uint16_t kSessionType = 65001;
constexpr std::uint16_t kMeasuredComponentType = 65002;
constexpr std::uint16_t kAiTokenType = 65003;
constexpr std::uint16_t kServiceKeyType = 65004;
constexpr std::uint16_t kCommandType = 65005;
constexpr std::uint16_t kKeyTokenType = 65006;
constexpr std::uint16_t kModelPackageType = 65010;
constexpr std::uint16_t kConfigurationType = 65020;

// The AEAD of a session's readings, by its COSE number.
enum class Suite : std::uint8_t { kAes128Gcm = 1, kChaCha20Poly1305 = 24 };

// kWireNoSuite for a number that is neither.
Result<Suite> SuiteOf(std::uint64_t number);
constexpr crypto::AeadAlgorithm AeadOf(Suite suite) {
  return suite == Suite::kAes128Gcm ? crypto::AeadAlgorithm::kAes128Gcm
                                    : crypto::AeadAlgorithm::kChaCha20Poly1305;
}

// The kid of a service's key: the first 8 bytes of SHA-256(x || y), which is
// the hash that OTP holds of a root.
KeyId KeyIdOf(const crypto::P256Public& key);

}  // namespace cai::wire
