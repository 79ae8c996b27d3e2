// Signatures and agreement, and the functions whose algorithms are absent.
#include "device/spm/services.h"
#include "device/tests/psa/psa_test.h"

namespace {

using namespace cai::psa_test;

// RFC 6979, A.2.5, SHA-256, "sample".
constexpr Hex kScalar(
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
constexpr Hex kSignature(
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
const auto* const kMessage = reinterpret_cast<const std::uint8_t*>("sample");

psa_key_id_t Pair(psa_key_usage_t usage, psa_algorithm_t alg) {
  return Import(Attributes(kKeyPair, 0, usage, alg), kScalar.bytes, 32);
}

CAI_DEVICE_TEST(Signatures, OfMessages_MatchKnownAnswers) {
  const psa_key_id_t key =
      Pair(PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE,
           kDeterministic);
  std::size_t size = 0;
  EXPECT_EQ(
      psa_sign_message(key, kDeterministic, kMessage, 6, buffer, 64, &size),
      PSA_SUCCESS);
  EXPECT(size == 64 && kSignature.Is(buffer));
  EXPECT_EQ(psa_verify_message(key, kDeterministic, kMessage, 6,
                               kSignature.bytes, 64),
            PSA_SUCCESS);
  EXPECT_EQ(psa_verify_message(key, kDeterministic, kMessage, 5,
                               kSignature.bytes, 64),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(
      psa_sign_message(key, kDeterministic, input, 2048, buffer, 64, &size),
      PSA_SUCCESS);
  EXPECT_EQ(psa_verify_message(key, kDeterministic, input, 2048, buffer, 64),
            PSA_SUCCESS);
  EXPECT_EQ(
      psa_sign_message(key, kDeterministic, input, 3000, buffer, 64, &size),
      PSA_ERROR_INSUFFICIENT_MEMORY);

  // The policy is for messages.
  EXPECT_EQ(psa_sign_hash(key, kDeterministic, input, 32, buffer, 64, &size),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_sign_message(key, kEcdsa, kMessage, 6, buffer, 64, &size),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(
      psa_sign_message(key, PSA_ALG_SHA_256, kMessage, 6, buffer, 64, &size),
      PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(
      psa_sign_message(key, kDeterministic, kMessage, 6, buffer, 63, &size),
      PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  EXPECT_EQ(
      psa_sign_message(key, kDeterministic, kMessage, 6, buffer, 64, &size),
      PSA_ERROR_INVALID_HANDLE);
}

CAI_DEVICE_TEST(Signatures, OfHashes_AreChecked) {
  const psa_key_id_t key =
      Pair(PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH, kEcdsa);
  std::size_t size = 99;
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, input, 31, buffer, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, input, 0, buffer, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, input, 32, buffer, 63, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, input, 32, buffer, 0, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, input, 32, buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_verify_hash(key, kEcdsa, input, 32, buffer, 64), PSA_SUCCESS);
  for (const std::size_t wrong : {0u, 1u, 63u, 65u, 300u})
    EXPECT_EQ(psa_verify_hash(key, kEcdsa, input, 32, buffer, wrong),
              PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_verify_hash(key, kEcdsa, input, 33, buffer, 64),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_verify_hash(0, kEcdsa, input, 32, buffer, 64),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  const auto aes =
      Attributes(PSA_KEY_TYPE_AES, 0, PSA_KEY_USAGE_SIGN_HASH, kEcdsa);
  const psa_key_id_t other = Import(aes, input, 16);
  EXPECT_EQ(psa_sign_hash(other, kEcdsa, input, 32, buffer, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(other), PSA_SUCCESS);
}

// Wildcards and the algorithm without a hash.
CAI_DEVICE_TEST(Signatures, OfAnyHash_FollowTheKeysPolicy) {
  std::size_t size = 0;
  constexpr psa_algorithm_t kWildcard = PSA_ALG_ECDSA(PSA_ALG_ANY_HASH);
  psa_key_id_t key =
      Pair(PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH, kWildcard);
  EXPECT_EQ(psa_sign_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_384), input, 48,
                          buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_verify_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_384), input, 48,
                            buffer, 64),
            PSA_SUCCESS);
  EXPECT_EQ(psa_sign_hash(key, kWildcard, input, 32, buffer, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_sign_hash(key, PSA_ALG_ECDSA(PSA_ALG_MD5), input, 16, buffer,
                          64, &size),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  key = Pair(PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH,
             PSA_ALG_ECDSA_ANY);
  EXPECT_EQ(psa_sign_hash(key, PSA_ALG_ECDSA_ANY, input, 20, buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_verify_hash(key, PSA_ALG_ECDSA_ANY, input, 20, buffer, 64),
            PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Signatures, OfTheDevice_AreOfHashesAlone) {
  std::size_t size = 0;
  EXPECT_EQ(psa_sign_message(cai::spm::kKeyTlsClient, kEcdsa, kMessage, 6,
                             buffer, 64, &size),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_sign_message(cai::spm::kKeyIak, kEcdsa, kMessage, 6, buffer, 64,
                             &size),
            PSA_ERROR_INVALID_HANDLE);
}

CAI_DEVICE_TEST(Agreement, Arguments_AreChecked) {
  const auto pair = Attributes(kKeyPair, 0, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
  const psa_key_id_t key = Import(pair, kScalar.bytes, 32);
  std::uint8_t point[65];
  std::size_t size = 0;
  EXPECT_EQ(psa_export_public_key(key, point, 65, &size), PSA_SUCCESS);
  const auto agree = [&](psa_algorithm_t alg, psa_key_id_t id,
                         std::size_t peer_size, std::size_t room) {
    return psa_raw_key_agreement(alg, id, point, peer_size, buffer, room,
                                 &size);
  };
  EXPECT_EQ(agree(PSA_ALG_ECDH, key, 65, 32), PSA_SUCCESS);
  EXPECT_EQ(size, 32);
  EXPECT_EQ(agree(PSA_ALG_ECDH, key, 65, 31), PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(agree(PSA_ALG_ECDH, key, 33, 32), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(agree(PSA_ALG_ECDH, key, 0, 32), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(agree(PSA_ALG_SHA_256, key, 65, 32), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(agree(PSA_ALG_ECDH, 0, 65, 32), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Absent, Algorithms_AreRefusedByTheirFunctions) {
  const auto aes =
      Attributes(PSA_KEY_TYPE_AES, 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_CTR);
  const psa_key_id_t key = Import(aes, input, 16);
  std::size_t size = 99;
  psa_cipher_operation_t cipher = PSA_CIPHER_OPERATION_INIT;
  EXPECT_EQ(psa_cipher_encrypt_setup(&cipher, key, PSA_ALG_CTR),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_cipher_decrypt_setup(&cipher, 0, PSA_ALG_CTR),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_cipher_encrypt_setup(&cipher, key, PSA_ALG_SHA_256),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_cipher_update(&cipher, input, 1, buffer, 1, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_cipher_abort(&cipher), PSA_SUCCESS);
  EXPECT_EQ(psa_can_do_cipher(PSA_KEY_TYPE_AES, PSA_ALG_CTR), 0);
  EXPECT_EQ(psa_random_reseed(nullptr, 0), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_asymmetric_encrypt(key, PSA_ALG_RSA_PKCS1V15_CRYPT, input, 1,
                                   nullptr, 0, buffer, 64, &size),
            PSA_ERROR_NOT_SUPPORTED);
  psa_sign_hash_interruptible_operation_t signing =
      PSA_SIGN_HASH_INTERRUPTIBLE_OPERATION_INIT;
  EXPECT_EQ(psa_sign_hash_start(&signing, key, kEcdsa, input, 32),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_sign_hash_start(&signing, 0, kEcdsa, input, 32),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_sign_hash_complete(&signing, buffer, 64, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_sign_hash_abort(&signing), PSA_SUCCESS);
  psa_pake_operation_t exchange = PSA_PAKE_OPERATION_INIT;
  const psa_pake_cipher_suite_t suite = PSA_PAKE_CIPHER_SUITE_INIT;
  EXPECT_EQ(psa_pake_setup(&exchange, &suite), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_pake_abort(&exchange), PSA_SUCCESS);

  // Parameters that change nothing are those of the plain function.
  const auto raw =
      Attributes(PSA_KEY_TYPE_RAW_DATA, 64, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
  psa_custom_key_parameters_t custom = PSA_CUSTOM_KEY_PARAMETERS_INIT;
  psa_key_id_t made = 0;
  EXPECT_EQ(psa_generate_key_custom(&raw, &custom, nullptr, 0, &made),
            PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(made), PSA_SUCCESS);
  EXPECT_EQ(psa_generate_key_custom(&raw, &custom, input, 1, &made),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

}  // namespace
