// The keys of the service that devices seal to, and the statements that its
// root signs (protocol.md, 1.6).
#pragma once

#include <vector>

#include "host/common/keys.h"
#include "host/common/state.h"
#include "lib/wire/service_key.h"

namespace cai::ca {

using host::Blob;
using host::Finished;
using host::Outcome;

// A generation's decryption key lives 26 h after the next one was published:
// sessions under it end within 25.
constexpr std::int64_t kGenerationLinger = 26 * 3600;

struct Generation {
  std::uint64_t number = 0;
  std::int64_t published = 0;  // Unix seconds
  bool live = true;            // its decryption key still exists
};

// What lies under service/: root.{key,pub}, sign.key, enc-<gen>.key,
// svc-key-<gen>.cbor, and service.toml with the rest.
struct Service {
  wire::Svc svc{};
  std::uint64_t min_generation = 1;     // sessions under an older one end
  std::vector<Generation> generations;  // ascending, never empty
  crypto::P256Public root;

  // Makes root, signing key and generation 1; keeps what is there, so it may be
  // interrupted and repeated.
  static Finished Init(const host::State& state, std::int64_t now);

  // kHostNotFound with a hint before Init, kHostDamaged.
  static Outcome<Service> Open(const host::State& state);

  // Makes the next generation and destroys the decryption keys whose time is
  // over. With `revoke` older sessions end at once and every older key goes:
  // for a key that leaked.
  static Outcome<Service> Rotate(const host::State& state, std::int64_t now,
                                 bool revoke);

  // Destroys the decryption keys whose time is over, whether or not anybody
  // rotates again; true if there were any. Takes no lock if there are none.
  static Outcome<bool> Expire(const host::State& state, std::int64_t now);

  const Generation& newest() const { return generations.back(); }
  // What a device's OTP holds: SHA-256(x || y).
  crypto::Digest RootHash() const;
};

// The newest signed statement.
Outcome<Blob> ServiceKeyMessage(const host::State& state);

// Lends the P-256 key of a PEM file to lib/: import, call, release.
class BorrowedKey {
 public:
  static Outcome<BorrowedKey> Read(const host::fs::path& path);
  BorrowedKey(BorrowedKey&& other) noexcept
      : key_(std::exchange(other.key_, {})) {}
  BorrowedKey& operator=(BorrowedKey&&) = delete;
  ~BorrowedKey() {
    if (key_.handle != 0) crypto::Release(key_);
  }
  crypto::P256Private get() const { return key_; }

 private:
  explicit BorrowedKey(crypto::P256Private key) : key_(key) {}
  crypto::P256Private key_;
};

}  // namespace cai::ca
