// Sid::kCrypto: each operation's request is decoded once, checked, and passed
// to the PSA core under the client's own key names and operation slots.
#include "device/partitions/crypto/api.h"
#include "device/partitions/crypto/state.h"

namespace cai::crypto_partition {
namespace {

namespace api = crypto_api;
using api::Op;
using spm::Message;

// One request as a handler sees it: who, and what the vectors hold.
struct Call {
  Client client;
  Message& message;

  const std::uint8_t* in(std::size_t i) const { return AsU8(message.in[i]); }
  std::size_t in_size(std::size_t i) const { return message.in[i].size(); }
  std::uint8_t* out() const { return AsU8(message.out[0]); }
  std::size_t room() const { return message.out[0].size(); }
  std::size_t* out_size() const { return &message.out_size[0]; }

  psa_status_t Resolve(psa_key_id_t id, mbedtls_svc_key_id_t& key) const {
    return state.keyring.Resolve(client, id, key);
  }
  template <typename T>
  psa_status_t Reply(const T& value) const {
    return message.WriteValue(0, value).ok() ? PSA_SUCCESS
                                             : PSA_ERROR_BUFFER_TOO_SMALL;
  }
};

// Refuses all but exactly this request with this many inputs and outputs.
template <typename Request, int kInputs, int kOutputs>
psa_status_t Run(Call call,
                 psa_status_t (*handler)(Call, const Request& request)) {
  if (call.message.in_count != 1 + kInputs ||
      call.message.out_count != kOutputs)
    return PSA_ERROR_PROGRAMMER_ERROR;
  const auto request = call.message.Read<Request>(0);
  return request.ok() ? handler(call, *request) : PSA_ERROR_PROGRAMMER_ERROR;
}

// ---- Keys -------------------------------------------------------------------

// What the PSA core shall know of a key that the client makes.
psa_status_t ToPsa(Client client, const api::KeyAttributes& from,
                   psa_key_attributes_t& to) {
  if (!PSA_KEY_LIFETIME_IS_VOLATILE(from.lifetime) || from.key != 0)
    return PSA_ERROR_NOT_SUPPORTED;
  if (from.bits > PSA_MAX_KEY_BITS || from.type > UINT16_MAX)
    return PSA_ERROR_INVALID_ARGUMENT;
  mbedtls_set_key_owner_id(&to, OwnerOf(client));
  psa_set_key_lifetime(&to, from.lifetime);
  psa_set_key_type(&to, static_cast<psa_key_type_t>(from.type));
  psa_set_key_bits(&to, from.bits);
  psa_set_key_usage_flags(&to, from.usage);
  psa_set_key_algorithm(&to, from.algorithm);
  return PSA_SUCCESS;
}

// Makes a key by `make(attributes, key)` within the client's quota.
template <typename Make>
psa_status_t MakeKey(const Call& call, const api::KeyAttributes& wanted,
                     Make make) {
  if (call.room() < sizeof(std::uint32_t)) return PSA_ERROR_BUFFER_TOO_SMALL;
  psa_status_t status = state.keyring.CheckQuota(call.client);
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  if (status == PSA_SUCCESS) status = ToPsa(call.client, wanted, attributes);
  mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;
  if (status == PSA_SUCCESS) status = make(attributes, key);
  if (status != PSA_SUCCESS) return status;
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
  status = psa_destroy_key(key);
  if (status == PSA_SUCCESS) state.keyring.Destroyed(call.client);
  return status;
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

// ---- Signatures, MACs, AEADs, agreement -------------------------------------

// The core takes any length; a key for ES256 shall sign 32-byte hashes alone.
bool IsHashOf(psa_algorithm_t algorithm, std::size_t size) {
  return PSA_ALG_IS_HASH_AND_SIGN(algorithm) &&
         size == PSA_HASH_LENGTH(PSA_ALG_SIGN_GET_HASH(algorithm));
}

psa_status_t SignHash(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  psa_algorithm_t algorithm = request.algorithm;
  if (Keyring::IsFixed(request.key)) {
    if (algorithm == PSA_ALG_ECDSA(PSA_ALG_SHA_256))
      algorithm = PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);
    if (algorithm != PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256))
      return PSA_ERROR_NOT_PERMITTED;
  }
  if (!IsHashOf(algorithm, call.in_size(1))) return PSA_ERROR_INVALID_ARGUMENT;
  return psa_sign_hash(key, algorithm, call.in(1), call.in_size(1), call.out(),
                       call.room(), call.out_size());
}

psa_status_t VerifyHash(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  // Mbed TLS's mbedtls_pk_verify() asks for ECDSA_ANY, which names no hash.
  if (request.algorithm != PSA_ALG_ECDSA_ANY &&
      !IsHashOf(request.algorithm, call.in_size(1)))
    return PSA_ERROR_INVALID_ARGUMENT;
  return psa_verify_hash(key, request.algorithm, call.in(1), call.in_size(1),
                         call.in(2), call.in_size(2));
}

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

psa_status_t Aead(Call call, const api::AeadRequest& request,
                  decltype(psa_aead_encrypt)* function) {
  if (request.nonce_size > api::kMaxNonce) return PSA_ERROR_INVALID_ARGUMENT;
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return function(key, request.algorithm, request.nonce, request.nonce_size,
                  call.in(1), call.in_size(1), call.in(2), call.in_size(2),
                  call.out(), call.room(), call.out_size());
}
psa_status_t AeadEncrypt(Call call, const api::AeadRequest& request) {
  return Aead(call, request, psa_aead_encrypt);
}
psa_status_t AeadDecrypt(Call call, const api::AeadRequest& request) {
  return Aead(call, request, psa_aead_decrypt);
}

psa_status_t RawKeyAgreement(Call call, const api::KeyRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_raw_key_agreement(request.algorithm, key, call.in(1),
                               call.in_size(1), call.out(), call.room(),
                               call.out_size());
}

psa_status_t Random(Call call) {
  if (call.message.in_count != 0 || call.message.out_count != 1)
    return PSA_ERROR_PROGRAMMER_ERROR;
  state.drbg[call.client].Generate(call.message.out[0]);
  *call.out_size() = call.room();
  return PSA_SUCCESS;
}

// ---- Hashes -----------------------------------------------------------------

psa_status_t HashCompute(Call call, const api::AlgorithmRequest& request) {
  return psa_hash_compute(request.algorithm, call.in(1), call.in_size(1),
                          call.out(), call.room(), call.out_size());
}

// A failed operation is over: its slot is free, its handle dead.
psa_status_t EndHash(psa_hash_operation_t* operation, psa_status_t status) {
  psa_hash_abort(operation);
  state.hashes.Close(operation);
  return status;
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

// ---- Key derivation ---------------------------------------------------------

psa_status_t EndDerivation(psa_key_derivation_operation_t* operation,
                           psa_status_t status) {
  psa_key_derivation_abort(operation);
  state.derivations.Close(operation);
  return status;
}

psa_status_t DerivationSetup(Call call, const api::AlgorithmRequest& request) {
  const auto opened = state.derivations.Open(call.client);
  if (opened.operation == nullptr) return PSA_ERROR_INSUFFICIENT_MEMORY;
  psa_status_t status =
      psa_key_derivation_setup(opened.operation, request.algorithm);
  if (status == PSA_SUCCESS) status = call.Reply(opened.handle);
  return status == PSA_SUCCESS ? status
                               : EndDerivation(opened.operation, status);
}

psa_status_t DerivationSetCapacity(Call call,
                                   const api::CapacityRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return psa_key_derivation_set_capacity(operation, request.capacity);
}

psa_status_t DerivationGetCapacity(Call call,
                                   const api::HandleRequest& request) {
  const auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  std::size_t capacity = 0;
  const psa_status_t status =
      psa_key_derivation_get_capacity(operation, &capacity);
  if (status != PSA_SUCCESS) return status;
  return call.Reply(static_cast<std::uint32_t>(capacity));
}

psa_status_t DerivationInputBytes(Call call, const api::StepRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return psa_key_derivation_input_bytes(
      operation, static_cast<psa_key_derivation_step_t>(request.step),
      call.in(1), call.in_size(1));
}

psa_status_t DerivationInputKey(Call call, const api::StepRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_key_derivation_input_key(
      operation, static_cast<psa_key_derivation_step_t>(request.step), key);
}

psa_status_t DerivationKeyAgreement(Call call,
                                    const api::StepRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  return psa_key_derivation_key_agreement(
      operation, static_cast<psa_key_derivation_step_t>(request.step), key,
      call.in(1), call.in_size(1));
}

psa_status_t DerivationOutputBytes(Call call,
                                   const api::HandleRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  const psa_status_t status =
      psa_key_derivation_output_bytes(operation, call.out(), call.room());
  if (status == PSA_SUCCESS) *call.out_size() = call.room();
  return status;
}

psa_status_t DerivationOutputKey(Call call,
                                 const api::OutputKeyRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  if (operation == nullptr) return PSA_ERROR_BAD_STATE;
  return MakeKey(call, request.attributes, [&](auto& attributes, auto& key) {
    return psa_key_derivation_output_key(&attributes, operation, &key);
  });
}

psa_status_t DerivationAbort(Call call, const api::HandleRequest& request) {
  auto* operation = state.derivations.Find(call.client, request.handle);
  return operation ? EndDerivation(operation, PSA_SUCCESS) : PSA_SUCCESS;
}

// ---- P-256 for the secure partitions ----------------------------------------

// An uncompressed point as PSA takes it.
struct Point {
  explicit Point(const std::uint8_t (&xy)[64]) {
    bytes[0] = 0x04;
    std::copy_n(xy, sizeof(xy), bytes + 1);
  }
  std::uint8_t bytes[65];
};

// The core refuses points that are not on the curve.
psa_status_t ImportPoint(const Point& point, mbedtls_svc_key_id_t& key) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes,
                   PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
  psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
  return psa_import_key(&attributes, point.bytes, sizeof(point.bytes), &key);
}

psa_status_t P256Verify(Call, const api::P256VerifyRequest& request) {
  mbedtls_svc_key_id_t key;
  psa_status_t status = ImportPoint(Point(request.key), key);
  if (status != PSA_SUCCESS) return status;
  status = psa_verify_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), request.hash,
                           sizeof(request.hash), request.signature,
                           sizeof(request.signature));
  psa_destroy_key(key);
  return status;
}

