// AEADs in parts: results, states and refusals.
#include "device/tests/psa/psa_test.h"

namespace {

using namespace cai::psa_test;

constexpr psa_key_usage_t kBoth = PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT;

// McGrew and Viega, GCM, test cases 4 and 6: one message, two nonces.
constexpr Hex kGcmKey("feffe9928665731c6d6a8f9467308308");
constexpr Hex kGcmNonce("cafebabefacedbaddecaf888");
constexpr Hex kGcmAad("feedfacedeadbeeffeedfacedeadbeefabaddad2");
constexpr Hex kGcmPlain(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
constexpr Hex kGcmCipher(
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
    "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091");
constexpr Hex kGcmTag("5bc94fbc3221a5db94fae95ae7121a47");
constexpr Hex kLongNonce(
    "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728"
    "c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b");
constexpr Hex kLongNonceCipher(
    "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7"
    "01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5");
constexpr Hex kLongNonceTag("619cc5aefffe0bfa462af43c1699d050");

psa_key_id_t GcmKey(psa_key_usage_t usage = kBoth,
                    psa_algorithm_t alg = PSA_ALG_GCM) {
  return Import(Attributes(PSA_KEY_TYPE_AES, 0, usage, alg), kGcmKey.bytes, 16);
}

// Text through an operation that is ready for it, in pieces.
void UpdateInPieces(psa_aead_operation_t* operation, const std::uint8_t* from,
                    std::size_t size, std::uint8_t* to, std::size_t piece) {
  for (std::size_t at = 0; at < size; at += piece) {
    const std::size_t length = size - at < piece ? size - at : piece;
    std::size_t written = 0;
    EXPECT_EQ(psa_aead_update(operation, from + at, length, to + at, length,
                              &written),
              PSA_SUCCESS);
    EXPECT_EQ(written, length);
  }
}

CAI_DEVICE_TEST(Aeads, InParts_MatchKnownAnswers) {
  const psa_key_id_t key = GcmKey();
  std::size_t size = 0, tag_size = 0;
  std::uint8_t tag[16];
  for (const std::size_t piece : {1u, 7u, 16u, 60u}) {
    psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
    EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_GCM),
              PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_lengths(&operation, 20, 60), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_nonce(&operation, kGcmNonce.bytes, 12), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_update_ad(&operation, kGcmAad.bytes, 3), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_update_ad(&operation, kGcmAad.bytes + 3, 17),
              PSA_SUCCESS);
    UpdateInPieces(&operation, kGcmPlain.bytes, 60, buffer, piece);
    EXPECT_EQ(
        psa_aead_finish(&operation, nullptr, 0, &size, tag, 16, &tag_size),
        PSA_SUCCESS);
    EXPECT(kGcmCipher.Is(buffer) && kGcmTag.Is(tag));
    EXPECT(size == 0 && tag_size == 16);

    EXPECT_EQ(psa_aead_decrypt_setup(&operation, key, PSA_ALG_GCM),
              PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_nonce(&operation, kGcmNonce.bytes, 12), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_update_ad(&operation, kGcmAad.bytes, 20), PSA_SUCCESS);
    UpdateInPieces(&operation, kGcmCipher.bytes, 60, buffer, piece);
    EXPECT_EQ(psa_aead_verify(&operation, nullptr, 0, &size, tag, 16),
              PSA_SUCCESS);
    EXPECT(kGcmPlain.Is(buffer));
  }
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Aeads, LongNonce_MatchesKnownAnswers) {
  const psa_key_id_t key = GcmKey();
  std::size_t size = 0;
  EXPECT_EQ(
      psa_aead_encrypt(key, PSA_ALG_GCM, kLongNonce.bytes, 60, kGcmAad.bytes,
                       20, kGcmPlain.bytes, 60, buffer, sizeof(buffer), &size),
      PSA_SUCCESS);
  EXPECT(size == 76 && kLongNonceCipher.Is(buffer) &&
         kLongNonceTag.Is(buffer + 60));
  EXPECT_EQ(
      psa_aead_decrypt(key, PSA_ALG_GCM, kLongNonce.bytes, 60, kGcmAad.bytes,
                       20, buffer, 76, buffer, sizeof(buffer), &size),
      PSA_SUCCESS);
  EXPECT(size == 60 && kGcmPlain.Is(buffer));
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

// NIST SP 800-38C, examples 1 and 2.
CAI_DEVICE_TEST(Aeads, Ccm_MatchesKnownAnswers) {
  constexpr Hex kKey("404142434445464748494a4b4c4d4e4f");
  constexpr Hex nonce("1011121314151617");
  constexpr Hex aad("000102030405060708090a0b0c0d0e0f");
  constexpr Hex plain("202122232425262728292a2b2c2d2e2f");
  constexpr Hex first("7162015b4dac255d");
  constexpr Hex second("d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd");
  constexpr psa_algorithm_t kFour =
      PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 4);
  constexpr psa_algorithm_t kSix =
      PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 6);
  std::size_t size = 0, tag_size = 0;
  psa_key_id_t key =
      Import(Attributes(PSA_KEY_TYPE_AES, 0, kBoth, kFour), kKey.bytes, 16);
  EXPECT_EQ(psa_aead_encrypt(key, kFour, nonce.bytes, 7, aad.bytes, 8,
                             plain.bytes, 4, buffer, 8, &size),
            PSA_SUCCESS);
  EXPECT(size == 8 && first.Is(buffer));
  EXPECT_EQ(psa_aead_encrypt(key, kFour, nonce.bytes, 6, aad.bytes, 8,
                             plain.bytes, 4, buffer, 8, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  key = Import(Attributes(PSA_KEY_TYPE_AES, 0, kBoth, kSix), kKey.bytes, 16);
  psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
  EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, kSix), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 16, 16), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_nonce(&operation, nonce.bytes, 8), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update_ad(&operation, aad.bytes, 16), PSA_SUCCESS);
  UpdateInPieces(&operation, plain.bytes, 16, buffer, 5);
  EXPECT_EQ(
      psa_aead_finish(&operation, nullptr, 0, &size, buffer + 16, 6, &tag_size),
      PSA_SUCCESS);
  EXPECT(tag_size == 6 && second.Is(buffer));
  // Unlike GCM it cannot begin before it knows how much there is.
  EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, kSix), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_nonce(&operation, nonce.bytes, 8), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update(&operation, plain.bytes, 4, buffer, 4, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);

  // In parts under the shim, in place.
  std::memcpy(buffer, input, 4500);
  EXPECT_EQ(psa_aead_encrypt(key, kSix, nonce.bytes, 8, aad.bytes, 16, buffer,
                             4500, buffer, 4506, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_aead_decrypt(key, kSix, nonce.bytes, 8, aad.bytes, 16, buffer,
                             4506, buffer, sizeof(buffer), &size),
            PSA_SUCCESS);
  EXPECT(size == 4500 && std::memcmp(buffer, input, 4500) == 0);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Aeads, LongMessages_AreCheckedBeforeTheyAreKept) {
  const psa_key_id_t key = GcmKey();
  std::size_t size = 0;
  EXPECT_EQ(psa_aead_encrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, input, 3000,
                             input, 5000, buffer, 5015, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_aead_encrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, input, 3000,
                             input, 5000, buffer, 5016, &size),
            PSA_SUCCESS);
  EXPECT_EQ(size, 5016);
  buffer[4000] ^= 1;
  static std::uint8_t plain[5000];
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, input, 3000,
                             buffer, 5016, plain, 5000, &size),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(size, 0);
  bool wiped = true;
  for (const std::uint8_t byte : plain) wiped &= byte == 0;
  EXPECT(wiped);
  buffer[4000] ^= 1;
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, input, 3000,
                             buffer, 5016, plain, 4999, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, input, 3000,
                             buffer, 5016, plain, 5000, &size),
            PSA_SUCCESS);
  EXPECT(size == 5000 && std::memcmp(plain, input, 5000) == 0);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Aeads, Arguments_AreChecked) {
  const psa_key_id_t key = GcmKey();
  std::size_t size = 99;
  const auto encrypt = [&](psa_key_id_t k, psa_algorithm_t alg,
                           std::size_t nonce_size, std::size_t room) {
    return psa_aead_encrypt(k, alg, kGcmNonce.bytes, nonce_size, nullptr, 0,
                            kGcmPlain.bytes, 20, buffer, room, &size);
  };
  EXPECT_EQ(encrypt(key, PSA_ALG_GCM, 0, 64), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(encrypt(key, PSA_ALG_GCM, 12, 35), PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(encrypt(key, PSA_ALG_SHA_256, 12, 64), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(encrypt(key, PSA_ALG_CCM, 12, 64), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(encrypt(0, PSA_ALG_GCM, 12, 64), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, nullptr, 0,
                             kGcmPlain.bytes, 15, buffer, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  // Nothing but a tag.
  EXPECT_EQ(psa_aead_encrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, nullptr, 0,
                             nullptr, 0, buffer, 16, &size),
            PSA_SUCCESS);
  EXPECT_EQ(size, 16);
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, kGcmNonce.bytes, 12, nullptr, 0,
                             buffer, 16, nullptr, 0, &size),
            PSA_SUCCESS);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  const auto chacha =
      Attributes(PSA_KEY_TYPE_CHACHA20, 0, kBoth, PSA_ALG_CHACHA20_POLY1305);
  const psa_key_id_t other = Import(chacha, input, 32);
  EXPECT_EQ(encrypt(other, PSA_ALG_CHACHA20_POLY1305, 12, 36), PSA_SUCCESS);
  EXPECT_EQ(encrypt(other, PSA_ALG_CHACHA20_POLY1305, 11, 64),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(encrypt(other, PSA_ALG_CHACHA20_POLY1305, 8, 64),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(encrypt(other, PSA_ALG_GCM, 12, 64), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_destroy_key(other), PSA_SUCCESS);

  constexpr psa_algorithm_t kShort =
      PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_GCM, 8);
  const psa_key_id_t shortened = GcmKey(kBoth, kShort);
  EXPECT_EQ(encrypt(shortened, kShort, 12, 28), PSA_SUCCESS);
  EXPECT_EQ(size, 28);
  EXPECT_EQ(psa_destroy_key(shortened), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Aeads, States_AreThoseOfTheSpecification) {
  const psa_key_id_t key = GcmKey();
  std::size_t size = 99, tag_size = 99;
  psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
  const auto start = [&](decltype(psa_aead_encrypt_setup)* setup) {
    EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
    EXPECT_EQ(setup(&operation, key, PSA_ALG_GCM), PSA_SUCCESS);
  };
  const auto finish = [&](std::size_t room = 16) {
    return psa_aead_finish(&operation, nullptr, 0, &size, buffer, room,
                           &tag_size);
  };

  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_generate_nonce(&operation, buffer, 12, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 1, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_update_ad(&operation, input, 1), PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_update(&operation, input, 1, buffer, 1, &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(finish(), PSA_ERROR_BAD_STATE);
  EXPECT(size == 0 && tag_size == 0);
  EXPECT_EQ(psa_aead_verify(&operation, nullptr, 0, &size, buffer, 16),
            PSA_ERROR_BAD_STATE);

  // No nonce yet; then one, and no second.
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_GCM),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_update_ad(&operation, input, 1), PSA_ERROR_BAD_STATE);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(finish(), PSA_ERROR_BAD_STATE);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 0),
            PSA_ERROR_INVALID_ARGUMENT);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_ERROR_BAD_STATE);

  // Text ends the additional data; the tag ends all.
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update(&operation, input, 4, buffer, 4, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update_ad(&operation, input, 1), PSA_ERROR_BAD_STATE);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update(&operation, input, 4, buffer, 3, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(finish(), PSA_ERROR_BAD_STATE);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(finish(15), PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);

  // The directions differ.
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_verify(&operation, nullptr, 0, &size, buffer, 16),
            PSA_ERROR_BAD_STATE);
  start(psa_aead_decrypt_setup);
  EXPECT_EQ(psa_aead_generate_nonce(&operation, buffer, 12, &size),
            PSA_ERROR_BAD_STATE);
  start(psa_aead_decrypt_setup);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(finish(), PSA_ERROR_BAD_STATE);

  // Announced lengths are kept.
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 4, 8), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 4, 8), PSA_ERROR_BAD_STATE);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 4, 8), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update_ad(&operation, input, 5),
            PSA_ERROR_INVALID_ARGUMENT);
  start(psa_aead_encrypt_setup);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 4, 8), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_nonce(&operation, input, 12), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_update_ad(&operation, input, 4), PSA_SUCCESS);
  EXPECT_EQ(finish(), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Aeads, GeneratedNonces_AreFreshAndUsable) {
  const psa_key_id_t key = GcmKey();
  std::uint8_t nonces[2][12] = {};
  std::size_t size = 0, tag_size = 0;
  for (auto& nonce : nonces) {
    psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
    EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_GCM),
              PSA_SUCCESS);
    EXPECT_EQ(psa_aead_generate_nonce(&operation, nonce, 12, &size),
              PSA_SUCCESS);
    EXPECT_EQ(size, 12);
    EXPECT_EQ(
        psa_aead_update(&operation, kGcmPlain.bytes, 60, buffer, 60, &size),
        PSA_SUCCESS);
    EXPECT_EQ(psa_aead_finish(&operation, nullptr, 0, &size, buffer + 60, 16,
                              &tag_size),
              PSA_SUCCESS);
    EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, nonce, 12, nullptr, 0, buffer,
                               76, buffer + 100, 60, &size),
              PSA_SUCCESS);
    EXPECT(kGcmPlain.Is(buffer + 100));
  }
  EXPECT(std::memcmp(nonces[0], nonces[1], 12) != 0);
  psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
  EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_GCM), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_generate_nonce(&operation, buffer, 11, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

// CCM has to know all lengths, and nonces of 7 to 13 bytes.
CAI_DEVICE_TEST(Aeads, Ccm_KeepsItsLengths) {
  constexpr psa_algorithm_t kShort =
      PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, 4);
  const psa_key_id_t key =
      Import(Attributes(PSA_KEY_TYPE_AES, 0, kBoth, PSA_ALG_CCM), input, 16);
  std::size_t size = 99, tag_size = 99;
  psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
  const auto start = [&](std::size_t aad, std::size_t text) {
    EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM),
              PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_lengths(&operation, aad, text), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_nonce(&operation, input, 13), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_update_ad(&operation, input, aad), PSA_SUCCESS);
  };

  EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, kShort),
            PSA_ERROR_NOT_PERMITTED);
  for (const std::size_t wrong : {0u, 6u, 14u, 65u}) {
    EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM),
              PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_lengths(&operation, 0, 0), PSA_SUCCESS);
    EXPECT_EQ(psa_aead_set_nonce(&operation, input, wrong),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
  }
  // One byte more of either, or one less at the end.
  start(8, 24);
  EXPECT_EQ(psa_aead_update_ad(&operation, input, 1),
            PSA_ERROR_INVALID_ARGUMENT);
  start(8, 24);
  EXPECT_EQ(psa_aead_update(&operation, input, 25, buffer, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_aead_update(&operation, input, 24, buffer, 64, &size),
            PSA_ERROR_BAD_STATE);
  start(8, 24);
  EXPECT_EQ(psa_aead_update(&operation, input, 23, buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(
      psa_aead_finish(&operation, nullptr, 0, &size, buffer, 16, &tag_size),
      PSA_ERROR_INVALID_ARGUMENT);
  EXPECT(size == 0 && tag_size == 0);
  start(8, 24);
  EXPECT_EQ(psa_aead_update(&operation, input, 24, buffer, 24, &size),
            PSA_SUCCESS);
  EXPECT_EQ(
      psa_aead_finish(&operation, nullptr, 0, &size, buffer, 10, &tag_size),
      PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
  // The nonce that is made fits the algorithm.
  EXPECT_EQ(psa_aead_encrypt_setup(&operation, key, PSA_ALG_CCM), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_set_lengths(&operation, 0, 0), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_generate_nonce(&operation, buffer, sizeof(buffer), &size),
            PSA_SUCCESS);
  EXPECT_EQ(size, PSA_AEAD_NONCE_LENGTH(PSA_KEY_TYPE_AES, PSA_ALG_CCM));
  EXPECT_EQ(psa_aead_generate_nonce(&operation, buffer, sizeof(buffer), &size),
            PSA_ERROR_BAD_STATE);
  EXPECT_EQ(psa_aead_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

}  // namespace
