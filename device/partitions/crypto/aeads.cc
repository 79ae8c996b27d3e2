// AEADs, in one call and in parts. In parts, plaintext leaves before its tag
// was checked, as PSA Crypto has it: what a client does with it is its own
// risk.
#include "device/partitions/crypto/handlers.h"

namespace cai::crypto_partition {
namespace {

using Kind = KeyedOperation::Kind;

psa_status_t OneShot(Call call, const api::AeadRequest& request,
                     decltype(psa_aead_encrypt)* function) {
  if (request.nonce_size > api::kMaxNonce) return PSA_ERROR_INVALID_ARGUMENT;
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return function(key, request.algorithm, request.nonce, request.nonce_size,
                  call.in(1), call.in_size(1), call.in(2), call.in_size(2),
                  call.out(), call.room(), call.out_size());
}

// A failed operation is over: its slot is free, its handle dead.
psa_status_t End(KeyedOperation* operation, psa_status_t status) {
  psa_aead_abort(&operation->aead);
  state.keyed.Close(operation);
  return status;
}

// One step of a client's operation: `step(psa_aead_operation_t*)`.
template <typename Step>
psa_status_t Do(const Call& call, std::uint32_t handle, Step step) {
  auto* operation = state.Find(call.client, handle, Kind::kAead);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  const psa_status_t status = step(&operation->aead);
  return status == PSA_SUCCESS ? status : End(operation, status);
}

// Its last step.
template <typename Step>
psa_status_t Finish(const Call& call, std::uint32_t handle, Step step) {
  auto* operation = state.Find(call.client, handle, Kind::kAead);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return End(operation, step(&operation->aead));
}

}  // namespace

psa_status_t AeadEncrypt(Call call, const api::AeadRequest& request) {
  return OneShot(call, request, psa_aead_encrypt);
}
psa_status_t AeadDecrypt(Call call, const api::AeadRequest& request) {
  return OneShot(call, request, psa_aead_decrypt);
}

psa_status_t AeadSetup(Call call, const api::SetupRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  const auto opened = state.Open(call.client, Kind::kAead);
  if (opened.operation == nullptr) return PSA_ERROR_INSUFFICIENT_MEMORY;
  const auto setup = request.direction == api::Direction::kForward
                         ? psa_aead_encrypt_setup
                         : psa_aead_decrypt_setup;
  status = setup(&opened.operation->aead, key, request.algorithm);
  if (status == PSA_SUCCESS) status = call.Reply(opened.handle);
  return status == PSA_SUCCESS ? status : End(opened.operation, status);
}

psa_status_t AeadSetLengths(Call call, const api::LengthsRequest& request) {
  return Do(call, request.handle, [&](auto* operation) {
    return psa_aead_set_lengths(operation, request.aad_size,
                                request.plaintext_size);
  });
}

psa_status_t AeadSetNonce(Call call, const api::HandleRequest& request) {
  return Do(call, request.handle, [&](auto* operation) {
    return psa_aead_set_nonce(operation, call.in(1), call.in_size(1));
  });
}

psa_status_t AeadGenerateNonce(Call call, const api::HandleRequest& request) {
  return Do(call, request.handle, [&](auto* operation) {
    return psa_aead_generate_nonce(operation, call.out(), call.room(),
                                   call.out_size());
  });
}

psa_status_t AeadUpdateAd(Call call, const api::HandleRequest& request) {
  return Do(call, request.handle, [&](auto* operation) {
    return psa_aead_update_ad(operation, call.in(1), call.in_size(1));
  });
}

psa_status_t AeadUpdate(Call call, const api::HandleRequest& request) {
  return Do(call, request.handle, [&](auto* operation) {
    return psa_aead_update(operation, call.in(1), call.in_size(1), call.out(),
                           call.room(), call.out_size());
  });
}

// None of the algorithms holds anything back for the end: there is
// no room for more text, and the core never has any.
psa_status_t AeadFinish(Call call, const api::HandleRequest& request) {
  return Finish(call, request.handle, [&](auto* operation) {
    std::size_t rest = 0;
    return psa_aead_finish(operation, nullptr, 0, &rest, call.out(),
                           call.room(), call.out_size());
  });
}

psa_status_t AeadVerify(Call call, const api::HandleRequest& request) {
  return Finish(call, request.handle, [&](auto* operation) {
    std::size_t rest = 0;
    return psa_aead_verify(operation, nullptr, 0, &rest, call.in(1),
                           call.in_size(1));
  });
}

psa_status_t AeadAbort(Call call, const api::HandleRequest& request) {
  auto* operation = state.Find(call.client, request.handle, Kind::kAead);
  return operation ? End(operation, PSA_SUCCESS) : PSA_SUCCESS;
}

}  // namespace cai::crypto_partition
