// Key derivation: results, states, capacity, and what one client may keep.
#include "device/spm/services.h"
#include "device/tests/psa/psa_test.h"

namespace {

using namespace cai::psa_test;

constexpr psa_algorithm_t kHkdf = PSA_ALG_HKDF(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kPrf = PSA_ALG_TLS12_PRF(PSA_ALG_SHA_256);
constexpr auto kSalt = PSA_KEY_DERIVATION_INPUT_SALT;
constexpr auto kSecret = PSA_KEY_DERIVATION_INPUT_SECRET;
constexpr auto kInfo = PSA_KEY_DERIVATION_INPUT_INFO;
constexpr auto kSeed = PSA_KEY_DERIVATION_INPUT_SEED;
constexpr auto kLabel = PSA_KEY_DERIVATION_INPUT_LABEL;

// RFC 5869, A.1.
constexpr Hex kIkm("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
constexpr Hex kRfcSalt("000102030405060708090a0b0c");
constexpr Hex kRfcInfo("f0f1f2f3f4f5f6f7f8f9");
constexpr Hex kPrk(
    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
constexpr Hex kOkm(
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    "34007208d5b887185865");

psa_key_id_t DeriveKey(const void* data, std::size_t size,
                       psa_algorithm_t alg) {
  return Import(Attributes(PSA_KEY_TYPE_DERIVE, 0, PSA_KEY_USAGE_DERIVE, alg),
                data, size);
}

// An HKDF of RFC 5869, A.1, ready to give.
void StartRfc5869(psa_key_derivation_operation_t* operation, psa_key_id_t key) {
  EXPECT_EQ(psa_key_derivation_setup(operation, kHkdf), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(operation, kSalt, kRfcSalt.bytes,
                                           kRfcSalt.size()),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_key(operation, kSecret, key), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(operation, kInfo, kRfcInfo.bytes,
                                           kRfcInfo.size()),
            PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, Tls12Prf_MatchesKnownAnswers) {
  // From the TLS working group's list, "test vectors for the PRF", P_SHA256.
  constexpr Hex secret("9bbe436ba940f017b17652849a71db35");
  constexpr Hex seed("a0ba9f936cda311827a6f796ffd5198c");
  constexpr Hex expected(
      "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
      "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
      "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
      "87347b66");
  const psa_key_id_t key = DeriveKey(secret.bytes, secret.size(), kPrf);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  EXPECT_EQ(psa_key_derivation_setup(&operation, kPrf), PSA_SUCCESS);
  // Its inputs have one order: seed, secret, label.
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSeed, seed.bytes, 16),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, key),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(
                &operation, kLabel,
                reinterpret_cast<const std::uint8_t*>("test label"), 10),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 100),
            PSA_SUCCESS);
  EXPECT(expected.Is(buffer));
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);

