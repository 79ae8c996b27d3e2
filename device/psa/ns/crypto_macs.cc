// PSA Crypto for the NSPE: MACs.
#include "device/psa/ns/crypto_call.h"

namespace cai::psa_ns {
namespace {

psa_status_t Setup(psa_mac_operation_t* operation, psa_key_id_t key,
                   psa_algorithm_t alg, api::Direction direction) {
  return Open(operation, Op::kMacSetup, api::SetupRequest{key, alg, direction});
}

psa_status_t ComputeLong(psa_key_id_t key, psa_algorithm_t alg,
                         const std::uint8_t* input, std::size_t size,
                         std::uint8_t* mac, std::size_t room,
                         std::size_t* length) {
  psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
  psa_status_t status = psa_mac_sign_setup(&operation, key, alg);
  if (status == PSA_SUCCESS) status = psa_mac_update(&operation, input, size);
  if (status == PSA_SUCCESS)
    status = psa_mac_sign_finish(&operation, mac, room, length);
  psa_mac_abort(&operation);
  return status;
}

psa_status_t VerifyLong(psa_key_id_t key, psa_algorithm_t alg,
                        const std::uint8_t* input, std::size_t size,
                        const std::uint8_t* mac, std::size_t length) {
  psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
  psa_status_t status = psa_mac_verify_setup(&operation, key, alg);
  if (status == PSA_SUCCESS) status = psa_mac_update(&operation, input, size);
  if (status == PSA_SUCCESS)
    status = psa_mac_verify_finish(&operation, mac, length);
  psa_mac_abort(&operation);
  return status;
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai::psa_ns;

extern "C" {

psa_status_t psa_mac_compute(psa_key_id_t key, psa_algorithm_t alg,
                             const uint8_t* input, size_t input_length,
                             uint8_t* mac, size_t mac_size,
                             size_t* mac_length) {
  *mac_length = 0;
  if (input_length > api::kMaxData)
    return ComputeLong(key, alg, input, input_length, mac, mac_size,
                       mac_length);
  const api::KeyRequest request{key, alg};
  return Call(Op::kMacCompute, {In(request), {input, input_length}}, mac,
              Small(mac_size), mac_length);
}

psa_status_t psa_mac_verify(psa_key_id_t key, psa_algorithm_t alg,
                            const uint8_t* input, size_t input_length,
                            const uint8_t* mac, size_t mac_length) {
  if (mac_length > kMaxSmall) mac_length = kMaxSmall;  // no MAC has as many
  if (input_length > api::kMaxData - kMaxSmall)
    return VerifyLong(key, alg, input, input_length, mac, mac_length);
  const api::KeyRequest request{key, alg};
  return Call(Op::kMacVerify,
              {In(request), {input, input_length}, {mac, mac_length}});
}

psa_status_t psa_mac_sign_setup(psa_mac_operation_t* operation,
                                psa_key_id_t key, psa_algorithm_t alg) {
  return Setup(operation, key, alg, api::Direction::kForward);
}

psa_status_t psa_mac_verify_setup(psa_mac_operation_t* operation,
                                  psa_key_id_t key, psa_algorithm_t alg) {
  return Setup(operation, key, alg, api::Direction::kBackward);
}

psa_status_t psa_mac_update(psa_mac_operation_t* operation,
                            const uint8_t* input, size_t input_length) {
  return Update(operation, Op::kMacUpdate, input, input_length);
}

psa_status_t psa_mac_sign_finish(psa_mac_operation_t* operation, uint8_t* mac,
                                 size_t mac_size, size_t* mac_length) {
  *mac_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Finished(operation, Call(Op::kMacSignFinish, {In(request)}, mac,
                                  Small(mac_size), mac_length));
}

psa_status_t psa_mac_verify_finish(psa_mac_operation_t* operation,
                                   const uint8_t* mac, size_t mac_length) {
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Finished(operation, Call(Op::kMacVerifyFinish,
                                  {In(request), {mac, Small(mac_length)}}));
}

psa_status_t psa_mac_abort(psa_mac_operation_t* operation) {
  return Abort(operation, Op::kMacAbort);
}

}  // extern "C"