struct PointRequest {
  std::uint8_t xy[64];
};
psa_status_t P256CheckPoint(Call, const PointRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = ImportPoint(Point(request.xy), key);
  if (status == PSA_SUCCESS) psa_destroy_key(key);
  return status;
}

psa_status_t P256Ecdh(Call call, const api::P256EcdhRequest& request) {
  mbedtls_svc_key_id_t key;
  const psa_status_t status = call.Resolve(request.key, key);
  if (status != PSA_SUCCESS) return status;
  const Point peer(request.peer);
  return psa_raw_key_agreement(PSA_ALG_ECDH, key, peer.bytes,
                               sizeof(peer.bytes), call.out(), call.room(),
                               call.out_size());
}

// The scalar goes to the core from where the SPM put it; no copy is made.
psa_status_t P256Import(Call call) {
  if (call.message.in_count != 1 || call.message.out_count != 1 ||
      call.in_size(0) != 32)
    return PSA_ERROR_PROGRAMMER_ERROR;
  const api::KeyAttributes wanted = {
      .type = PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1),
      .bits = 256,
      .lifetime = PSA_KEY_LIFETIME_VOLATILE,
      .usage = PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_DERIVE,
      .algorithm = PSA_ALG_ECDH,
      .key = 0};
  return MakeKey(call, wanted, [&](auto& attributes, auto& key) {
    psa_set_key_enrollment_algorithm(
        &attributes, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256));
    return psa_import_key(&attributes, call.in(0), 32, &key);
  });
}

}  // namespace

