// Hashes, in one call and in parts.
#include "device/partitions/crypto/handlers.h"

namespace cai::crypto_partition {
namespace {

// A failed operation is over: its slot is free, its handle dead.
psa_status_t EndHash(psa_hash_operation_t* operation, psa_status_t status) {
  psa_hash_abort(operation);
  state.hashes.Close(operation);
  return status;
}

}  // namespace

psa_status_t HashCompute(Call call, const api::AlgorithmRequest& request) {
  return psa_hash_compute(request.algorithm, call.in(1), call.in_size(1),
                          call.out(), call.room(), call.out_size());
}

psa_status_t HashSetup(Call call, const api::AlgorithmRequest& request) {
  const auto opened = state.hashes.Open(call.client);
  if (opened.operation == nullptr) return PSA_ERROR_INSUFFICIENT_MEMORY;
  psa_status_t status = psa_hash_setup(opened.operation, request.algorithm);
  if (status == PSA_SUCCESS) status = call.Reply(opened.handle);
  return status == PSA_SUCCESS ? status : EndHash(opened.operation, status);
}

psa_status_t HashUpdate(Call call, const api::HandleRequest& request) {
  auto* operation = state.hashes.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  const psa_status_t status =
      psa_hash_update(operation, call.in(1), call.in_size(1));
  return status == PSA_SUCCESS ? status : EndHash(operation, status);
}

psa_status_t HashFinish(Call call, const api::HandleRequest& request) {
  auto* operation = state.hashes.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return EndHash(operation, psa_hash_finish(operation, call.out(), call.room(),
                                            call.out_size()));
}

psa_status_t HashAbort(Call call, const api::HandleRequest& request) {
  auto* operation = state.hashes.Find(call.client, request.handle);
  return operation ? EndHash(operation, PSA_SUCCESS) : PSA_SUCCESS;
}

psa_status_t HashClone(Call call, const api::HandleRequest& request) {
  const auto* source = state.hashes.Find(call.client, request.handle);
  if (source == nullptr) return PSA_ERROR_BAD_STATE;
  const auto opened = state.hashes.Open(call.client);
  if (opened.operation == nullptr) return PSA_ERROR_INSUFFICIENT_MEMORY;
  psa_status_t status = psa_hash_clone(source, opened.operation);
  if (status == PSA_SUCCESS) status = call.Reply(opened.handle);
  return status == PSA_SUCCESS ? status : EndHash(opened.operation, status);
}

}  // namespace cai::crypto_partition
