// The PSA Crypto API of the NSPE: every function is one call to the crypto
// partition (or a few, where data is longer than its vector area). Keys, hashes
// in progress and derivations live there; here are numbers.
#include "psa/crypto.h"

#include "device/partitions/crypto/api.h"
#include "device/psa/ns/service.h"

namespace cai::psa_ns {
namespace {

namespace api = crypto_api;
using api::Op;

// Of hash input in one call; the partition's area holds it with its request.
constexpr std::size_t kMaxChunk = 4096;
// No key, hash, MAC or signature of ours is larger. A caller's larger buffer is
// offered only so far, or the SPM would refuse it.
constexpr std::size_t kMaxSmall = 256;

std::size_t Small(std::size_t room) {
  return room < kMaxSmall ? room : kMaxSmall;
}

template <std::size_t kIns>
psa_status_t Call(Op op, const psa_invec (&in)[kIns]) {
  return psa_ns::Call(spm::Sid::kCrypto, static_cast<std::int32_t>(op), in);
}
template <std::size_t kIns>
psa_status_t Call(Op op, const psa_invec (&in)[kIns], void* out,
                  std::size_t room, std::size_t* size) {
  return psa_ns::Call(spm::Sid::kCrypto, static_cast<std::int32_t>(op), in, out,
                      room, size);
}
// For results of one fixed size.
template <typename T, std::size_t kIns>
psa_status_t CallFor(Op op, const psa_invec (&in)[kIns], T* value) {
  std::size_t size = 0;
  const psa_status_t status = Call(op, in, value, sizeof(T), &size);
  if (status != PSA_SUCCESS) return status;
  return size == sizeof(T) ? PSA_SUCCESS : PSA_ERROR_COMMUNICATION_FAILURE;
}

api::KeyAttributes Pack(const psa_key_attributes_t* from) {
  return {.type = psa_get_key_type(from),
          .bits = static_cast<std::uint32_t>(psa_get_key_bits(from)),
          .lifetime = psa_get_key_lifetime(from),
          .usage = psa_get_key_usage_flags(from),
          .algorithm = psa_get_key_algorithm(from),
          .key = psa_get_key_id(from)};
}

void Unpack(const api::KeyAttributes& from, psa_key_attributes_t* to) {
  *to = psa_key_attributes_init();
  if (from.key != 0) psa_set_key_id(to, from.key);
  psa_set_key_lifetime(to, from.lifetime);
  psa_set_key_type(to, static_cast<psa_key_type_t>(from.type));
  psa_set_key_bits(to, from.bits);
  psa_set_key_usage_flags(to, from.usage);
  psa_set_key_algorithm(to, from.algorithm);
}

psa_status_t UpdateHash(std::uint32_t handle, const std::uint8_t* input,
                        std::size_t size) {
  const api::HandleRequest request{handle};
  do {
    const std::size_t chunk = size < kMaxChunk ? size : kMaxChunk;
    const psa_status_t status =
        Call(Op::kHashUpdate, {In(request), {input, chunk}});
    if (status != PSA_SUCCESS) return status;
    input += chunk;
    size -= chunk;
  } while (size > 0);
  return PSA_SUCCESS;
}

psa_status_t HashLong(psa_algorithm_t algorithm, const std::uint8_t* input,
                      std::size_t size, std::uint8_t* hash, std::size_t room,
                      std::size_t* length) {
  psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
  psa_status_t status = psa_hash_setup(&operation, algorithm);
  if (status == PSA_SUCCESS) status = psa_hash_update(&operation, input, size);
  if (status == PSA_SUCCESS)
    status = psa_hash_finish(&operation, hash, room, length);
  psa_hash_abort(&operation);
  return status;
}

// Reveals by its time no more than the length.
psa_status_t Compare(const std::uint8_t* a, std::size_t a_size,
                     const std::uint8_t* b, std::size_t b_size) {
  if (a_size != b_size) return PSA_ERROR_INVALID_SIGNATURE;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a_size; ++i) difference |= a[i] ^ b[i];
  return difference == 0 ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE;
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai::psa_ns;

extern "C" {

// The partition started before the NSPE did; there is nothing to do here.
psa_status_t psa_crypto_init(void) { return PSA_SUCCESS; }

psa_status_t psa_generate_random(uint8_t* output, size_t output_size) {
  for (size_t at = 0; at < output_size; at += kMaxChunk) {
    const size_t rest = output_size - at;
    psa_outvec out = {output + at, rest < kMaxChunk ? rest : kMaxChunk};
    const psa_status_t status =
        psa_call(CAI_PSA_HANDLE(static_cast<int32_t>(cai::spm::Sid::kCrypto)),
                 static_cast<int32_t>(Op::kRandom), nullptr, 0, &out, 1);
    if (status != PSA_SUCCESS) return status;
  }
  return PSA_SUCCESS;
}

// ---- Keys -------------------------------------------------------------------

psa_status_t psa_import_key(const psa_key_attributes_t* attributes,
                            const uint8_t* data, size_t data_length,
                            psa_key_id_t* key) {
  *key = 0;
  const api::KeyAttributes request = Pack(attributes);
  return CallFor(Op::kImportKey, {In(request), {data, data_length}}, key);
}

psa_status_t psa_generate_key(const psa_key_attributes_t* attributes,
                              psa_key_id_t* key) {
  *key = 0;
  const api::KeyAttributes request = Pack(attributes);
  return CallFor(Op::kGenerateKey, {In(request)}, key);
}

psa_status_t psa_copy_key(psa_key_id_t source_key,
                          const psa_key_attributes_t* attributes,
                          psa_key_id_t* target_key) {
  *target_key = 0;
  const api::CopyRequest request{source_key, Pack(attributes)};
  return CallFor(Op::kCopyKey, {In(request)}, target_key);
}

psa_status_t psa_destroy_key(psa_key_id_t key) {
  const api::KeyRequest request{key, 0};
  return Call(Op::kDestroyKey, {In(request)});
}

// All keys live in RAM; there is no copy to purge.
psa_status_t psa_purge_key(psa_key_id_t key) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  return psa_get_key_attributes(key, &attributes);
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

// ---- Hashes -----------------------------------------------------------------

int psa_can_do_hash(psa_algorithm_t hash_alg) {
  return hash_alg == PSA_ALG_SHA_256 || hash_alg == PSA_ALG_SHA_384;
}

psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t* input,
                              size_t input_length, uint8_t* hash,
                              size_t hash_size, size_t* hash_length) {
  *hash_length = 0;
  if (input_length > kMaxChunk)
    return HashLong(alg, input, input_length, hash, hash_size, hash_length);
  const api::AlgorithmRequest request{alg};
  return Call(Op::kHashCompute, {In(request), {input, input_length}}, hash,
              Small(hash_size), hash_length);
}

psa_status_t psa_hash_compare(psa_algorithm_t alg, const uint8_t* input,
                              size_t input_length, const uint8_t* hash,
                              size_t hash_length) {
  uint8_t actual[64];
  size_t actual_length = 0;
  const psa_status_t status = psa_hash_compute(alg, input, input_length, actual,
                                               sizeof(actual), &actual_length);
  return status == PSA_SUCCESS
             ? Compare(actual, actual_length, hash, hash_length)
             : status;
}

psa_status_t psa_hash_setup(psa_hash_operation_t* operation,
                            psa_algorithm_t alg) {
  if (operation->handle != 0) return PSA_ERROR_BAD_STATE;
  const api::AlgorithmRequest request{alg};
  return CallFor(Op::kHashSetup, {In(request)}, &operation->handle);
}

psa_status_t psa_hash_update(psa_hash_operation_t* operation,
                             const uint8_t* input, size_t input_length) {
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  return UpdateHash(operation->handle, input, input_length);
}

psa_status_t psa_hash_finish(psa_hash_operation_t* operation, uint8_t* hash,
                             size_t hash_size, size_t* hash_length) {
  *hash_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  const psa_status_t status =
      Call(Op::kHashFinish, {In(request)}, hash, Small(hash_size), hash_length);
  if (status == PSA_SUCCESS) operation->handle = 0;
  return status;
}

psa_status_t psa_hash_verify(psa_hash_operation_t* operation,
                             const uint8_t* hash, size_t hash_length) {
  uint8_t actual[64];
  size_t actual_length = 0;
  const psa_status_t status =
      psa_hash_finish(operation, actual, sizeof(actual), &actual_length);
  return status == PSA_SUCCESS
             ? Compare(actual, actual_length, hash, hash_length)
             : status;
}

psa_status_t psa_hash_abort(psa_hash_operation_t* operation) {
  if (operation->handle == 0) return PSA_SUCCESS;
  const api::HandleRequest request{operation->handle};
  operation->handle = 0;
  return Call(Op::kHashAbort, {In(request)});
}

psa_status_t psa_hash_clone(const psa_hash_operation_t* source_operation,
                            psa_hash_operation_t* target_operation) {
  if (source_operation->handle == 0 || target_operation->handle != 0)
    return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{source_operation->handle};
  return CallFor(Op::kHashClone, {In(request)}, &target_operation->handle);
}

// ---- MACs, AEADs, signatures, agreement -------------------------------------

psa_status_t psa_mac_compute(psa_key_id_t key, psa_algorithm_t alg,
                             const uint8_t* input, size_t input_length,
                             uint8_t* mac, size_t mac_size,
                             size_t* mac_length) {
  const api::KeyRequest request{key, alg};
  return Call(Op::kMacCompute, {In(request), {input, input_length}}, mac,
              Small(mac_size), mac_length);
}

psa_status_t psa_mac_verify(psa_key_id_t key, psa_algorithm_t alg,
                            const uint8_t* input, size_t input_length,
                            const uint8_t* mac, size_t mac_length) {
  const api::KeyRequest request{key, alg};
  return Call(Op::kMacVerify,
              {In(request), {input, input_length}, {mac, mac_length}});
}

}  // extern "C"

namespace cai::psa_ns {
namespace {

// Offers no more room than the result can take.
psa_status_t Aead(Op op, psa_key_id_t key, psa_algorithm_t alg,
                  const std::uint8_t* nonce, std::size_t nonce_length,
                  const psa_invec& aad, const psa_invec& input,
                  std::uint8_t* output, std::size_t room, std::size_t* length) {
  *length = 0;
  api::AeadRequest request{
      key, alg, static_cast<std::uint32_t>(nonce_length), {}};
  if (nonce_length > api::kMaxNonce) return PSA_ERROR_INVALID_ARGUMENT;
  for (std::size_t i = 0; i < nonce_length; ++i) request.nonce[i] = nonce[i];
  constexpr std::size_t kTag = 16;
  if (room > input.len + kTag) room = input.len + kTag;
  return Call(op, {In(request), aad, input}, output, room, length);
}

}  // namespace
}  // namespace cai::psa_ns

extern "C" {

psa_status_t psa_aead_encrypt(psa_key_id_t key, psa_algorithm_t alg,
                              const uint8_t* nonce, size_t nonce_length,
                              const uint8_t* additional_data,
                              size_t additional_data_length,
                              const uint8_t* plaintext, size_t plaintext_length,
                              uint8_t* ciphertext, size_t ciphertext_size,
                              size_t* ciphertext_length) {
  return Aead(Op::kAeadEncrypt, key, alg, nonce, nonce_length,
              {additional_data, additional_data_length},
              {plaintext, plaintext_length}, ciphertext, ciphertext_size,
              ciphertext_length);
}

psa_status_t psa_aead_decrypt(psa_key_id_t key, psa_algorithm_t alg,
                              const uint8_t* nonce, size_t nonce_length,
                              const uint8_t* additional_data,
                              size_t additional_data_length,
                              const uint8_t* ciphertext,
                              size_t ciphertext_length, uint8_t* plaintext,
                              size_t plaintext_size, size_t* plaintext_length) {
  return Aead(Op::kAeadDecrypt, key, alg, nonce, nonce_length,
              {additional_data, additional_data_length},
              {ciphertext, ciphertext_length}, plaintext, plaintext_size,
              plaintext_length);
}

psa_status_t psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg,
                           const uint8_t* hash, size_t hash_length,
                           uint8_t* signature, size_t signature_size,
                           size_t* signature_length) {
  const api::KeyRequest request{key, alg};
  return Call(Op::kSignHash, {In(request), {hash, hash_length}}, signature,
              Small(signature_size), signature_length);
}

psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg,
                             const uint8_t* hash, size_t hash_length,
                             const uint8_t* signature,
                             size_t signature_length) {
  const api::KeyRequest request{key, alg};
  return Call(
      Op::kVerifyHash,
      {In(request), {hash, hash_length}, {signature, signature_length}});
}