  EXPECT_EQ(psa_key_derivation_setup(&operation, kPrf), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kLabel, input, 4),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

// RFC 5869, A.2: everything long, the secret a key.
CAI_DEVICE_TEST(Derivations, LongInputs_MatchKnownAnswers) {
  constexpr Hex expected(
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
      "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
      "cc30c58179ec3e87c14c01d5c1f3434f1d87");
  for (int i = 0; i < 256; ++i) input[i] = static_cast<std::uint8_t>(i);
  const psa_key_id_t key = DeriveKey(input, 80, kHkdf);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  EXPECT_EQ(psa_key_derivation_setup(&operation, kHkdf), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSalt, input + 0x60, 80),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, key),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kInfo, input + 0xb0, 80),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 82),
            PSA_SUCCESS);
  EXPECT(expected.Is(buffer));
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, HkdfHalves_MatchKnownAnswers) {
  constexpr psa_algorithm_t kExtract = PSA_ALG_HKDF_EXTRACT(PSA_ALG_SHA_256);
  constexpr psa_algorithm_t kExpand = PSA_ALG_HKDF_EXPAND(PSA_ALG_SHA_256);
  psa_key_id_t key = DeriveKey(kIkm.bytes, kIkm.size(), kExtract);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  EXPECT_EQ(psa_key_derivation_setup(&operation, kExtract), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSalt, kRfcSalt.bytes,
                                           kRfcSalt.size()),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, key),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 32),
            PSA_SUCCESS);
  EXPECT(kPrk.Is(buffer));
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  key = DeriveKey(kPrk.bytes, kPrk.size(), kExpand);
  EXPECT_EQ(psa_key_derivation_setup(&operation, kExpand), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, key),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kInfo, kRfcInfo.bytes,
                                           kRfcInfo.size()),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 42),
            PSA_SUCCESS);
  EXPECT(kOkm.Is(buffer));
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, VerifyBytes_ComparesAndUsesUp) {
  const psa_key_id_t key = DeriveKey(kIkm.bytes, kIkm.size(), kHkdf);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  EXPECT_EQ(psa_key_derivation_verify_bytes(&operation, kOkm.bytes, 42),
            PSA_ERROR_BAD_STATE);
  StartRfc5869(&operation, key);
  EXPECT_EQ(psa_key_derivation_set_capacity(&operation, 42), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_verify_bytes(&operation, kOkm.bytes, 40),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_verify_bytes(&operation, kOkm.bytes, 2),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_key_derivation_verify_bytes(&operation, kOkm.bytes, 1),
            PSA_ERROR_INSUFFICIENT_DATA);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  StartRfc5869(&operation, key);
  EXPECT_EQ(psa_key_derivation_set_capacity(&operation, 42), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_verify_bytes(&operation, input, 43),
            PSA_ERROR_INSUFFICIENT_DATA);
  EXPECT_EQ(psa_key_derivation_verify_key(&operation, key),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_key_derivation_verify_key(&operation, 0),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_verify_key(&operation, key),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, OutputKey_IsWhatItsAttributesSay) {
  const psa_key_id_t key = DeriveKey(kIkm.bytes, kIkm.size(), kHkdf);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  StartRfc5869(&operation, key);
  psa_key_id_t derived = 99;
  std::size_t size = 0;
  const auto make = [&](psa_key_type_t type, std::size_t bits) {
    const auto wanted =
        Attributes(type, bits, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
    return psa_key_derivation_output_key(&wanted, &operation, &derived);
  };
  EXPECT_EQ(make(PSA_KEY_TYPE_RAW_DATA, 0), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(derived, 0);
  EXPECT_EQ(make(kPublicKey, 256), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(make(PSA_KEY_TYPE_AES, 128), PSA_SUCCESS);
  EXPECT_EQ(psa_export_key(derived, buffer, 64, &size), PSA_SUCCESS);
  EXPECT(size == 16 && std::memcmp(buffer, kOkm.bytes, 16) == 0);
  EXPECT_EQ(psa_destroy_key(derived), PSA_SUCCESS);
  EXPECT_EQ(make(PSA_KEY_TYPE_HMAC, 8 * 26), PSA_SUCCESS);
  EXPECT_EQ(psa_export_key(derived, buffer, 64, &size), PSA_SUCCESS);
  EXPECT(size == 26 && std::memcmp(buffer, kOkm.bytes + 16, 26) == 0);
  EXPECT_EQ(psa_destroy_key(derived), PSA_SUCCESS);
  EXPECT_EQ(make(kKeyPair, 256), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(derived), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_set_capacity(&operation, 15), PSA_SUCCESS);
  EXPECT_EQ(make(PSA_KEY_TYPE_AES, 128), PSA_ERROR_INSUFFICIENT_DATA);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);

  // A secret that was not a key makes bytes and no keys.
  EXPECT_EQ(psa_key_derivation_setup(&operation, kHkdf), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSecret, kIkm.bytes, 22),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kInfo, nullptr, 0),
            PSA_SUCCESS);
  EXPECT_EQ(make(PSA_KEY_TYPE_AES, 128), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(make(PSA_KEY_TYPE_AES, 128), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, Capacity_IsKept) {
  const psa_key_id_t key = DeriveKey(kIkm.bytes, kIkm.size(), kHkdf);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  std::size_t capacity = 99;
  EXPECT_EQ(psa_key_derivation_get_capacity(&operation, &capacity),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_key_derivation_set_capacity(&operation, 1),
            PSA_ERROR_BAD_STATE);
  StartRfc5869(&operation, key);
  EXPECT_EQ(psa_key_derivation_get_capacity(&operation, &capacity),
            PSA_SUCCESS);
  EXPECT_EQ(capacity, 255 * 32);
  EXPECT_EQ(psa_key_derivation_set_capacity(&operation, 255 * 32 + 1),
            PSA_ERROR_INVALID_ARGUMENT);
  // More than one call carries, all of it or nothing.
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 5000),
            PSA_SUCCESS);
  EXPECT(kOkm.Is(buffer));
  EXPECT_EQ(psa_key_derivation_get_capacity(&operation, &capacity),
            PSA_SUCCESS);
  EXPECT_EQ(capacity, 255 * 32 - 5000);
  std::memset(buffer, 0xEE, sizeof(buffer));
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 3161),
            PSA_ERROR_INSUFFICIENT_DATA);
  bool untouched = true;
  for (const std::uint8_t byte : buffer) untouched &= byte == 0xEE;
  EXPECT(untouched);
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 1),
            PSA_ERROR_INSUFFICIENT_DATA);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 1),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, Inputs_AreChecked) {
  const psa_key_id_t key = DeriveKey(kIkm.bytes, kIkm.size(), kHkdf);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  const auto restart = [&] {
    EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_setup(&operation, kHkdf), PSA_SUCCESS);
  };
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSalt, input, 4),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, key),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_key_derivation_input_integer(&operation,
                                             PSA_KEY_DERIVATION_INPUT_COST, 1),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_key_derivation_setup(&operation, PSA_ALG_SHA_256),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_key_derivation_setup(&operation, PSA_ALG_HKDF(PSA_ALG_MD5)),
            PSA_ERROR_NOT_SUPPORTED);
  restart();
  EXPECT_EQ(psa_key_derivation_setup(&operation, kHkdf), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_key_derivation_input_integer(&operation,
                                             PSA_KEY_DERIVATION_INPUT_COST, 1),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSeed, input, 4),
            PSA_ERROR_INVALID_ARGUMENT);
  restart();
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, 0),
            PSA_ERROR_INVALID_HANDLE);
  restart();
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 1),
            PSA_ERROR_BAD_STATE);
  restart();
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, key),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kSalt, input, 4),
            PSA_ERROR_BAD_STATE);
  restart();
  const auto no_derive =
      Attributes(PSA_KEY_TYPE_DERIVE, 0, PSA_KEY_USAGE_EXPORT, kHkdf);
  const psa_key_id_t other = Import(no_derive, kIkm.bytes, 22);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, other),
            PSA_ERROR_NOT_PERMITTED);
  const auto wrong_type =
      Attributes(PSA_KEY_TYPE_AES, 0, PSA_KEY_USAGE_DERIVE, kHkdf);
  restart();
  const psa_key_id_t aes = Import(wrong_type, kIkm.bytes, 16);
  EXPECT_EQ(psa_key_derivation_input_key(&operation, kSecret, aes),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  for (psa_key_id_t id : {key, other, aes})
    EXPECT_EQ(psa_destroy_key(id), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, Agreement_FeedsADerivation) {
  constexpr psa_algorithm_t kBoth =
      PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, PSA_ALG_HKDF(PSA_ALG_SHA_256));
  const auto pair = Attributes(kKeyPair, 256, PSA_KEY_USAGE_DERIVE, kBoth);
  psa_key_id_t keys[2] = {};
  std::uint8_t points[2][65], out[2][32];
  std::size_t size = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(psa_generate_key(&pair, &keys[i]), PSA_SUCCESS);
    EXPECT_EQ(psa_export_public_key(keys[i], points[i], 65, &size),
              PSA_SUCCESS);
  }
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(psa_key_derivation_setup(&operation, kBoth), PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_key_agreement(&operation, kSecret, keys[i],
                                               points[1 - i], 65),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_input_bytes(&operation, kInfo, input, 3),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_output_bytes(&operation, out[i], 32),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  }
  EXPECT(std::memcmp(out[0], out[1], 32) == 0);

  EXPECT_EQ(psa_key_derivation_setup(&operation, kBoth), PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_key_agreement(&operation, kSecret, keys[0],
                                             points[1], 64),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_raw_key_agreement(PSA_ALG_ECDH, keys[0], points[1], 65, buffer,
                                  32, &size),
            PSA_ERROR_NOT_PERMITTED);
  for (psa_key_id_t key : keys) EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Derivations, AtTheirLargest_LeaveRoomForASignature) {
  psa_key_derivation_operation_t operations[3] = {};
  int held = 0;
  while (held < 3 &&
         psa_key_derivation_setup(&operations[held], kPrf) == PSA_SUCCESS)
    ++held;
  EXPECT_EQ(held, 2);
  // The longest key, too, is kept.
  const psa_key_id_t longest = DeriveKey(input, 140, kPrf);
  for (int i = 0; i < held; ++i) {
    EXPECT_EQ(psa_key_derivation_input_bytes(&operations[i], kSeed, input, 641),
              PSA_ERROR_INSUFFICIENT_MEMORY);
    EXPECT_EQ(psa_key_derivation_input_bytes(&operations[i], kSeed, input, 640),
              PSA_SUCCESS);
    EXPECT_EQ(psa_key_derivation_input_bytes(&operations[i], kSecret, input, 1),
              PSA_ERROR_INSUFFICIENT_MEMORY);
    EXPECT_EQ(psa_key_derivation_input_key(&operations[i], kSecret, longest),
              PSA_SUCCESS);
  }
  EXPECT_EQ(psa_destroy_key(longest), PSA_SUCCESS);
  std::size_t size = 0;
  EXPECT_EQ(psa_sign_hash(cai::spm::kKeyTlsClient, kEcdsa, input, 32, buffer,
                          64, &size),
            PSA_SUCCESS);
  const auto pair = Attributes(kKeyPair, 256, PSA_KEY_USAGE_SIGN_HASH, kEcdsa);
  psa_key_id_t key = 0;
  EXPECT_EQ(psa_generate_key(&pair, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, input, 32, buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_verify_hash(key, kEcdsa, input, 32, buffer, 64),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  for (auto& operation : operations)
    EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
}

}  // namespace
