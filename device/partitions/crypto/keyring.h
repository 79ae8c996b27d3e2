// Which key a client means, and how many it may have. A client names its own
// keys by the PSA core's identifiers, and the device's keys by those of
// device/spm/services.h if it is their owner; every other number means nothing.
#pragma once

#include "device/partitions/crypto/clients.h"
#include "lib/base/bytes.h"
#include "psa/crypto.h"

namespace cai::crypto_partition {

// Keys at a time. With the device's own and two in passing they fit into the
// PSA core's slots (config_secure.h), so that no quota is ever an empty
// promise.
constexpr std::uint8_t kMaxNonSecureKeys = 12;
constexpr std::uint8_t kMaxSecureKeys = 3;

enum class FixedUse : std::uint8_t {
  kSignHash,  // ES256 over a hash (RFC 6979 nonces) and nothing else
  kAgree,     // ECDH and nothing else
};

class Keyring {
 public:
  // A P-256 scalar as the device's key `id` of `owner`; never exportable.
  psa_status_t AddFixed(psa_key_id_t id, Client owner, FixedUse use,
                        std::span<const std::byte, 32> scalar);

  // The PSA core's name of a client's key; PSA_ERROR_INVALID_HANDLE for all
  // that is not the client's.
  psa_status_t Resolve(Client client, psa_key_id_t id,
                       mbedtls_svc_key_id_t& key) const;

  // Of a device key for the partition's own use (CSR, public keys).
  psa_status_t ResolveFixed(psa_key_id_t id, mbedtls_svc_key_id_t& key) const;

  static bool IsFixed(psa_key_id_t id) {
    return id >= MBEDTLS_PSA_KEY_ID_BUILTIN_MIN &&
           id <= MBEDTLS_PSA_KEY_ID_BUILTIN_MAX;
  }

  // Before a volatile key is made: PSA_ERROR_INSUFFICIENT_MEMORY if the client
  // has all that it may have. After: count it, and uncount it when it is
  // destroyed.
  psa_status_t CheckQuota(Client client) const;
  void Made(Client client) { ++made_[client]; }
  void Destroyed(Client client) { --made_[client]; }

 private:
  static constexpr std::size_t kMaxFixed = 5;
  struct Fixed {
    psa_key_id_t id;
    Client owner;
    mbedtls_svc_key_id_t key;
  };

  const Fixed* Find(psa_key_id_t id) const;

  Fixed fixed_[kMaxFixed] = {};
  std::size_t fixed_count_ = 0;
  std::uint8_t made_[kClients] = {};
};

}  // namespace cai::crypto_partition
