// The service's signed statement of its keys: `svc-key` in service_key.cddl.
// The service publishes it, the SPE seals to nothing else.
#pragma once

#include "lib/crypto/hash.h"
#include "lib/wire/types.h"

namespace cai::wire {

struct ServiceKey {
  static constexpr std::size_t kMaxSuites = 4;
  // With generations that need all nine bytes.
  static constexpr std::size_t kMaxPayload = 1 + (1 + 9) + 2 * (1 + 9) +
                                             2 * (1 + cose::kEncodedKeySize) +
                                             (1 + 1 + 2 * kMaxSuites);
  static constexpr std::size_t kMaxEncoded =
      1 + 1 + (1 + 17) + 1 + (2 + kMaxPayload) + (2 + 64);

  Svc svc{};
  std::uint64_t generation = 0;
  std::uint64_t min_generation = 0;  // sessions under an older one end now
  crypto::P256Public encryption;     // ECDH-ES of session messages
  crypto::P256Public signing;        // ES256 of commands
  std::array<std::uint8_t, kMaxSuites> suites{};  // COSE numbers
  std::size_t suite_count = 0;

  bool Allows(Suite suite) const;
};

// By the service root; the kid is KeyIdOf(root_public).
Result<Bytes> MakeServiceKey(const ServiceKey& key, crypto::P256Private root,
                             const crypto::P256Public& root_public,
                             MutableBytes out);

// kWireWrongRoot unless SHA-256(x || y) of `root` is one of `hashes`; a hash of
// zeros is an unused place and matches nothing.
Status CheckRoot(const crypto::P256Public& root,
                 std::span<const ByteArray<32>> hashes);

// Signature by `root` (checked before by CheckRoot), kind, both points on the
// curve, svc ours: kWireWrongService. The floor of generations is the caller's:
// CheckGeneration.
Result<ServiceKey> OpenServiceKey(Bytes message, const crypto::P256Public& root,
                                  const Svc& svc);

// kWireOldGeneration if the statement is below the floor.
Status CheckGeneration(const ServiceKey& key, std::uint64_t floor);

}  // namespace cai::wire
