// The claims of the three tokens (token.cddl), all COSE_Sign1 ES256 by the
// attestation key: the platform token of RFC 9783, and around it the AI token
// and the key token of protocol.md, 1.4.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/cose/key.h"
#include "lib/crypto/p256.h"

namespace cai::eat {

// RFC 8392, RFC 8747, RFC 9711, RFC 9783, and two of our own.
enum class Claim : std::int32_t {
  kAudience = 3,
  kConfirmation = 8,
  kNonce = 10,
  kUeid = 256,
  kUptime = 261,
  kProfile = 265,
  kSubmodules = 266,
  kBootCount = 267,
  kBootSeed = 268,
  kMeasurements = 273,
  kClientId = 2394,
  kLifecycle = 2395,
  kImplementationId = 2396,
  kCertificationReference = 2398,
  kSoftwareComponents = 2399,
  kVerificationService = 2400,
  kRequestDigest = -70001,
  kPurpose = -70002,
};

constexpr std::uint16_t kContentTypeAi = 65003;
constexpr std::uint16_t kContentTypeKey = 65006;
// The CoAP content format of a measured component within claim 273; its
// registration is pending.
constexpr std::uint16_t kMeasuredComponentFormat = 65002;

constexpr std::string_view kProfilePlatform =
    "tag:psacertified.org,2023:psa#tfm";
constexpr std::string_view kProfileAi = "tag:confidential-ai,2026:ai";
constexpr std::string_view kProfileKey = "tag:confidential-ai,2026:key";
constexpr std::string_view kPlatformSubmodule = "platform";

constexpr std::string_view kPurposeTlsClient = "tls-client";
constexpr std::string_view kPurposeCoseSign = "cose-sign";

// The psa-client-id of a platform token that the attestation partition asked of
// itself. NS callers have negative ones, so that theirs never pass for it.
constexpr std::int32_t kAttestClientId = 3;

constexpr std::size_t kUeidSize = 33;
constexpr std::size_t kHash = 32;
constexpr std::size_t kSvcSize = 8;
constexpr std::size_t kMaxSoftwareComponents = 4;
constexpr std::size_t kMaxMeasuredComponents = 5;  // the engine and four models

// In all structs below views point into what was parsed, or at what the caller
// wants written.

// RFC 9783, 4.4.1. Texts may be absent (empty).
struct SoftwareComponent {
  static constexpr std::size_t kMaxType = 8;
  static constexpr std::size_t kMaxVersion = 24;

  std::string_view type;  // "BL", "SPE", "NSPE"
  Bytes measurement;      // ours: 32 bytes
  std::string_view version;
  Bytes signer;  // ours: 32 bytes, SHA-256 of the SPKI
};

// RFC 9783, 4. High byte of the lifecycle: 0x30 is secured.
struct PlatformClaims {
  Bytes nonce;  // 32, 48 or 64 bytes
  Bytes ueid;   // 33 bytes, 0x01 first
  Bytes boot_seed;
  std::int32_t client_id = 0;  // > 0: SPE partition; else NSPE
  std::uint16_t lifecycle = 0;
  Bytes implementation_id;
  std::array<SoftwareComponent, kMaxSoftwareComponents> components{};
  std::size_t component_count = 0;
};

// draft-ietf-rats-eat-measured-component: {1: [name, [version]], 2: [-16, h]}.
struct MeasuredComponent {
  static constexpr std::size_t kMaxName = 24;
  static constexpr std::size_t kMaxVersion = 24;

  std::string_view name;
  std::string_view version;
  Bytes digest;  // SHA-256
};

struct AiClaims {
  Bytes service;                    // 8 bytes: the audience
  crypto::P256Public confirmation;  // the device's cose-sign key
  Bytes nonce;                      // 32 bytes, by that service
  Bytes ueid;
  std::uint64_t uptime_s = 0;
  std::uint32_t boot_count = 0;  // never 0
  Bytes boot_seed;               // 32 bytes
  Bytes platform;                // the nested platform token, whole
  // [0] is the engine; models follow. A reading's model index counts in here.
  std::array<MeasuredComponent, kMaxMeasuredComponents> components{};
  std::size_t component_count = 0;
};

struct KeyClaims {
  crypto::P256Public confirmation;  // the key that the request is for
  Bytes nonce;                      // 32 bytes, by the bootstrap server
  Bytes ueid;
  Bytes platform;
  Bytes request_digest;      // SHA-256 of the CSR's CertificationRequestInfo
  std::string_view purpose;  // kPurposeTlsClient or kPurposeCoseSign
};

// ---- Exact upper bounds of what the builder makes --------------------------

namespace size {

constexpr std::size_t Head(std::size_t argument) {
  return argument < 24 ? 1 : argument < 0x100 ? 2 : argument < 0x10000 ? 3 : 5;
}
constexpr std::size_t String(std::size_t bytes) { return Head(bytes) + bytes; }
// A claim whose key takes 1, 3 or 5 bytes.
constexpr std::size_t Short(std::size_t value) { return 1 + value; }
constexpr std::size_t Long(std::size_t value) { return 3 + value; }
constexpr std::size_t Own(std::size_t value) { return 5 + value; }
// Tag, array, protected header, empty map, payload, signature.
constexpr std::size_t Sign1(std::size_t header, std::size_t payload) {
  return 1 + 1 + String(header) + 1 + String(payload) + String(64);
}
constexpr std::size_t kComponent =
    1 + Short(String(SoftwareComponent::kMaxType)) + Short(String(kHash)) +
    Short(String(SoftwareComponent::kMaxVersion)) + Short(String(kHash));
constexpr std::size_t kMeasured =
    1 +
    Short(1 + String(MeasuredComponent::kMaxName) + 1 +
          String(MeasuredComponent::kMaxVersion)) +
    Short(1 + 1 + String(kHash));
constexpr std::size_t kConfirmation = Short(1 + 1 + cose::kEncodedKeySize);

constexpr std::size_t PlatformToken(std::size_t nonce) {
  return Sign1(3, 1 + Short(String(nonce)) + Long(String(kUeidSize)) +
                      Long(String(kProfilePlatform.size())) +
                      Long(String(kHash)) + Long(5) + Long(3) +
                      Long(String(kHash)) +
                      Long(1 + kMaxSoftwareComponents * kComponent));
}
constexpr std::size_t kNested =
    Long(1 + String(kPlatformSubmodule.size()) + String(PlatformToken(32)));

}  // namespace size

// For the longest challenge; nested tokens have one of 32 bytes.
constexpr std::size_t kMaxPlatformToken = size::PlatformToken(64);
constexpr std::size_t kMaxNestedPlatformToken = size::PlatformToken(32);
constexpr std::size_t kMaxAiToken = size::Sign1(
    7, 1 + size::Short(size::String(kSvcSize)) + size::kConfirmation +
           size::Short(size::String(32)) + size::Long(size::String(kUeidSize)) +
           size::Long(9) + size::Long(size::String(kProfileAi.size())) +
           size::kNested + size::Long(5) + size::Long(size::String(kHash)) +
           size::Long(1 + kMaxMeasuredComponents *
                              (1 + 3 + size::String(size::kMeasured))));
constexpr std::size_t kMaxKeyToken =
    size::Sign1(7, 1 + size::kConfirmation + size::Short(size::String(32)) +
                       size::Long(size::String(kUeidSize)) +
                       size::Long(size::String(kProfileKey.size())) +
                       size::kNested + size::Own(size::String(kHash)) +
                       size::Own(size::String(kPurposeTlsClient.size())));

}  // namespace cai::eat
