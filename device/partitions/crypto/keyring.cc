#include "device/partitions/crypto/keyring.h"

namespace cai::crypto_partition {
namespace {

// Inside of the core the device's keys belong to nobody who can call, so that
// their volatile identifiers open nothing.
constexpr std::int32_t kDeviceOwner = 0x7fffffff;

}  // namespace

psa_status_t Keyring::AddFixed(psa_key_id_t id, Client owner, FixedUse use,
                               std::span<const std::byte, 32> scalar) {
  if (fixed_count_ == kMaxFixed || !IsFixed(id) || Find(id) != nullptr)
    return PSA_ERROR_ALREADY_EXISTS;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  mbedtls_set_key_owner_id(&attributes, kDeviceOwner);
  psa_set_key_type(&attributes,
                   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
  if (use == FixedUse::kSignHash) {
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes,
                          PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256));
  } else {
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
  }
  mbedtls_svc_key_id_t key;
  const psa_status_t status =
      psa_import_key(&attributes, AsU8(scalar), scalar.size(), &key);
  if (status == PSA_SUCCESS) fixed_[fixed_count_++] = {id, owner, key};
  return status;
}

const Keyring::Fixed* Keyring::Find(psa_key_id_t id) const {
  for (std::size_t i = 0; i < fixed_count_; ++i)
    if (fixed_[i].id == id) return &fixed_[i];
  return nullptr;
}

psa_status_t Keyring::Resolve(Client client, psa_key_id_t id,
                              mbedtls_svc_key_id_t& key) const {
  if (IsFixed(id)) {
    const Fixed* fixed = Find(id);
    if (fixed == nullptr || fixed->owner != client)
      return PSA_ERROR_INVALID_HANDLE;
    key = fixed->key;
    return PSA_SUCCESS;
  }
  if (id == 0) return PSA_ERROR_INVALID_HANDLE;
  // The core compares the owner, too: another client's number finds no key.
  key = mbedtls_svc_key_id_make(OwnerOf(client), id);
  return PSA_SUCCESS;
}

psa_status_t Keyring::ResolveFixed(psa_key_id_t id,
                                   mbedtls_svc_key_id_t& key) const {
  const Fixed* fixed = Find(id);
  if (fixed == nullptr) return PSA_ERROR_DOES_NOT_EXIST;
  key = fixed->key;
  return PSA_SUCCESS;
}

psa_status_t Keyring::CheckQuota(Client client) const {
  const std::uint8_t most =
      client == kNonSecure ? kMaxNonSecureKeys : kMaxSecureKeys;
  return made_[client] < most ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_MEMORY;
}

}  // namespace cai::crypto_partition
