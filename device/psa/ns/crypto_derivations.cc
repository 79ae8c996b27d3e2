// PSA Crypto for the NSPE: key derivation.
#include "device/psa/ns/crypto_call.h"

using namespace cai::psa_ns;

extern "C" {

psa_status_t psa_key_derivation_setup(psa_key_derivation_operation_t* operation,
                                      psa_algorithm_t alg) {
  return Open(operation, Op::kDerivationSetup, api::AlgorithmRequest{alg});
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

// No algorithm that is built in takes a number (PBKDF2 would).
psa_status_t psa_key_derivation_input_integer(
    psa_key_derivation_operation_t* operation, psa_key_derivation_step_t,
    uint64_t) {
  size_t capacity = 0;
  const psa_status_t status =
      psa_key_derivation_get_capacity(operation, &capacity);
  return status == PSA_SUCCESS ? PSA_ERROR_INVALID_ARGUMENT : status;
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

// All or nothing: what is more than the capacity is refused, and ends the
// derivation, before a part of it has been given.
psa_status_t psa_key_derivation_output_bytes(
    psa_key_derivation_operation_t* operation, uint8_t* output,
    size_t output_length) {
  if (output_length > api::kMaxData) {
    size_t capacity = 0;
    const psa_status_t status =
        psa_key_derivation_get_capacity(operation, &capacity);
    if (status != PSA_SUCCESS) return status;
    if (output_length > capacity) {
      (void)psa_key_derivation_set_capacity(operation, 0);
      return PSA_ERROR_INSUFFICIENT_DATA;
    }
  }
  const api::HandleRequest request{operation->handle};
  return InParts(output, output_length, [&](const uint8_t* part, size_t size) {
    size_t written = 0;
    return Call(Op::kDerivationOutputBytes, {In(request)},
                output + (part - output), size, &written);
  });
}

psa_status_t psa_key_derivation_output_key(
    const psa_key_attributes_t* attributes,
    psa_key_derivation_operation_t* operation, psa_key_id_t* key) {
  const api::OutputKeyRequest request{operation->handle, Pack(attributes)};
  return MakeKey(Op::kDerivationOutputKey, attributes, {In(request)}, key);
}

// Longer than a call holds is longer than any client compares: refused.
psa_status_t psa_key_derivation_verify_bytes(
    psa_key_derivation_operation_t* operation, const uint8_t* expected,
    size_t expected_length) {
  const api::HandleRequest request{operation->handle};
  return Call(Op::kDerivationVerifyBytes,
              {In(request), {expected, expected_length}});
}

psa_status_t psa_key_derivation_verify_key(
    psa_key_derivation_operation_t* operation, psa_key_id_t expected) {
  const api::StepRequest request{operation->handle, 0, expected};
  return Call(Op::kDerivationVerifyKey, {In(request)});
}

psa_status_t psa_key_derivation_abort(
    psa_key_derivation_operation_t* operation) {
  return Abort(operation, Op::kDerivationAbort);
}

}  // extern "C"
