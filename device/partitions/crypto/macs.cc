// MACs, in one call and in parts.
#include "device/partitions/crypto/handlers.h"

namespace cai::crypto_partition {
namespace {

using Kind = KeyedOperation::Kind;

KeyedOperation* Find(const Call& call, const api::HandleRequest& request) {
  return state.Find(call.client, request.handle, Kind::kMac);
}

// A failed operation is over: its slot is free, its handle dead.
psa_status_t End(KeyedOperation* operation, psa_status_t status) {
  psa_mac_abort(&operation->mac);
  state.keyed.Close(operation);
  return status;
}

}  // namespace

psa_status_t MacCompute(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_mac_compute(key, request.algorithm, call.in(1), call.in_size(1),
                         call.out(), call.room(), call.out_size());
}

psa_status_t MacVerify(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_mac_verify(key, request.algorithm, call.in(1), call.in_size(1),
                        call.in(2), call.in_size(2));
}

psa_status_t MacSetup(Call call, const api::SetupRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  const auto opened = state.Open(call.client, Kind::kMac);
  if (opened.operation == nullptr) return PSA_ERROR_INSUFFICIENT_MEMORY;
  const auto setup = request.direction == api::Direction::kForward
                         ? psa_mac_sign_setup
                         : psa_mac_verify_setup;
  status = setup(&opened.operation->mac, key, request.algorithm);
  if (status == PSA_SUCCESS) status = call.Reply(opened.handle);
  return status == PSA_SUCCESS ? status : End(opened.operation, status);
}

psa_status_t MacUpdate(Call call, const api::HandleRequest& request) {
  auto* operation = Find(call, request);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  const psa_status_t status =
      psa_mac_update(&operation->mac, call.in(1), call.in_size(1));
  return status == PSA_SUCCESS ? status : End(operation, status);
}

psa_status_t MacSignFinish(Call call, const api::HandleRequest& request) {
  auto* operation = Find(call, request);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return End(operation, psa_mac_sign_finish(&operation->mac, call.out(),
                                            call.room(), call.out_size()));
}

psa_status_t MacVerifyFinish(Call call, const api::HandleRequest& request) {
  auto* operation = Find(call, request);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return End(operation, psa_mac_verify_finish(&operation->mac, call.in(1),
                                              call.in_size(1)));
}

psa_status_t MacAbort(Call call, const api::HandleRequest& request) {
  auto* operation = Find(call, request);
  return operation ? End(operation, PSA_SUCCESS) : PSA_SUCCESS;
}

}  // namespace cai::crypto_partition
