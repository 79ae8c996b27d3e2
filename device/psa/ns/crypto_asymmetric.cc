// PSA Crypto for the NSPE: signatures and key agreement.
#include "device/psa/ns/crypto_call.h"

namespace cai::psa_ns {
namespace {

psa_status_t Sign(Op op, psa_key_id_t key, psa_algorithm_t alg,
                  const psa_invec& input, std::uint8_t* signature,
                  std::size_t room, std::size_t* length) {
  const api::KeyRequest request{key, alg};
  return Call(op, {In(request), input}, signature, Small(room), length);
}

// A signature that is longer than any cannot be one; as much of it as shows
// that goes to the partition.
psa_status_t Verify(Op op, psa_key_id_t key, psa_algorithm_t alg,
                    const psa_invec& input, const std::uint8_t* signature,
                    std::size_t length) {
  const api::KeyRequest request{key, alg};
  return Call(op, {In(request), input, {signature, Small(length)}});
}

}  // namespace
}  // namespace cai::psa_ns

using namespace cai::psa_ns;

extern "C" {

psa_status_t psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg,
                           const uint8_t* hash, size_t hash_length,
                           uint8_t* signature, size_t signature_size,
                           size_t* signature_length) {
  return Sign(Op::kSignHash, key, alg, {hash, hash_length}, signature,
              signature_size, signature_length);
}

psa_status_t psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg,
                             const uint8_t* hash, size_t hash_length,
                             const uint8_t* signature,
                             size_t signature_length) {
  return Verify(Op::kVerifyHash, key, alg, {hash, hash_length}, signature,
                signature_length);
}

// Messages of at most crypto_api::kMaxData bytes, with a signature less to
// verify; PSA_ERROR_INSUFFICIENT_MEMORY above. Longer ones are hashed by the
// caller and go to psa_sign_hash.
psa_status_t psa_sign_message(psa_key_id_t key, psa_algorithm_t alg,
                              const uint8_t* input, size_t input_length,
                              uint8_t* signature, size_t signature_size,
                              size_t* signature_length) {
  return Sign(Op::kSignMessage, key, alg, {input, input_length}, signature,
              signature_size, signature_length);
}

psa_status_t psa_verify_message(psa_key_id_t key, psa_algorithm_t alg,
                                const uint8_t* input, size_t input_length,
                                const uint8_t* signature,
                                size_t signature_length) {
  return Verify(Op::kVerifyMessage, key, alg, {input, input_length}, signature,
                signature_length);
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

}  // extern "C"