psa_status_t psa_raw_key_agreement(psa_algorithm_t alg,
                                   psa_key_id_t private_key,
                                   const uint8_t* peer_key,
                                   size_t peer_key_length, uint8_t* output,
                                   size_t output_size, size_t* output_length) {
  const api::KeyRequest request{private_key, alg};
  return Call(Op::kRawKeyAgreement, {In(request), {peer_key, peer_key_length}},
              output, Small(output_size), output_length);
}

// ---- Key derivation ---------------------------------------------------------

psa_status_t psa_key_derivation_setup(psa_key_derivation_operation_t* operation,
                                      psa_algorithm_t alg) {
  if (operation->handle != 0) return PSA_ERROR_BAD_STATE;
  const api::AlgorithmRequest request{alg};
  return CallFor(Op::kDerivationSetup, {In(request)}, &operation->handle);
}

psa_status_t psa_key_derivation_get_capacity(
    const psa_key_derivation_operation_t* operation, size_t* capacity) {
  *capacity = 0;
  const api::HandleRequest request{operation->handle};
  uint32_t reply = 0;
  const psa_status_t status =
      CallFor(Op::kDerivationGetCapacity, {In(request)}, &reply);
  *capacity = reply;
  return status;
}

psa_status_t psa_key_derivation_set_capacity(
    psa_key_derivation_operation_t* operation, size_t capacity) {
  const api::CapacityRequest request{operation->handle,
                                     static_cast<uint32_t>(capacity)};
  return Call(Op::kDerivationSetCapacity, {In(request)});
}