// A table: one line an operation, with the shape of its vectors.
psa_status_t ServeCrypto(Client client, spm::Message& message) {
  const Call call{client, message};
  const Op op = static_cast<Op>(message.op);
  if (op >= Op::kP256Verify && client == kNonSecure)
    return PSA_ERROR_NOT_PERMITTED;
  switch (op) {
    case Op::kRandom:
      return Random(call);
    case Op::kHashCompute:
      return Run<api::AlgorithmRequest, 1, 1>(call, HashCompute);
    case Op::kHashSetup:
      return Run<api::AlgorithmRequest, 0, 1>(call, HashSetup);
    case Op::kHashUpdate:
      return Run<api::HandleRequest, 1, 0>(call, HashUpdate);
    case Op::kHashFinish:
      return Run<api::HandleRequest, 0, 1>(call, HashFinish);
    case Op::kHashAbort:
      return Run<api::HandleRequest, 0, 0>(call, HashAbort);
    case Op::kHashClone:
      return Run<api::HandleRequest, 0, 1>(call, HashClone);
    case Op::kImportKey:
      return Run<api::KeyAttributes, 1, 1>(call, ImportKey);
    case Op::kGenerateKey:
      return Run<api::KeyAttributes, 0, 1>(call, GenerateKey);
    case Op::kCopyKey:
      return Run<api::CopyRequest, 0, 1>(call, CopyKey);
    case Op::kDestroyKey:
      return Run<api::KeyRequest, 0, 0>(call, DestroyKey);
    case Op::kExportKey:
      return Run<api::KeyRequest, 0, 1>(call, ExportKey);
    case Op::kExportPublicKey:
      return Run<api::KeyRequest, 0, 1>(call, ExportPublicKey);
    case Op::kGetKeyAttributes:
      return Run<api::KeyRequest, 0, 1>(call, GetKeyAttributes);
    case Op::kSignHash:
      return Run<api::KeyRequest, 1, 1>(call, SignHash);
    case Op::kVerifyHash:
      return Run<api::KeyRequest, 2, 0>(call, VerifyHash);
    case Op::kMacCompute:
      return Run<api::KeyRequest, 1, 1>(call, MacCompute);
    case Op::kMacVerify:
      return Run<api::KeyRequest, 2, 0>(call, MacVerify);
    case Op::kAeadEncrypt:
      return Run<api::AeadRequest, 2, 1>(call, AeadEncrypt);
    case Op::kAeadDecrypt:
      return Run<api::AeadRequest, 2, 1>(call, AeadDecrypt);
    case Op::kRawKeyAgreement:
      return Run<api::KeyRequest, 1, 1>(call, RawKeyAgreement);
    case Op::kDerivationSetup:
      return Run<api::AlgorithmRequest, 0, 1>(call, DerivationSetup);
    case Op::kDerivationSetCapacity:
      return Run<api::CapacityRequest, 0, 0>(call, DerivationSetCapacity);
    case Op::kDerivationGetCapacity:
      return Run<api::HandleRequest, 0, 1>(call, DerivationGetCapacity);
    case Op::kDerivationInputBytes:
      return Run<api::StepRequest, 1, 0>(call, DerivationInputBytes);
    case Op::kDerivationInputKey:
      return Run<api::StepRequest, 0, 0>(call, DerivationInputKey);
    case Op::kDerivationKeyAgreement:
      return Run<api::StepRequest, 1, 0>(call, DerivationKeyAgreement);
    case Op::kDerivationOutputBytes:
      return Run<api::HandleRequest, 0, 1>(call, DerivationOutputBytes);
    case Op::kDerivationOutputKey:
      return Run<api::OutputKeyRequest, 0, 1>(call, DerivationOutputKey);
    case Op::kDerivationAbort:
      return Run<api::HandleRequest, 0, 0>(call, DerivationAbort);
    case Op::kP256Verify:
      return Run<api::P256VerifyRequest, 0, 0>(call, P256Verify);
    case Op::kP256CheckPoint:
      return Run<PointRequest, 0, 0>(call, P256CheckPoint);
    case Op::kP256Ecdh:
      return Run<api::P256EcdhRequest, 0, 1>(call, P256Ecdh);
    case Op::kP256Import:
      return P256Import(call);
  }
  return PSA_ERROR_PROGRAMMER_ERROR;
}

}  // namespace cai::crypto_partition
