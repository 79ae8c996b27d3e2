// What the crypto partition keeps in RAM; made by Start(), used by the servers.
#pragma once

#include "device/partitions/crypto/clients.h"
#include "device/partitions/crypto/drbg.h"
#include "device/partitions/crypto/keyring.h"
#include "device/partitions/crypto/operations.h"
#include "device/spm/partition.h"
#include "lib/base/result.h"
#include "lib/crypto/p256.h"
#include "lib/events/events.h"
#include "lib/wire/configuration.h"

namespace cai::crypto_partition {

inline void Report(events::EventId event, std::uint32_t argument) {
  spm::Event(static_cast<std::uint16_t>(event), argument);
}

// What the device was told at its making, as far as NS may see it.
struct Configuration {
  bool read = false;  // once a boot, at first use
  bool good = false;
  wire::Configuration parsed;  // points into `message`
  ByteArray<wire::Configuration::kMaxEncoded> message = {};
};

struct State {
  bool started = false;
  // Whose request is being served; the PSA core draws from this client's DRBG.
  // (Zero until Start(), so that none of this takes room in flash.)
  Client current = kNonSecure;
  Drbg drbg[kClients];  // the partition's own at its own index
  Keyring keyring;
  // A TLS handshake of the NSPE holds two hashes and a clone, one derivation.
  Operations<psa_hash_operation_t, 9, 6, 1> hashes;
  // The one that NS cannot have is for all partitions, of which none uses it
  // today: they compute with lib/crypto.
  static constexpr std::size_t kMaxDerivations = 2;
  Operations<KeyedOperation, 5, 4, 1> keyed;

  auto Open(Client client, KeyedOperation::Kind kind)
      -> decltype(keyed.Open(client));
  // nullptr unless it is a live handle of this client's and of this kind.
  KeyedOperation* Find(Client client, std::uint32_t handle,
                       KeyedOperation::Kind kind);

  spm::BootData boot = {};
  Configuration configuration;
  // Public halves of the device's keys, computed once a boot: five million
  // instructions each.
  struct PublicKey {
    psa_key_id_t id = 0;
    crypto::P256Public key;
  } public_keys[3];
};
extern State state;

// Sid::kCrypto and Sid::kIdentity.
psa_status_t ServeCrypto(Client client, spm::Message& message);
psa_status_t ServeIdentity(spm::Message& message);

// Reads and verifies the configuration in NV and makes the bootstrap key, the
// first time; not at the start, because a signature costs millions of
// instructions. Without one, or with one that is refused (false), the device
// works but knows no server; an event says which.
bool LoadConfiguration();

}  // namespace cai::crypto_partition
