// The service's keys by generation: what opens session messages, what wraps
// the chain keys at rest, and the signed statement that devices get.
#pragma once

#include <map>
#include <vector>

#include "host/common/state.h"
#include "lib/crypto/p256.h"
#include "lib/wire/service_key.h"

namespace cai::ingest {

class ServiceKeys {
 public:
  // Reads every generation that still lies in the state folder. kHostNotFound
  // with a hint if the service was never made.
  static host::Outcome<ServiceKeys> Load(const host::State& state);

  ServiceKeys(ServiceKeys&& other) noexcept { *this = std::move(other); }
  // What it held goes with `other`, which wipes it.
  ServiceKeys& operator=(ServiceKeys&& other) noexcept;
  ~ServiceKeys();

  const wire::Svc& svc() const { return svc_; }
  // The newest svc-key message, as `cai service` signed it.
  Bytes statement() const { return statement_; }

  // Signs commands; its public half stands in the statement.
  crypto::P256Private signing() const { return signing_; }

  struct Encryption {
    crypto::P256Private key;
    crypto::P256Public public_key;
  };
  // kWireDeadGeneration if that generation was destroyed or never was.
  Result<Encryption> Find(std::uint64_t generation) const;

  // The state of a receiver at rest: ChaCha20-Poly1305 under a key that is
  // derived from the generation's private key, so that destroying the one
  // destroys every chain key that a database or its backup holds (protocol.md,
  // C6). `context` names the session.
  Result<host::Blob> Wrap(std::uint64_t generation, Bytes context,
                          Bytes plain) const;
  Result<host::Blob> Unwrap(std::uint64_t generation, Bytes context,
                            Bytes wrapped) const;

 private:
  struct Generation {
    Encryption encryption;
    host::Blob wrapping_key;
  };
  ServiceKeys() = default;
  host::Finished LoadGeneration(const host::fs::path& folder,
                                std::uint64_t generation);

  host::Finished LoadSigning(const host::State& state,
                             const crypto::P256Public& stated);

  wire::Svc svc_{};
  crypto::P256Private signing_;
  host::Blob statement_;
  std::map<std::uint64_t, Generation> generations_;
};

}  // namespace cai::ingest