psa_status_t psa_key_derivation_input_bytes(
    psa_key_derivation_operation_t* operation, psa_key_derivation_step_t step,
    const uint8_t* data, size_t data_length) {
  const api::StepRequest request{operation->handle, step, 0};
  return Call(Op::kDerivationInputBytes, {In(request), {data, data_length}});
}

psa_status_t psa_key_derivation_input_key(
    psa_key_derivation_operation_t* operation, psa_key_derivation_step_t step,
    psa_key_id_t key) {
  const api::StepRequest request{operation->handle, step, key};
  return Call(Op::kDerivationInputKey, {In(request)});
}

psa_status_t psa_key_derivation_key_agreement(
    psa_key_derivation_operation_t* operation, psa_key_derivation_step_t step,
    psa_key_id_t private_key, const uint8_t* peer_key, size_t peer_key_length) {
  const api::StepRequest request{operation->handle, step, private_key};
  return Call(Op::kDerivationKeyAgreement,
              {In(request), {peer_key, peer_key_length}});
}

psa_status_t psa_key_derivation_output_bytes(
    psa_key_derivation_operation_t* operation, uint8_t* output,
    size_t output_length) {
  const api::HandleRequest request{operation->handle};
  size_t size = 0;
  return Call(Op::kDerivationOutputBytes, {In(request)}, output, output_length,
              &size);
}

psa_status_t psa_key_derivation_output_key(
    const psa_key_attributes_t* attributes,
    psa_key_derivation_operation_t* operation, psa_key_id_t* key) {
  *key = 0;
  const api::OutputKeyRequest request{operation->handle, Pack(attributes)};
  return CallFor(Op::kDerivationOutputKey, {In(request)}, key);
}

psa_status_t psa_key_derivation_abort(
    psa_key_derivation_operation_t* operation) {
  if (operation->handle == 0) return PSA_SUCCESS;
  const api::HandleRequest request{operation->handle};
  operation->handle = 0;
  return Call(Op::kDerivationAbort, {In(request)});
}

}  // extern "C"
