// PSA Crypto for the NSPE: AEADs. Messages larger than one call goes through
// the partition in parts.
#include <cstring>

#include "device/psa/ns/crypto_call.h"

namespace cai::psa_ns {
namespace {

constexpr std::size_t kMaxTag = 16;

struct Message {
  psa_key_id_t key;
  psa_algorithm_t alg;
  psa_invec nonce, aad, input;
  std::uint8_t* output;
  std::size_t room;

  bool FitsOneCall() const {
    return nonce.len <= api::kMaxNonce && aad.len <= api::kMaxData &&
           input.len <= api::kMaxData - aad.len;
  }
};

psa_status_t OneCall(Op op, const Message& message, std::size_t* length) {
  api::AeadRequest request{message.key,
                           message.alg,
                           static_cast<std::uint32_t>(message.nonce.len),
                           {}};
  if (message.nonce.len != 0)
    std::memcpy(request.nonce, message.nonce.base, message.nonce.len);
  // Offers no more room than the result can take.
  const std::size_t most = message.input.len + kMaxTag;
  return Call(op, {In(request), message.aad, message.input}, message.output,
              message.room < most ? message.room : most, length);
}

const std::uint8_t* Data(const psa_invec& vector) {
  return static_cast<const std::uint8_t*>(vector.base);
}

// All but the tag.
psa_status_t Run(psa_aead_operation_t* operation, const Message& message,
                 std::size_t text_size, std::size_t* length) {
  psa_status_t status =
      psa_aead_set_lengths(operation, message.aad.len, text_size);
  if (status == PSA_SUCCESS)
    status =
        psa_aead_set_nonce(operation, Data(message.nonce), message.nonce.len);
  if (status == PSA_SUCCESS)
    status = psa_aead_update_ad(operation, Data(message.aad), message.aad.len);
  if (status == PSA_SUCCESS)
    status = psa_aead_update(operation, Data(message.input), text_size,
                             message.output, message.room, length);
  return status;
}

psa_status_t EncryptLong(const Message& message, std::size_t* length) {
  psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
  std::size_t text = 0, rest = 0, tag = 0;
  psa_status_t status =
      psa_aead_encrypt_setup(&operation, message.key, message.alg);
  if (status == PSA_SUCCESS)
    status = Run(&operation, message, message.input.len, &text);
  if (status == PSA_SUCCESS)
    status = psa_aead_finish(&operation, nullptr, 0, &rest,
                             message.output + text, message.room - text, &tag);
  psa_aead_abort(&operation);
  *length = status == PSA_SUCCESS ? text + tag : 0;
  return status;
}

// What did not prove authentic does not stay with the caller.
psa_status_t DecryptLong(const Message& message, std::size_t* length) {
  const std::size_t tag = PSA_ALG_AEAD_GET_TAG_LENGTH(message.alg);
  if (tag > kMaxTag || message.input.len < tag)
    return PSA_ERROR_INVALID_ARGUMENT;
  const std::size_t text = message.input.len - tag;
  psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
  // The output may be the input: the tag is read after all has been written.
  std::uint8_t expected[kMaxTag];
  std::size_t rest = 0;
  psa_status_t status =
      psa_aead_decrypt_setup(&operation, message.key, message.alg);
  if (status == PSA_SUCCESS) {
    std::memcpy(expected, Data(message.input) + text, tag);
    status = Run(&operation, message, text, length);
  }
  if (status == PSA_SUCCESS)
    status = psa_aead_verify(&operation, nullptr, 0, &rest, expected, tag);
  psa_aead_abort(&operation);
  if (status == PSA_SUCCESS) return status;
  *length = 0;
  std::memset(message.output, 0, text < message.room ? text : message.room);
  return status;
}

psa_status_t Setup(psa_aead_operation_t* operation, psa_key_id_t key,
                   psa_algorithm_t alg, api::Direction direction) {
  return Open(operation, Op::kAeadSetup,
              api::SetupRequest{key, alg, direction});
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai::psa_ns;

extern "C" {

psa_status_t psa_aead_encrypt(psa_key_id_t key, psa_algorithm_t alg,
                              const uint8_t* nonce, size_t nonce_length,
                              const uint8_t* additional_data,
                              size_t additional_data_length,
                              const uint8_t* plaintext, size_t plaintext_length,
                              uint8_t* ciphertext, size_t ciphertext_size,
                              size_t* ciphertext_length) {
  *ciphertext_length = 0;
  const Message message{key,
                        alg,
                        {nonce, nonce_length},
                        {additional_data, additional_data_length},
                        {plaintext, plaintext_length},
                        ciphertext,
                        ciphertext_size};
  return message.FitsOneCall()
             ? OneCall(Op::kAeadEncrypt, message, ciphertext_length)
             : EncryptLong(message, ciphertext_length);
}

psa_status_t psa_aead_decrypt(psa_key_id_t key, psa_algorithm_t alg,
                              const uint8_t* nonce, size_t nonce_length,
                              const uint8_t* additional_data,
                              size_t additional_data_length,
                              const uint8_t* ciphertext,
                              size_t ciphertext_length, uint8_t* plaintext,
                              size_t plaintext_size, size_t* plaintext_length) {
  *plaintext_length = 0;
  const Message message{key,
                        alg,
                        {nonce, nonce_length},
                        {additional_data, additional_data_length},
                        {ciphertext, ciphertext_length},
                        plaintext,
                        plaintext_size};
  return message.FitsOneCall()
             ? OneCall(Op::kAeadDecrypt, message, plaintext_length)
             : DecryptLong(message, plaintext_length);
}

psa_status_t psa_aead_encrypt_setup(psa_aead_operation_t* operation,
                                    psa_key_id_t key, psa_algorithm_t alg) {
  return Setup(operation, key, alg, api::Direction::kForward);
}

psa_status_t psa_aead_decrypt_setup(psa_aead_operation_t* operation,
                                    psa_key_id_t key, psa_algorithm_t alg) {
  return Setup(operation, key, alg, api::Direction::kBackward);
}

psa_status_t psa_aead_generate_nonce(psa_aead_operation_t* operation,
                                     uint8_t* nonce, size_t nonce_size,
                                     size_t* nonce_length) {
  *nonce_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Call(Op::kAeadGenerateNonce, {In(request)}, nonce, Small(nonce_size),
              nonce_length);
}

psa_status_t psa_aead_set_nonce(psa_aead_operation_t* operation,
                                const uint8_t* nonce, size_t nonce_length) {
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Call(Op::kAeadSetNonce, {In(request), {nonce, nonce_length}});
}

psa_status_t psa_aead_set_lengths(psa_aead_operation_t* operation,
                                  size_t ad_length, size_t plaintext_length) {
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::LengthsRequest request{
      operation->handle, static_cast<std::uint32_t>(ad_length),
      static_cast<std::uint32_t>(plaintext_length)};
  return Call(Op::kAeadSetLengths, {In(request)});
}

psa_status_t psa_aead_update_ad(psa_aead_operation_t* operation,
                                const uint8_t* input, size_t input_length) {
  return Update(operation, Op::kAeadUpdateAd, input, input_length);
}

// Every algorithm gives as much as it takes.
psa_status_t psa_aead_update(psa_aead_operation_t* operation,
                             const uint8_t* input, size_t input_length,
                             uint8_t* output, size_t output_size,
                             size_t* output_length) {
  *output_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  size_t written = 0;
  const psa_status_t status =
      InParts(input, input_length, [&](const uint8_t* part, size_t length) {
        const size_t left = output_size - written;
        size_t size = 0;
        const psa_status_t result =
            Call(Op::kAeadUpdate, {In(request), {part, length}},
                 output + written, left < length ? left : length, &size);
        written += size;
        return result;
      });
  if (status == PSA_SUCCESS) *output_length = written;
  return status;
}

psa_status_t psa_aead_finish(psa_aead_operation_t* operation, uint8_t*, size_t,
                             size_t* ciphertext_length, uint8_t* tag,
                             size_t tag_size, size_t* tag_length) {
  *ciphertext_length = 0;
  *tag_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Finished(operation, Call(Op::kAeadFinish, {In(request)}, tag,
                                  Small(tag_size), tag_length));
}

psa_status_t psa_aead_verify(psa_aead_operation_t* operation, uint8_t*, size_t,
                             size_t* plaintext_length, const uint8_t* tag,
                             size_t tag_length) {
  *plaintext_length = 0;
  if (operation->handle == 0) return PSA_ERROR_BAD_STATE;
  const api::HandleRequest request{operation->handle};
  return Finished(operation, Call(Op::kAeadVerify,
                                  {In(request), {tag, Small(tag_length)}}));
}

psa_status_t psa_aead_abort(psa_aead_operation_t* operation) {
  return Abort(operation, Op::kAeadAbort);
}

}  // extern "C"
