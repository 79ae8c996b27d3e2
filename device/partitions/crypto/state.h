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

struct State {
  bool started = false;
  // Whose request is being served; the PSA core draws from this client's DRBG.
  // (Zero until Start(), so that none of this takes room in flash.)
  Client current = kNonSecure;
  Drbg drbg[kClients];  // the partition's own at its own index
  Keyring keyring;
  // A TLS handshake of the NSPE holds two hashes and a clone, one derivation.
  Operations<psa_hash_operation_t, 10, 6, 2> hashes;
  Operations<psa_key_derivation_operation_t, 4, 2, 1> derivations;
  spm::BootData boot = {};
  // The part of the configuration that NS may see; empty: there is none.
  ByteArray<wire::Configuration::kMaxPayload> configuration_buffer = {};
  Bytes configuration;
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

// Reads and verifies the configuration in NV, keeps its public part for NS and
// makes the bootstrap key. Without one, or with one that is refused, the device
// works but knows no server; an event says which.
void LoadConfiguration();

}  // namespace cai::crypto_partition
