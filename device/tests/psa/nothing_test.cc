// Inputs and outputs of no bytes, through pointers to nothing: what is not read
// or written needs no memory.
#include "device/tests/psa/psa_test.h"
#include "psa/internal_trusted_storage.h"

namespace {

using namespace cai::psa_test;

// No pointer; one into the secure side; one that nothing is at.
const std::uint8_t* const kNowhere[] = {
    nullptr, reinterpret_cast<const std::uint8_t*>(0x10000000),
    reinterpret_cast<const std::uint8_t*>(1)};

constexpr psa_algorithm_t kHmac = PSA_ALG_HMAC(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kHkdf = PSA_ALG_HKDF(PSA_ALG_SHA_256);
constexpr psa_key_usage_t kAll =
    PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE |
    PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH |
    PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT | PSA_KEY_USAGE_DERIVE |
    PSA_KEY_USAGE_EXPORT;

std::uint8_t* Out(const std::uint8_t* pointer) {
  return const_cast<std::uint8_t*>(pointer);
}

CAI_DEVICE_TEST(Nothing, IsHashedAndAuthenticated) {
  const psa_key_id_t key =
      Import(Attributes(PSA_KEY_TYPE_HMAC, 0, kAll, kHmac), input, 32);
  std::size_t size = 0;
  for (const std::uint8_t* none : kNowhere) {
    EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_256, none, 0, buffer, 32, &size),
              PSA_SUCCESS);
    EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_256, input, 1, Out(none), 0, &size),
              PSA_ERROR_BUFFER_TOO_SMALL);
    EXPECT_EQ(psa_hash_compare(PSA_ALG_SHA_256, input, 1, none, 0),
              PSA_ERROR_INVALID_SIGNATURE);
    EXPECT_EQ(psa_mac_compute(key, kHmac, none, 0, buffer, 32, &size),
              PSA_SUCCESS);
    EXPECT_EQ(psa_mac_verify(key, kHmac, none, 0, buffer, 32), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_verify(key, kHmac, none, 0, none, 0),
              PSA_ERROR_INVALID_SIGNATURE);
    EXPECT_EQ(psa_mac_compute(key, kHmac, input, 1, Out(none), 0, &size),
              PSA_ERROR_BUFFER_TOO_SMALL);
    psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    EXPECT_EQ(psa_mac_verify_setup(&operation, key, kHmac), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_update(&operation, none, 0), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_verify_finish(&operation, none, 0),
              PSA_ERROR_INVALID_SIGNATURE);
    EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
    EXPECT_EQ(psa_generate_random(Out(none), 0), PSA_SUCCESS);
    EXPECT_EQ(psa_export_key(key, Out(none), 0, &size),
              PSA_ERROR_BUFFER_TOO_SMALL);
  }
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Nothing, IsSealedAndOpened) {
  for (const psa_algorithm_t alg : {PSA_ALG_GCM, PSA_ALG_CCM}) {
    const psa_key_id_t key =
        Import(Attributes(PSA_KEY_TYPE_AES, 0, kAll, alg), input, 16);
    std::size_t size = 0, tag_size = 0;
    for (const std::uint8_t* none : kNowhere) {
      EXPECT_EQ(psa_aead_encrypt(key, alg, input, 12, none, 0, none, 0, buffer,
                                 16, &size),
                PSA_SUCCESS);
      EXPECT_EQ(psa_aead_decrypt(key, alg, input, 12, none, 0, buffer, 16,
                                 Out(none), 0, &size),
                PSA_SUCCESS);
      EXPECT_EQ(psa_aead_encrypt(key, alg, none, 0, none, 0, none, 0, buffer,
                                 16, &size),
                PSA_ERROR_INVALID_ARGUMENT);
      EXPECT_EQ(psa_aead_decrypt(key, alg, input, 12, none, 0, none, 0,
                                 Out(none), 0, &size),
                PSA_ERROR_INVALID_ARGUMENT);
      psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
      EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, alg), PSA_SUCCESS);
      EXPECT_EQ(psa_aead_set_lengths(&operation, 0, 0), PSA_SUCCESS);
      EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
      EXPECT_EQ(psa_aead_update_ad(&operation, none, 0), PSA_SUCCESS);
      EXPECT_EQ(psa_aead_update(&operation, none, 0, Out(none), 0, &size),
                PSA_SUCCESS);
      EXPECT_EQ(psa_aead_finish(&operation, Out(none), 0, &size, buffer + 16,
                                16, &tag_size),
                PSA_SUCCESS);
      EXPECT(size == 0 && std::memcmp(buffer, buffer + 16, 16) == 0);
    }
    EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  }
}

