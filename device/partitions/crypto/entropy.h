// This boot's randomness (protocol.md, 1.2): the per-start seed, a value
// carried from boot to boot in flash, and the boot counter, under a key of the
// HUK. The carry is replaced before anything that depends on it leaves the
// partition, so that a later look at the flash tells nothing about this boot.
#pragma once

#include <cstdint>

#include "device/partitions/crypto/seed_health.h"
#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace cai::crypto_partition {

struct Entropy {
  Secret<32> prk;
  // Neither stops a start, since boot counter and carry keep nonces apart; but
  // both take from what an attacker with the HUK does not know.
  SeedFault fault = SeedFault::kNone;
  bool seed_repeated =
      false;  // it is the last start's: a reset, or a dead TRNG
};

// PRK = HMAC(drbg key, seed || carry || b); carry' = Exp(PRK, "carry", b, 32)
// is in flash and read back, and the old carry erased, when this returns. A
// flash that holds no authentic carry counts as a carry of zeros.
Result<Entropy> StartEntropy(std::span<const std::byte, 32> drbg_key,
                             std::span<const std::byte, 64> seed,
                             std::uint32_t boot_count);

}  // namespace cai::crypto_partition
