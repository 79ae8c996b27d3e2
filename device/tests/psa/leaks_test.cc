// What fails leaves nothing behind: after many failures of every kind there is
// room for as much as before.
#include "device/tests/psa/psa_test.h"

namespace {

using namespace cai::psa_test;

constexpr psa_algorithm_t kHmac = PSA_ALG_HMAC(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kHkdf = PSA_ALG_HKDF(PSA_ALG_SHA_256);
constexpr int kOften = 16;  // more than there are slots of anything

// All that the NSPE may hold at a time.
struct Room {
  int keys = 0, hashes = 0, macs = 0, derivations = 0;
  bool operator==(const Room&) const = default;
};

Room Measure() {
  Room room;
  psa_key_id_t keys[32];
  psa_hash_operation_t hashes[12] = {};
  psa_mac_operation_t macs[8] = {};
  psa_key_derivation_operation_t derivations[4] = {};
  const auto attributes =
      Attributes(PSA_KEY_TYPE_HMAC, 0, PSA_KEY_USAGE_SIGN_MESSAGE, kHmac);
  while (room.keys < 32 && psa_import_key(&attributes, input, 32,
                                          &keys[room.keys]) == PSA_SUCCESS)
    ++room.keys;
  while (room.hashes < 12 &&
         psa_hash_setup(&hashes[room.hashes], PSA_ALG_SHA_384) == PSA_SUCCESS)
    ++room.hashes;
  while (room.derivations < 4 &&
         psa_key_derivation_setup(&derivations[room.derivations], kHkdf) ==
             PSA_SUCCESS)
    ++room.derivations;
  while (room.macs < 8 &&
         psa_mac_sign_setup(&macs[room.macs], keys[0], kHmac) == PSA_SUCCESS)
    ++room.macs;
  for (auto& mac : macs) psa_mac_abort(&mac);
  for (auto& derivation : derivations) psa_key_derivation_abort(&derivation);
  for (auto& hash : hashes) psa_hash_abort(&hash);
  for (int i = 0; i < room.keys; ++i) psa_destroy_key(keys[i]);
  return room;
}

void FailWithKeys(psa_key_id_t pair) {
  std::size_t size = 0;
  psa_key_id_t key = 0;
  auto attributes = Attributes(PSA_KEY_TYPE_AES, 0, 0, PSA_ALG_GCM);
  EXPECT(psa_import_key(&attributes, input, 17, &key) != PSA_SUCCESS);
  attributes = Attributes(kKeyPair, 0, 0, kEcdsa);
  EXPECT(psa_import_key(&attributes, input, 31, &key) != PSA_SUCCESS);
  attributes = Attributes(kPublicKey, 0, 0, kEcdsa);
  EXPECT(psa_import_key(&attributes, input, 65, &key) != PSA_SUCCESS);
  attributes = Attributes(PSA_KEY_TYPE_AES, 100, 0, PSA_ALG_GCM);
  EXPECT(psa_generate_key(&attributes, &key) != PSA_SUCCESS);
  EXPECT(psa_copy_key(pair, &attributes, &key) != PSA_SUCCESS);
  EXPECT(psa_sign_hash(pair, kEcdsa, input, 32, buffer, 8, &size) !=
         PSA_SUCCESS);
  EXPECT(psa_verify_hash(pair, kEcdsa, input, 32, input, 64) != PSA_SUCCESS);
  EXPECT(psa_raw_key_agreement(PSA_ALG_ECDH, pair, input, 65, buffer, 32,
                               &size) != PSA_SUCCESS);
}

void FailInParts(psa_key_id_t mac_key, psa_key_id_t aead_key) {
  std::size_t size = 0, tag_size = 0;
  psa_hash_operation_t hash = PSA_HASH_OPERATION_INIT;
  EXPECT(psa_hash_setup(&hash, PSA_ALG_SHA_512) != PSA_SUCCESS);
  EXPECT(psa_hash_setup(&hash, PSA_ALG_SHA_256) == PSA_SUCCESS);
  EXPECT(psa_hash_finish(&hash, buffer, 3, &size) != PSA_SUCCESS);

  psa_mac_operation_t mac = PSA_MAC_OPERATION_INIT;
  EXPECT(psa_mac_sign_setup(&mac, aead_key, kHmac) != PSA_SUCCESS);
  EXPECT(psa_mac_sign_setup(&mac, mac_key, kHmac) == PSA_SUCCESS);
  EXPECT(psa_mac_verify_finish(&mac, input, 32) != PSA_SUCCESS);

  psa_aead_operation_t aead = PSA_AEAD_OPERATION_INIT;
  EXPECT(psa_aead_encrypt_setup(&aead, mac_key, PSA_ALG_GCM) != PSA_SUCCESS);
  EXPECT(psa_aead_encrypt_setup(&aead, aead_key, PSA_ALG_GCM) == PSA_SUCCESS);
  EXPECT(psa_aead_finish(&aead, nullptr, 0, &size, buffer, 16, &tag_size) !=
         PSA_SUCCESS);
  EXPECT(psa_aead_decrypt(aead_key, PSA_ALG_GCM, input, 12, nullptr, 0, input,
                          5000, buffer, sizeof(buffer), &size) != PSA_SUCCESS);
}

void FailToDerive(psa_key_id_t mac_key) {
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  EXPECT(psa_key_derivation_setup(&operation, PSA_ALG_HKDF(PSA_ALG_SHA_512)) !=
         PSA_SUCCESS);
  EXPECT(psa_key_derivation_setup(&operation, kHkdf) == PSA_SUCCESS);
  EXPECT(psa_key_derivation_input_bytes(&operation,
                                        PSA_KEY_DERIVATION_INPUT_INFO, input,
                                        600) == PSA_SUCCESS);
  EXPECT(psa_key_derivation_input_key(&operation,
                                      PSA_KEY_DERIVATION_INPUT_SECRET,
                                      mac_key) != PSA_SUCCESS);
  psa_key_id_t key = 0;
  const auto attributes = Attributes(PSA_KEY_TYPE_AES, 128, 0, PSA_ALG_GCM);
  EXPECT(psa_key_derivation_output_key(&attributes, &operation, &key) !=
         PSA_SUCCESS);
  EXPECT(psa_key_derivation_abort(&operation) == PSA_SUCCESS);
}

CAI_DEVICE_TEST(Leaks, ManyFailures_LeaveAsMuchRoom) {
  const Room before = Measure();
  EXPECT(before.keys > 0 && before.hashes > 0 && before.macs > 0 &&
         before.derivations > 0);
  const psa_key_id_t mac_key = Import(
      Attributes(PSA_KEY_TYPE_HMAC, 0, PSA_KEY_USAGE_SIGN_MESSAGE, kHmac),
      input, 32);
  const psa_key_id_t aead_key = Import(
      Attributes(PSA_KEY_TYPE_AES, 0,
                 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, PSA_ALG_GCM),
      input, 16);
  const auto attributes =
      Attributes(kKeyPair, 256,
                 PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH, kEcdsa);
  psa_key_id_t pair = 0;
  EXPECT(psa_generate_key(&attributes, &pair) == PSA_SUCCESS);
  for (int i = 0; i < kOften; ++i) {
    FailWithKeys(pair);
    FailInParts(mac_key, aead_key);
    FailToDerive(mac_key);
  }
  for (const psa_key_id_t key : {mac_key, aead_key, pair})
    EXPECT(psa_destroy_key(key) == PSA_SUCCESS);
  EXPECT(Measure() == before);
}

}  // namespace