CAI_DEVICE_TEST(Nothing, IsSignedAndAgreedUpon) {
  const psa_key_id_t key = [] {
    const auto pair = Attributes(kKeyPair, 256, kAll, kEcdsa);
    psa_key_id_t made = 0;
    EXPECT_EQ(psa_generate_key(&pair, &made), PSA_SUCCESS);
    return made;
  }();
  std::size_t size = 0;
  for (const std::uint8_t* none : kNowhere) {
    EXPECT_EQ(psa_sign_message(key, kEcdsa, none, 0, buffer, 64, &size),
              PSA_SUCCESS);
    EXPECT_EQ(psa_verify_message(key, kEcdsa, none, 0, buffer, 64),
              PSA_SUCCESS);
    EXPECT_EQ(psa_sign_hash(key, kEcdsa, none, 0, buffer, 64, &size),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(psa_verify_hash(key, kEcdsa, input, 32, none, 0),
              PSA_ERROR_INVALID_SIGNATURE);
    EXPECT_EQ(psa_export_public_key(key, Out(none), 0, &size),
              PSA_ERROR_BUFFER_TOO_SMALL);
  }
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  const auto agreeing =
      Attributes(kKeyPair, 256, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
  psa_key_id_t other = 0;
  EXPECT_EQ(psa_generate_key(&agreeing, &other), PSA_SUCCESS);
  for (const std::uint8_t* none : kNowhere)
    EXPECT_EQ(
        psa_raw_key_agreement(PSA_ALG_ECDH, other, none, 0, buffer, 32, &size),
        PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(other), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Nothing, IsDerivedFromAndStored) {
  std::uint8_t expected[32];
  std::size_t size = 0;
  for (const std::uint8_t* none : kNowhere) {
    psa_key_derivation_operation_t operation =
        PSA_KEY_DERIVATION_OPERATION_INIT;
    EXPECT_EQ(psa_key_derivation_setup(&operation, kHkdf), PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_input_bytes(
                  &operation, PSA_KEY_DERIVATION_INPUT_SALT, none, 0),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_input_bytes(
                  &operation, PSA_KEY_DERIVATION_INPUT_SECRET, input, 16),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_input_bytes(
                  &operation, PSA_KEY_DERIVATION_INPUT_INFO, none, 0),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_output_bytes(&operation, Out(none), 0),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_verify_bytes(&operation, none, 0),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 32),
              PSA_SUCCESS);
    if (none == nullptr) std::memcpy(expected, buffer, 32);
    EXPECT(std::memcmp(expected, buffer, 32) == 0);
    EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);

    EXPECT_EQ(psa_its_set(9, 0, none, 0), PSA_SUCCESS);
    EXPECT_EQ(psa_its_get(9, 0, 0, Out(none), &size), PSA_SUCCESS);
    EXPECT_EQ(psa_its_remove(9), PSA_SUCCESS);
    psa_key_id_t key = 99;
    const auto raw = Attributes(PSA_KEY_TYPE_RAW_DATA, 0, PSA_KEY_USAGE_EXPORT,
                                PSA_ALG_NONE);
    EXPECT_EQ(psa_import_key(&raw, none, 0, &key), PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(key, 0);
  }
}

}  // namespace
