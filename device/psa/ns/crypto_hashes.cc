// PSA Crypto for the NSPE: hashes.
#include "device/psa/ns/crypto_call.h"

namespace cai::psa_ns {
namespace {

constexpr std::size_t kMaxHash = 48;  // SHA-384

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

int psa_can_do_hash(psa_algorithm_t hash_alg) {
  return hash_alg == PSA_ALG_SHA_256 || hash_alg == PSA_ALG_SHA_384;
}

psa_status_t psa_hash_compute(psa_algorithm_t alg, const uint8_t* input,
                              size_t input_length, uint8_t* hash,
                              size_t hash_size, size_t* hash_length) {
  *hash_length = 0;
  if (input_length > api::kMaxData)
    return HashLong(alg, input, input_length, hash, hash_size, hash_length);
  const api::AlgorithmRequest request{alg};
  return Call(Op::kHashCompute, {In(request), {input, input_length}}, hash,
              Small(hash_size), hash_length);
}

psa_status_t psa_hash_compare(psa_algorithm_t alg, const uint8_t* input,
                              size_t input_length, const uint8_t* hash,
                              size_t hash_length) {
  uint8_t actual[kMaxHash];
  size_t actual_length = 0;
  const psa_status_t status = psa_hash_compute(alg, input, input_length, actual,
                                               sizeof(actual), &actual_length);
  return status == PSA_SUCCESS
             ? Compare(actual, actual_length, hash, hash_length)
             : status;
}

psa_status_t psa_hash_setup(psa_hash_operation_t* operation,
                            psa_algorithm_t alg) {
  return Open(operation, Op::kHashSetup, api::AlgorithmRequest{alg});
}

psa_status_t psa_hash_update(psa_hash_operation_t* operation,
                             const uint8_t* input, size_t input_length) {
  return Update(operation, Op::kHashUpdate, input, input_length);
}

psa_status_t psa_hash_finish(psa_hash_operation_t* operation, uint8_t* hash,
                             size_t hash_size, size_t* hash_length) {
  *hash_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Finished(operation, Call(Op::kHashFinish, {In(request)}, hash,
                                  Small(hash_size), hash_length));
}

psa_status_t psa_hash_verify(psa_hash_operation_t* operation,
                             const uint8_t* hash, size_t hash_length) {
  uint8_t actual[kMaxHash];
  size_t actual_length = 0;
  const psa_status_t status =
      psa_hash_finish(operation, actual, sizeof(actual), &actual_length);
  return status == PSA_SUCCESS
             ? Compare(actual, actual_length, hash, hash_length)
             : status;
}

psa_status_t psa_hash_abort(psa_hash_operation_t* operation) {
  return Abort(operation, Op::kHashAbort);
}

// No hash pauses. As after every error, the operation is to be aborted.
psa_status_t psa_hash_suspend(psa_hash_operation_t* operation, uint8_t*, size_t,
                              size_t* hash_state_length) {
  *hash_state_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  const psa_status_t status = Call(Op::kHashAbort, {In(request)});
  return status == PSA_SUCCESS ? PSA_ERROR_NOT_SUPPORTED : status;
}

psa_status_t psa_hash_resume(psa_hash_operation_t* operation, const uint8_t*,
                             size_t) {
  return operation->handle == 0 ? PSA_ERROR_NOT_SUPPORTED : PSA_ERROR_BAD_STATE;
}

psa_status_t psa_hash_clone(const psa_hash_operation_t* source_operation,
                            psa_hash_operation_t* target_operation) {
  if (source_operation->handle == 0) return PSA_ERROR_BAD_STATE;
  return Open(target_operation, Op::kHashClone,
              api::HandleRequest{source_operation->handle});
}

}  // extern "C"
