// Builds and signs this device's tokens. Knows no message and no caller's
// rights: attest_server.cc does.
#pragma once

#include "device/partitions/attest/api.h"
#include "device/partitions/infer/api.h"
#include "device/spm/partition.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"
#include "lib/eat/build.h"

namespace cai::attest {

struct AiToken {
  Bytes token;
  crypto::Digest id;
  std::uint32_t measure_gen;  // of infer's measurements in it
};

// Large: lives in the partition's data, never on its stack.
class Attester {
 public:
  // Once, before all else: takes the boot data and draws the boot seed.
  // `key` is the IAK. Fails if there is no randomness; a boot without a count
  // is no failure here, but every token is then refused (kEatNoBootCount).
  Status Start(crypto::P256Private key);

  // RFC 9783. `client` is the caller's id as the SPM knows it. Written to
  // `out`; kEatMalformed for a wrong challenge, kCborNoRoom.
  Result<Bytes> PlatformToken(Bytes challenge, std::int32_t client,
                              MutableBytes out);
  // The size it will have.
  Result<std::size_t> PlatformTokenSize(std::size_t challenge_size,
                                        std::int32_t client) const;

  // protocol.md, 1.4. Request digest and key come from identity.kCriDigest, so
  // they are this device's own; kIpcBadRequest for a purpose without requests.
  Result<Bytes> KeyToken(std::span<const std::byte, 32> nonce,
                         spm::Purpose purpose, MutableBytes out);

  // protocol.md, 1.4, with what infer.kMeasurements says now. kIpcNotPermitted
  // if the key to confirm is not the device's cose-sign key.
  Result<AiToken> MakeAiToken(const AiTokenRequest& request, MutableBytes out);

 private:
  Status CheckBoot() const;
  Result<eat::PlatformClaims> Claims(Bytes challenge,
                                     std::int32_t client) const;
  Result<Bytes> NestedToken(Bytes nonce);

  crypto::P256Private key_;
  spm::BootData boot_{};
  crypto::Digest boot_seed_{};
  // One call at a time: these hold what a token in the making points at.
  ByteArray<eat::kMaxNestedPlatformToken> nested_{};
  ByteArray<infer::kMaxMeasurements> measurements_{};
};

// SHA-256 of CBOR ["cai1 bootseed", boot count, random] (protocol.md, 1.4):
// whoever sees it learns nothing of the generator.
crypto::Digest BootSeed(std::uint32_t boot_count,
                        std::span<const std::byte, 32> random);

}  // namespace cai::attest
