// Key derivations. An error is no end here: PSA Crypto lets a client go on
// after some, and the core knows which.
#include <algorithm>

#include "device/partitions/crypto/handlers.h"
#include "lib/base/secret.h"

namespace cai::crypto_partition {
namespace {

using Kind = KeyedOperation::Kind;

// The core copies labels, seeds and secrets into its pool. With at most so many
// bytes a derivation, and so many derivations a client (state.h), the rest of
// the pool always suffices for another client's signature.
constexpr std::size_t kMaxKept = 640;

psa_key_derivation_operation_t* Find(const Call& call, std::uint32_t handle) {
  auto* operation = state.Find(call.client, handle, Kind::kDerivation);
  return operation ? &operation->derivation : nullptr;
}

psa_status_t End(KeyedOperation* operation, psa_status_t status) {
  psa_key_derivation_abort(&operation->derivation);
  state.keyed.Close(operation);
  return status;
}

auto Step(const api::StepRequest& request) {
  return static_cast<psa_key_derivation_step_t>(request.step);
}

}  // namespace

psa_status_t DerivationSetup(Call call, const api::AlgorithmRequest& request) {
  const auto opened = state.Open(call.client, Kind::kDerivation);
  if (opened.operation == nullptr) return PSA_ERROR_INSUFFICIENT_MEMORY;
  psa_status_t status = psa_key_derivation_setup(&opened.operation->derivation,
                                                 request.algorithm);
  if (status == PSA_SUCCESS) status = call.Reply(opened.handle);
  return status == PSA_SUCCESS ? status : End(opened.operation, status);
}

psa_status_t DerivationSetCapacity(Call call,
                                   const api::CapacityRequest& request) {
  auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return psa_key_derivation_set_capacity(operation, request.capacity);
}

psa_status_t DerivationGetCapacity(Call call,
                                   const api::HandleRequest& request) {
  const auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  std::size_t capacity = 0;
  const psa_status_t status =
      psa_key_derivation_get_capacity(operation, &capacity);
  if (status != PSA_SUCCESS) return status;
  return call.Reply(static_cast<std::uint32_t>(capacity));
}

psa_status_t DerivationInputBytes(Call call, const api::StepRequest& request) {
  auto* operation = state.Find(call.client, request.handle, Kind::kDerivation);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  const std::size_t size = call.in_size(1);
  if (size > kMaxKept - operation->kept) return PSA_ERROR_INSUFFICIENT_MEMORY;
  operation->kept = static_cast<std::uint16_t>(operation->kept + size);
  return psa_key_derivation_input_bytes(&operation->derivation, Step(request),
                                        call.in(1), size);
}

psa_status_t DerivationInputKey(Call call, const api::StepRequest& request) {
  auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_key_derivation_input_key(operation, Step(request), key);
}

psa_status_t DerivationKeyAgreement(Call call,
                                    const api::StepRequest& request) {
  auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_key_derivation_key_agreement(operation, Step(request), key,
                                          call.in(1), call.in_size(1));
}

psa_status_t DerivationOutputBytes(Call call,
                                   const api::HandleRequest& request) {
  auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  const psa_status_t status =
      psa_key_derivation_output_bytes(operation, call.out(), call.room());
  if (status == PSA_SUCCESS) *call.out_size() = call.room();
  return status;
}

psa_status_t DerivationOutputKey(Call call,
                                 const api::OutputKeyRequest& request) {
  auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return MakeKey(call, request.attributes, [&](auto& attributes, auto& key) {
    return psa_key_derivation_output_key(&attributes, operation, &key);
  });
}

// Not of the core's (Mbed TLS 3.6 only declares it). The client learns whether
// all is equal, and nothing by how long it took.
psa_status_t DerivationVerifyBytes(Call call,
                                   const api::HandleRequest& request) {
  auto* operation = Find(call, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  Bytes expected = call.message.in[1];
  std::size_t capacity = 0;
  psa_status_t status = psa_key_derivation_get_capacity(operation, &capacity);
  // The core's own answer to too much: it ends the derivation.
  if (status == PSA_SUCCESS && expected.size() > capacity)
    return psa_key_derivation_output_bytes(operation, nullptr, expected.size());
  bool equal = true;
  while (status == PSA_SUCCESS && !expected.empty()) {
    Secret<32> actual;
    const auto part = expected.first(std::min(actual.size(), expected.size()));
    const MutableBytes out = actual.mutable_bytes().first(part.size());
    status = psa_key_derivation_output_bytes(operation, AsU8(out), out.size());
    equal &= ConstantTimeEqual(part, out);
    expected = expected.subspan(part.size());
  }
  if (status != PSA_SUCCESS) return status;
  return equal ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE;
}

// Only a key of type PASSWORD_HASH can be compared with, and no algorithm that
// is built in makes one: what is left are the refusals.
psa_status_t DerivationVerifyKey(Call call, const api::StepRequest& request) {
  if (Find(call, request.handle) == nullptr) return PSA_ERROR_BAD_STATE;
  mbedtls_svc_key_id_t key;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_status_t status = call.Resolve(request.key, key);
  if (status == PSA_SUCCESS) status = psa_get_key_attributes(key, &attributes);
  if (status != PSA_SUCCESS) return status;
  const bool may =
      psa_get_key_usage_flags(&attributes) & PSA_KEY_USAGE_VERIFY_DERIVATION;
  return may ? PSA_ERROR_INVALID_ARGUMENT : PSA_ERROR_NOT_PERMITTED;
}

psa_status_t DerivationAbort(Call call, const api::HandleRequest& request) {
  auto* operation = state.Find(call.client, request.handle, Kind::kDerivation);
  return operation ? End(operation, PSA_SUCCESS) : PSA_SUCCESS;
}

}  // namespace cai::crypto_partition
