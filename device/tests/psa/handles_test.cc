// Numbers that name no key of the NSPE's, in every function that takes one.
#include "device/spm/services.h"
#include "device/tests/psa/psa_test.h"

namespace {

using namespace cai::psa_test;

constexpr psa_algorithm_t kHmac = PSA_ALG_HMAC(PSA_ALG_SHA_256);

struct UseOfAKey {
  const char* name;
  psa_status_t (*with)(psa_key_id_t key);
};

std::size_t size;

constexpr UseOfAKey kUses[] = {
    {"export", [](auto key) { return psa_export_key(key, buffer, 64, &size); }},
    {"export public",
     [](auto key) { return psa_export_public_key(key, buffer, 65, &size); }},
    {"attributes",
     [](auto key) {
       psa_key_attributes_t is = PSA_KEY_ATTRIBUTES_INIT;
       return psa_get_key_attributes(key, &is);
     }},
    {"copy",
     [](auto key) {
       psa_key_id_t copy = 0;
       const psa_key_attributes_t wanted = PSA_KEY_ATTRIBUTES_INIT;
       return psa_copy_key(key, &wanted, &copy);
     }},
    {"purge", [](auto key) { return psa_purge_key(key); }},
    {"sign hash",
     [](auto key) {
       return psa_sign_hash(key, kEcdsa, input, 32, buffer, 64, &size);
     }},
    {"verify hash",
     [](auto key) {
       return psa_verify_hash(key, kEcdsa, input, 32, buffer, 64);
     }},
    {"sign message",
     [](auto key) {
       return psa_sign_message(key, kEcdsa, input, 3, buffer, 64, &size);
     }},
    {"verify message",
     [](auto key) {
       return psa_verify_message(key, kEcdsa, input, 3, buffer, 64);
     }},
    {"mac",
     [](auto key) {
       return psa_mac_compute(key, kHmac, input, 3, buffer, 32, &size);
     }},
    {"long mac",
     [](auto key) {
       return psa_mac_compute(key, kHmac, input, 9000, buffer, 32, &size);
     }},
    {"verify mac",
     [](auto key) { return psa_mac_verify(key, kHmac, input, 3, buffer, 32); }},
    {"mac in parts",
     [](auto key) {
       psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
       return psa_mac_sign_setup(&operation, key, kHmac);
     }},
    {"verify mac in parts",
     [](auto key) {
       psa_mac_operation_t operation = PSA_MAC_OPERATION_INIT;
       return psa_mac_verify_setup(&operation, key, kHmac);
     }},
    {"encrypt",
     [](auto key) {
       return psa_aead_encrypt(key, PSA_ALG_GCM, input, 12, nullptr, 0, input,
                               16, buffer, 32, &size);
     }},
    {"encrypt much",
     [](auto key) {
       return psa_aead_encrypt(key, PSA_ALG_GCM, input, 12, nullptr, 0, input,
                               5000, buffer, sizeof(buffer), &size);
     }},
    {"decrypt",
     [](auto key) {
       return psa_aead_decrypt(key, PSA_ALG_GCM, input, 12, nullptr, 0, input,
                               32, buffer, 32, &size);
     }},
    {"encrypt in parts",
     [](auto key) {
       psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
       return psa_aead_encrypt_setup(&operation, key, PSA_ALG_GCM);
     }},
    {"decrypt in parts",
     [](auto key) {
       psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
       return psa_aead_decrypt_setup(&operation, key, PSA_ALG_GCM);
     }},
    {"cipher",
     [](auto key) {
       return psa_cipher_encrypt(key, PSA_ALG_CTR, input, 16, buffer, 32,
                                 &size);
     }},
    {"asymmetric encryption",
     [](auto key) {
       return psa_asymmetric_encrypt(key, PSA_ALG_RSA_PKCS1V15_CRYPT, input, 16,
                                     nullptr, 0, buffer, 256, &size);
     }},
    {"agreement",
     [](auto key) {
       return psa_raw_key_agreement(PSA_ALG_ECDH, key, input, 65, buffer, 32,
                                    &size);
     }},
    {"derivation",
     [](auto key) {
       psa_key_derivation_operation_t operation =
           PSA_KEY_DERIVATION_OPERATION_INIT;
       psa_key_derivation_setup(&operation, PSA_ALG_HKDF(PSA_ALG_SHA_256));
       const psa_status_t status = psa_key_derivation_input_key(
           &operation, PSA_KEY_DERIVATION_INPUT_SECRET, key);
       psa_key_derivation_abort(&operation);
       return status;
     }},
    {"agreement in a derivation",
     [](auto key) {
       psa_key_derivation_operation_t operation =
           PSA_KEY_DERIVATION_OPERATION_INIT;
       psa_key_derivation_setup(
           &operation,
           PSA_ALG_KEY_AGREEMENT(PSA_ALG_ECDH, PSA_ALG_HKDF(PSA_ALG_SHA_256)));
       const psa_status_t status = psa_key_derivation_key_agreement(
           &operation, PSA_KEY_DERIVATION_INPUT_SECRET, key, input, 65);
       psa_key_derivation_abort(&operation);
       return status;
     }},
};

CAI_DEVICE_TEST(Handles, OfNoKey_AreInvalidEverywhere) {
  const auto raw =
      Attributes(PSA_KEY_TYPE_RAW_DATA, 0, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
  const psa_key_id_t destroyed = Import(raw, input, 16);
  EXPECT_EQ(psa_destroy_key(destroyed), PSA_SUCCESS);
  const psa_key_id_t numbers[] = {0,
                                  1,
                                  8,
                                  PSA_KEY_ID_USER_MAX,
                                  PSA_KEY_ID_VENDOR_MIN,
                                  cai::spm::kKeyCoseSign,
                                  cai::spm::kKeyIak,
                                  cai::spm::kKeyModelKek,
                                  0x7fff00ff,
                                  PSA_KEY_ID_VENDOR_MAX,
                                  0x80000001,
                                  0xffffffff,
                                  destroyed};
  for (const psa_key_id_t key : numbers) {
    if (key != 0) EXPECT_EQ(psa_destroy_key(key), PSA_ERROR_INVALID_HANDLE);
    for (const UseOfAKey& use : kUses) {
      size = 99;
      const psa_status_t status = use.with(key);
      cai::psa_test::ExpectEqual(status, PSA_ERROR_INVALID_HANDLE, use.name,
                                 __FILE__, __LINE__);
      if (status != PSA_ERROR_INVALID_HANDLE) cai::tap::Note("key", key);
    }
  }
}

}  // namespace
