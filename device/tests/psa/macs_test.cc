// Hashes and MACs in parts: results, states and refusals.
#include "device/tests/psa/psa_test.h"
#include "psa/client.h"

namespace {

using namespace cai::psa_test;

constexpr psa_algorithm_t kHmac = PSA_ALG_HMAC(PSA_ALG_SHA_256);
constexpr psa_key_usage_t kBoth =
    PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE;
constexpr std::uint8_t kSecret[20] = {0x0b, 0x0b, 1, 2, 3};

// ---- Hashes -----------------------------------------------------------------

CAI_DEVICE_TEST(Hashes, States_AreThoseOfTheSpecification) {
  std::size_t size = 99;
  psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
  psa_hash_operation_t other = PSA_HASH_OPERATION_INIT;
  EXPECT_EQ(psa_hash_update(&operation, input, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_finish(&operation, buffer, 32, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_hash_verify(&operation, buffer, 32), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_clone(&operation, &other), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_MD5), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_hash_setup(&operation, kHmac), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_ANY_HASH),
            PSA_ERROR_NOT_SUPPORTED);

  // After a refusal an operation is in error until it is aborted.
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_clone(&operation, &operation), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_finish(&operation, buffer, 31, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_hash_update(&operation, input, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_finish(&operation, buffer, 32, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_384), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_update(&operation, nullptr, 0), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_verify(&operation, buffer, 48),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_hash_abort(&operation), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Hashes, OfNothing_AreKnownAnswers) {
  constexpr Hex sha256(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::size_t size = 0;
  EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_256, nullptr, 0, buffer, 32, &size),
            PSA_SUCCESS);
  EXPECT(size == 32 && sha256.Is(buffer));
  EXPECT_EQ(psa_hash_compare(PSA_ALG_SHA_256, nullptr, 0, sha256.bytes, 32),
            PSA_SUCCESS);
  EXPECT_EQ(psa_hash_compare(PSA_ALG_SHA_256, nullptr, 0, sha256.bytes, 31),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_hash_compute(kHmac, nullptr, 0, buffer, 32, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_1, nullptr, 0, buffer, 32, &size),
            PSA_ERROR_NOT_SUPPORTED);
}

// From a handler no call gets through; what it wanted to abort is not lost.
psa_hash_operation_t aborted;
psa_status_t abort_status;
extern "C" void cai_ns_SVCall() { abort_status = psa_hash_abort(&aborted); }

CAI_DEVICE_TEST(Hashes, AbortOfABusyMoment_CanBeRepeated) {
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(psa_hash_setup(&aborted, PSA_ALG_SHA_256), PSA_SUCCESS);
    asm volatile("svc 0" ::: "memory");
    EXPECT_EQ(abort_status, PSA_ERROR_CONNECTION_BUSY);
    EXPECT_EQ(psa_hash_update(&aborted, input, 1), PSA_SUCCESS);
    EXPECT_EQ(psa_hash_abort(&aborted), PSA_SUCCESS);
  }
}

// The pause of PSA Crypto 1.1: no hash has it.
CAI_DEVICE_TEST(Hashes, Suspension_IsRefused) {
  std::size_t size = 99;
  psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
  EXPECT_EQ(PSA_HASH_SUSPEND_OUTPUT_SIZE(PSA_ALG_SHA_256), 4 + 8 + 32 + 63);
  EXPECT_EQ(psa_hash_suspend(&operation, buffer, sizeof(buffer), &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_hash_resume(&operation, buffer, 107), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_resume(&operation, buffer, 107), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_suspend(&operation, buffer, sizeof(buffer), &size),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_hash_update(&operation, input, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_hash_abort(&operation), PSA_SUCCESS);
}

// ---- MACs -------------------------------------------------------------------

// RFC 4231, 4.7: the key is longer than a block, and hashed first.
CAI_DEVICE_TEST(Macs, LongKeys_MatchKnownAnswers) {
  constexpr Hex sha256(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  constexpr Hex sha384(
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
      "0c2ef6ab4030fe8296248df163f44952");
  constexpr char text[] =
      "Test Using Larger Than Block-Size Key - Hash Key First";
  std::uint8_t secret[131];
  std::memset(secret, 0xaa, sizeof(secret));
  const auto verify = [&](psa_algorithm_t hash, const std::uint8_t* mac,
                          std::size_t size) {
    const psa_algorithm_t alg = PSA_ALG_HMAC(hash);
    const psa_key_id_t key = Import(
        Attributes(PSA_KEY_TYPE_HMAC, 0, kBoth, alg), secret, sizeof(secret));
    EXPECT_EQ(
        psa_mac_verify(key, alg, reinterpret_cast<const std::uint8_t*>(text),
                       sizeof(text) - 1, mac, size),
        PSA_SUCCESS);
    EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  };
  verify(PSA_ALG_SHA_256, sha256.bytes, sha256.size());
  verify(PSA_ALG_SHA_384, sha384.bytes, sha384.size());
}

CAI_DEVICE_TEST(Macs, InParts_GiveTheSameAsAtOnce) {
  const auto attributes = Attributes(PSA_KEY_TYPE_HMAC, 0, kBoth, kHmac);
  const psa_key_id_t key = Import(attributes, kSecret, sizeof(kSecret));
  std::size_t size = 0;
  for (const std::size_t length : {0u, 1u, 64u, 2048u, 2049u, 9000u}) {
    std::uint8_t whole[32], pieces[32];
    EXPECT_EQ(psa_mac_compute(key, kHmac, input, length, whole, 32, &size),
              PSA_SUCCESS);
    EXPECT_EQ(size, 32);
    psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
    EXPECT_EQ(psa_mac_sign_setup(&operation, key, kHmac), PSA_SUCCESS);
    for (std::size_t at = 0; at < length; at += 700)
      EXPECT_EQ(psa_mac_update(&operation, input + at,
                               length - at < 700 ? length - at : 700),
                PSA_SUCCESS);
    EXPECT_EQ(psa_mac_sign_finish(&operation, pieces, 32, &size), PSA_SUCCESS);
    EXPECT(std::memcmp(whole, pieces, 32) == 0);

    EXPECT_EQ(psa_mac_verify(key, kHmac, input, length, whole, 32),
              PSA_SUCCESS);
    EXPECT_EQ(psa_mac_verify_setup(&operation, key, kHmac), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_update(&operation, input, length), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_verify_finish(&operation, whole, 32), PSA_SUCCESS);
    whole[31] ^= 1;
    EXPECT_EQ(psa_mac_verify(key, kHmac, input, length, whole, 32),
              PSA_ERROR_INVALID_SIGNATURE);
    EXPECT_EQ(psa_mac_verify_setup(&operation, key, kHmac), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_update(&operation, input, length), PSA_SUCCESS);
    EXPECT_EQ(psa_mac_verify_finish(&operation, whole, 32),
              PSA_ERROR_INVALID_SIGNATURE);
    EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
  }
  EXPECT_EQ(psa_mac_verify(key, kHmac, input, 1, buffer, 31),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_mac_verify(key, kHmac, input, 1, buffer, 1000),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Macs, Truncated_AreOfTheLengthThatTheAlgorithmNames) {
  constexpr psa_algorithm_t kShort = PSA_ALG_TRUNCATED_MAC(kHmac, 10);
  const auto attributes = Attributes(PSA_KEY_TYPE_HMAC, 0, kBoth, kShort);
  const psa_key_id_t key = Import(attributes, kSecret, sizeof(kSecret));
  std::size_t size = 0;
  EXPECT_EQ(psa_mac_compute(key, kShort, input, 5, buffer, 9, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_mac_compute(key, kShort, input, 5, buffer, 10, &size),
            PSA_SUCCESS);
  EXPECT_EQ(size, 10);
  EXPECT_EQ(psa_mac_verify(key, kShort, input, 5, buffer, 10), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_compute(key, kHmac, input, 5, buffer, 32, &size),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Macs, States_AreThoseOfTheSpecification) {
  const auto attributes = Attributes(PSA_KEY_TYPE_HMAC, 0, kBoth, kHmac);
  const psa_key_id_t key = Import(attributes, kSecret, sizeof(kSecret));
  std::size_t size = 99;
  psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
  EXPECT_EQ(psa_mac_update(&operation, input, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_sign_finish(&operation, buffer, 32, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_mac_verify_finish(&operation, buffer, 32), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);

  // To sign is not to verify, nor the reverse; each such error ends it.
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, kHmac), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, kHmac), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_verify_finish(&operation, buffer, 32), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_update(&operation, input, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_verify_setup(&operation, key, kHmac), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_sign_finish(&operation, buffer, 32, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, kHmac), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_sign_finish(&operation, buffer, 31, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_mac_sign_finish(&operation, buffer, 32, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Macs, Setup_FollowsTypeAlgorithmAndPolicy) {
  psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
  std::size_t size = 0;
  const auto sign_only =
      Attributes(PSA_KEY_TYPE_HMAC, 0, PSA_KEY_USAGE_SIGN_MESSAGE, kHmac);
  psa_key_id_t key = Import(sign_only, kSecret, sizeof(kSecret));
  EXPECT_EQ(psa_mac_verify_setup(&operation, key, kHmac),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_mac_verify(key, kHmac, input, 1, buffer, 32),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, PSA_ALG_HMAC(PSA_ALG_SHA_384)),
            PSA_ERROR_NOT_PERMITTED);
  // A refused setup leaves the operation as it was.
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, kHmac), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, kHmac),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_mac_compute(0, kHmac, input, 1, buffer, 32, &size),
            PSA_ERROR_INVALID_HANDLE);

  const auto no_mac = Attributes(PSA_KEY_TYPE_HMAC, 0, kBoth, PSA_ALG_SHA_256);
  key = Import(no_mac, kSecret, sizeof(kSecret));
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, PSA_ALG_SHA_256),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  const auto aes = Attributes(PSA_KEY_TYPE_AES, 0, kBoth, PSA_ALG_CMAC);
  key = Import(aes, kSecret, 16);
  EXPECT_EQ(psa_mac_sign_setup(&operation, key, PSA_ALG_CMAC),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Macs, Exhaustion_IsSaidAndPasses) {
  const auto attributes = Attributes(PSA_KEY_TYPE_HMAC, 0, kBoth, kHmac);
  const psa_key_id_t key = Import(attributes, kSecret, sizeof(kSecret));
  psa_mac_operation_t operations[6] = {};
  int held = 0;
  psa_status_t status = PSA_SUCCESS;
  while (held < 6 && (status = psa_mac_sign_setup(&operations[held], key,
                                                  kHmac)) == PSA_SUCCESS)
    ++held;
  EXPECT_EQ(held, 4);
  EXPECT_EQ(status, PSA_ERROR_INSUFFICIENT_MEMORY);
  // One-shot computations need no slot.
  std::size_t size = 0;
  EXPECT_EQ(psa_mac_compute(key, kHmac, input, 5, buffer, 32, &size),
            PSA_SUCCESS);
  // A handle of an operation that is over opens no other.
  const psa_mac_operation_t stale = operations[1];
  EXPECT_EQ(psa_mac_abort(&operations[1]), PSA_SUCCESS);
  EXPECT_EQ(psa_mac_sign_setup(&operations[1], key, kHmac), PSA_SUCCESS);
  psa_mac_operation_t reused = stale;
  EXPECT_EQ(psa_mac_update(&reused, input, 1), PSA_ERROR_BAD_STATE);
  for (auto& operation : operations)
    EXPECT_EQ(psa_mac_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

}  // namespace
