// What the crypto partition keeps in RAM; made by Start(), used by the servers.
#pragma once

#include "device/partitions/crypto/clients.h"
#include "device/partitions/crypto/drbg.h"
#include "device/partitions/crypto/keyring.h"
#include "device/spm/partition.h"
#include "lib/base/result.h"

namespace cai::crypto_partition {

// Events of this partition (spm::Event).
enum class Event : std::uint16_t {
  kNoConfiguration = 1,  // argument: the Error
  kKeyFailed = 2,        // argument: the key's id
  kEntropyFailed = 3,    // argument: the Error
  kDepositFailed = 4,    // argument: the partition
};
inline void Report(Event event, std::uint32_t argument) {
  spm::Event(static_cast<std::uint16_t>(event), argument);
}

struct State {
  bool started = false;
  // Whose request is being served; the PSA core draws from this client's DRBG.
  Client current = static_cast<Client>(spm::PartitionId::kCrypto);
  Drbg drbg[kClients];  // the partition's own at its own index
  Keyring keyring;
  spm::BootData boot = {};
};
extern State state;

// Sid::kCrypto and Sid::kIdentity.
psa_status_t ServeCrypto(Client client, spm::Message& message);
psa_status_t ServeIdentity(spm::Message& message);

// Reads and verifies the configuration in NV, keeps its public part for NS and
// makes the bootstrap key. Without one the device works but knows no server.
Status LoadConfiguration();

}  // namespace cai::crypto_partition
