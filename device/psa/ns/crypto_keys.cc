// PSA Crypto for the NSPE: initialisation, keys and random numbers.
#include "device/psa/ns/crypto_call.h"

namespace cai::psa_ns {
namespace {

void Unpack(const api::KeyAttributes& from, psa_key_attributes_t* to) {
  *to = psa_key_attributes_init();
  if (from.key != 0) psa_set_key_id(to, from.key);
  // Of a volatile key this takes the number away again, as specified.
  psa_set_key_lifetime(to, from.lifetime);
  psa_set_key_type(to, static_cast<psa_key_type_t>(from.type));
  psa_set_key_bits(to, from.bits);
  psa_set_key_usage_flags(to, from.usage);
  psa_set_key_algorithm(to, from.algorithm);
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai::psa_ns;

extern "C" {

// The partition started before the NSPE did, and goes on without it; there is
// nothing to do here.
psa_status_t psa_crypto_init(void) { return PSA_SUCCESS; }
void mbedtls_psa_crypto_free(void) {}

psa_status_t psa_generate_random(uint8_t* output, size_t output_size) {
  for (size_t at = 0; at < output_size; at += api::kMaxData) {
    const size_t rest = output_size - at;
    psa_outvec out = {output + at, rest < api::kMaxData ? rest : api::kMaxData};
    const psa_status_t status =
        psa_call(CAI_PSA_HANDLE(static_cast<int32_t>(cai::spm::Sid::kCrypto)),
                 static_cast<int32_t>(Op::kRandom), nullptr, 0, &out, 1);
    if (status != PSA_SUCCESS) return status;
  }
  return PSA_SUCCESS;
}

psa_status_t psa_import_key(const psa_key_attributes_t* attributes,
                            const uint8_t* data, size_t data_length,
                            psa_key_id_t* key) {
  *key = 0;
  // No key is as large as this; the partition refuses the smaller ones.
  if (data_length > api::kMaxData) return PSA_ERROR_NOT_SUPPORTED;
  const api::KeyAttributes request = Pack(attributes);
  return MakeKey(Op::kImportKey, attributes, {In(request), {data, data_length}},
                 key);
}

psa_status_t psa_generate_key(const psa_key_attributes_t* attributes,
                              psa_key_id_t* key) {
  const api::KeyAttributes request = Pack(attributes);
  return MakeKey(Op::kGenerateKey, attributes, {In(request)}, key);
}

psa_status_t psa_copy_key(psa_key_id_t source_key,
                          const psa_key_attributes_t* attributes,
                          psa_key_id_t* target_key) {
  const api::CopyRequest request{source_key, Pack(attributes)};
  return MakeKey(Op::kCopyKey, attributes, {In(request)}, target_key);
}

psa_status_t psa_destroy_key(psa_key_id_t key) {
  const api::KeyRequest request{key, 0};
  return Call(Op::kDestroyKey, {In(request)});
}

psa_status_t psa_purge_key(psa_key_id_t key) {
  const api::KeyRequest request{key, 0};
  return Call(Op::kPurgeKey, {In(request)});
}

// Of PSA Crypto before 1.0, which some callers still use: a key is open as long
// as it exists, and its handle is its number.
psa_status_t psa_open_key(psa_key_id_t key, psa_key_handle_t* handle) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  const psa_status_t status = psa_get_key_attributes(key, &attributes);
  *handle = status == PSA_SUCCESS ? key : 0;
  return status == PSA_ERROR_INVALID_HANDLE ? PSA_ERROR_DOES_NOT_EXIST : status;
}
psa_status_t psa_close_key(psa_key_handle_t handle) {
  return handle == 0 ? PSA_SUCCESS : psa_purge_key(handle);
}

psa_status_t psa_export_key(psa_key_id_t key, uint8_t* data, size_t data_size,
                            size_t* data_length) {
  const api::KeyRequest request{key, 0};
  return Call(Op::kExportKey, {In(request)}, data, Small(data_size),
              data_length);
}

psa_status_t psa_export_public_key(psa_key_id_t key, uint8_t* data,
                                   size_t data_size, size_t* data_length) {
  const api::KeyRequest request{key, 0};
  return Call(Op::kExportPublicKey, {In(request)}, data, Small(data_size),
              data_length);
}

psa_status_t psa_get_key_attributes(psa_key_id_t key,
                                    psa_key_attributes_t* attributes) {
  const api::KeyRequest request{key, 0};
  api::KeyAttributes reply = {};
  const psa_status_t status =
      CallFor(Op::kGetKeyAttributes, {In(request)}, &reply);
  if (status == PSA_SUCCESS) {
    Unpack(reply, attributes);
  } else {
    psa_reset_key_attributes(attributes);
  }
  return status;
}

}  // extern "C"
