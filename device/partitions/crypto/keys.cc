// Keys: made, shown and destroyed under their client's name and quota.
#include "device/partitions/crypto/handlers.h"
#include "device/partitions/crypto/key_storage.h"

namespace cai::crypto_partition {
namespace {

// What the PSA core shall know of a key that the client makes. Sizes that no
// key has become the one value that the core refuses.
void ToPsa(Client client, const api::KeyAttributes& from,
           psa_key_attributes_t& to) {
  const bool sane = from.bits <= PSA_MAX_KEY_BITS && from.type <= UINT16_MAX;
  mbedtls_set_key_owner_id(&to, OwnerOf(client));
  if (from.key != 0)
    psa_set_key_id(&to, mbedtls_svc_key_id_make(OwnerOf(client), from.key));
  psa_set_key_lifetime(&to, from.lifetime);
  psa_set_key_type(&to, static_cast<psa_key_type_t>(from.type));
  psa_set_key_bits(&to, sane ? from.bits : PSA_KEY_BITS_TOO_LARGE);
  psa_set_key_usage_flags(&to, from.usage);
  psa_set_key_algorithm(&to, from.algorithm);
}

// Volatile keys count against the client's quota, persistent ones against the
// storage partition's. The partitions keep what must last in ITS themselves.
psa_status_t CheckRoom(Client client, const api::KeyAttributes& wanted) {
  if (PSA_KEY_LIFETIME_IS_VOLATILE(wanted.lifetime))
    return state.keyring.CheckQuota(client);
  return client == kNonSecure ? PSA_SUCCESS : PSA_ERROR_NOT_SUPPORTED;
}

}  // namespace

psa_status_t MakeKeyBy(const Call& call, const api::KeyAttributes& wanted,
                       KeyMaker make, void* context) {
  if (call.room() < sizeof(std::uint32_t)) return PSA_ERROR_BUFFER_TOO_SMALL;
  psa_status_t status = CheckRoom(call.client, wanted);
  if (status != PSA_SUCCESS) return status;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  ToPsa(call.client, wanted, attributes);
  mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;
  status = AsStored(make(context, attributes, key));
  if (status != PSA_SUCCESS) return status;
  if (PSA_KEY_LIFETIME_IS_VOLATILE(wanted.lifetime))
    state.keyring.Made(call.client);
  return call.Reply<std::uint32_t>(MBEDTLS_SVC_KEY_ID_GET_KEY_ID(key));
}

psa_status_t ImportKey(Call call, const api::KeyAttributes& wanted) {
  return MakeKey(call, wanted, [&](auto& attributes, auto& key) {
    return psa_import_key(&attributes, call.in(1), call.in_size(1), &key);
  });
}

psa_status_t GenerateKey(Call call, const api::KeyAttributes& wanted) {
  return MakeKey(call, wanted, [&](auto& attributes, auto& key) {
    return psa_generate_key(&attributes, &key);
  });
}

psa_status_t CopyKey(Call call, const api::CopyRequest& request) {
  mbedtls_svc_key_id_t source;
  const psa_status_t status = call.Resolve(request.source, source);
  if (status != PSA_SUCCESS) return status;
  // The device's keys exist once, under one owner and one policy.
  if (Keyring::IsFixed(request.source)) return PSA_ERROR_NOT_PERMITTED;
  return MakeKey(call, request.attributes, [&](auto& attributes, auto& key) {
    return psa_copy_key(source, &attributes, &key);
  });
}

psa_status_t DestroyKey(Call call, const api::KeyRequest& request) {
  if (request.key == 0) return PSA_SUCCESS;
  mbedtls_svc_key_id_t key;
  psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  if (Keyring::IsFixed(request.key)) return PSA_ERROR_NOT_PERMITTED;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  status = psa_get_key_attributes(key, &attributes);
  if (status != PSA_SUCCESS) return status;
  status = AsStored(psa_destroy_key(key));
  if (status == PSA_SUCCESS &&
      PSA_KEY_LIFETIME_IS_VOLATILE(psa_get_key_lifetime(&attributes)))
    state.keyring.Destroyed(call.client);
  return status;
}

// The core keeps a persistent key in a slot after its use; here it forgets it.
// (By itself it takes a key that is not in a slot for one that does not exist.)
psa_status_t PurgeKey(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_status_t status = call.Resolve(request.key, key);
  if (status == PSA_SUCCESS) status = psa_get_key_attributes(key, &attributes);
  return status == PSA_SUCCESS ? psa_purge_key(key) : status;
}

psa_status_t ExportKey(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_export_key(key, call.out(), call.room(), call.out_size());
}

psa_status_t ExportPublicKey(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_export_public_key(key, call.out(), call.room(), call.out_size());
}

// The device's signing keys are shown with the algorithm that TLS asks for:
// what they do, ECDSA with derived nonces, is an ECDSA.
psa_status_t GetKeyAttributes(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  status = psa_get_key_attributes(key, &attributes);
  if (status != PSA_SUCCESS) return status;

  psa_algorithm_t algorithm = psa_get_key_algorithm(&attributes);
  if (Keyring::IsFixed(request.key) &&
      algorithm == PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256))
    algorithm = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
  return call.Reply(api::KeyAttributes{
      .type = psa_get_key_type(&attributes),
      .bits = static_cast<std::uint32_t>(psa_get_key_bits(&attributes)),
      .lifetime = psa_get_key_lifetime(&attributes),
      .usage = psa_get_key_usage_flags(&attributes),
      .algorithm = algorithm,
      .key = request.key});
}

psa_status_t Random(Call call) {
  if (call.message.in_count != 0 || call.message.out_count != 1)
    return PSA_ERROR_PROGRAMMER_ERROR;
  state.drbg[call.client].Generate(call.message.out[0]);
  *call.out_size() = call.room();
  return PSA_SUCCESS;
}

}  // namespace cai::crypto_partition
