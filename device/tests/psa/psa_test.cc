// The NSPE's PSA APIs on the machine: known answers, what NS may not reach, and
// what happens when it takes all there is.
#include "device/tests/psa/psa_test.h"

#include <time.h>

#include <algorithm>
#include <cstring>

#include "device/spm/services.h"
#include "device/tests/ns/tap.h"
#include "mbedtls/memory_buffer_alloc.h"
#include "mbedtls/pk.h"
#include "mbedtls/platform_time.h"
#include "mbedtls/platform_util.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"

namespace {

using namespace cai::psa_test;

// ---- Known answers ----------------------------------------------------------

CAI_DEVICE_TEST(Psa, Hashes_MatchKnownAnswers) {
  const std::uint8_t abc[] = {'a', 'b', 'c'};
  std::size_t size = 0;
  // FIPS 180-4 examples.
  constexpr Hex sha256(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  constexpr Hex sha384(
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
      "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(
      psa_hash_compute(PSA_ALG_SHA_256, abc, 3, buffer, sizeof(buffer), &size),
      PSA_SUCCESS);
  EXPECT_EQ(size, 32);
  EXPECT(sha256.Is(buffer));
  EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_384, abc, 3, buffer, 48, &size),
            PSA_SUCCESS);
  EXPECT(size == 48 && sha384.Is(buffer));
  EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_256, abc, 3, buffer, 31, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_512, abc, 3, buffer, 64, &size),
            PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_hash_compare(PSA_ALG_SHA_256, abc, 3, sha256.bytes, 32),
            PSA_SUCCESS);
  EXPECT_EQ(psa_hash_compare(PSA_ALG_SHA_256, abc, 2, sha256.bytes, 32),
            PSA_ERROR_INVALID_SIGNATURE);

  psa_hash_operation_t operation = PSA_HASH_OPERATION_INIT;
  psa_hash_operation_t clone = PSA_HASH_OPERATION_INIT;
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_update(&operation, abc, 2), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_clone(&operation, &clone), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_update(&operation, abc + 2, 1), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_finish(&operation, buffer, 32, &size), PSA_SUCCESS);
  EXPECT(sha256.Is(buffer));
  EXPECT_EQ(psa_hash_update(&clone, abc + 2, 1), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_verify(&clone, sha256.bytes, 32), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_update(&operation, abc, 1), PSA_ERROR_BAD_STATE);

  // More than one call's worth gives the same as in pieces.
  std::uint8_t whole[32], pieces[32];
  for (std::size_t i = 0; i < sizeof(input); ++i)
    input[i] = static_cast<std::uint8_t>(i * 7);
  EXPECT_EQ(
      psa_hash_compute(PSA_ALG_SHA_256, input, sizeof(input), whole, 32, &size),
      PSA_SUCCESS);
  EXPECT_EQ(psa_hash_setup(&operation, PSA_ALG_SHA_256), PSA_SUCCESS);
  for (std::size_t at = 0; at < sizeof(input); at += 1000)
    psa_hash_update(&operation, input + at, 1000);
  EXPECT_EQ(psa_hash_finish(&operation, pieces, 32, &size), PSA_SUCCESS);
  EXPECT(std::memcmp(whole, pieces, 32) == 0);
}

CAI_DEVICE_TEST(Psa, MacAndDerivation_MatchKnownAnswers) {
  psa_key_id_t key = 0;
  std::size_t size = 0;
  // RFC 4231, 4.3.
  const auto hmac =
      Attributes(PSA_KEY_TYPE_HMAC, 0,
                 PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE,
                 PSA_ALG_HMAC(PSA_ALG_SHA_256));
  EXPECT_EQ(psa_import_key(&hmac, reinterpret_cast<const std::uint8_t*>("Jefe"),
                           4, &key),
            PSA_SUCCESS);
  const char* what = "what do ya want for nothing?";
  constexpr Hex mac(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const auto* text = reinterpret_cast<const std::uint8_t*>(what);
  EXPECT_EQ(psa_mac_compute(key, PSA_ALG_HMAC(PSA_ALG_SHA_256), text, 28,
                            buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT(size == 32 && mac.Is(buffer));
  EXPECT_EQ(psa_mac_verify(key, PSA_ALG_HMAC(PSA_ALG_SHA_256), text, 28,
                           mac.bytes, 32),
            PSA_SUCCESS);
  EXPECT_EQ(psa_mac_verify(key, PSA_ALG_HMAC(PSA_ALG_SHA_256), text, 27,
                           mac.bytes, 32),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  // RFC 5869, A.1.
  constexpr Hex ikm("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
  constexpr Hex salt("000102030405060708090a0b0c");
  constexpr Hex info("f0f1f2f3f4f5f6f7f8f9");
  constexpr Hex okm(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
      "34007208d5b887185865");
  const auto derive = Attributes(PSA_KEY_TYPE_DERIVE, 0, PSA_KEY_USAGE_DERIVE,
                                 PSA_ALG_HKDF(PSA_ALG_SHA_256));
  EXPECT_EQ(psa_import_key(&derive, ikm.bytes, ikm.size(), &key), PSA_SUCCESS);
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  EXPECT_EQ(psa_key_derivation_setup(&operation, PSA_ALG_HKDF(PSA_ALG_SHA_256)),
            PSA_SUCCESS);
  EXPECT_EQ(
      psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_SALT,
                                     salt.bytes, salt.size()),
      PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_input_key(&operation,
                                         PSA_KEY_DERIVATION_INPUT_SECRET, key),
            PSA_SUCCESS);
  EXPECT_EQ(
      psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_INFO,
                                     info.bytes, info.size()),
      PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_set_capacity(&operation, okm.size()),
            PSA_SUCCESS);
  EXPECT_EQ(psa_key_derivation_get_capacity(&operation, &size), PSA_SUCCESS);
  EXPECT_EQ(size, okm.size());
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 20),
            PSA_SUCCESS);
  EXPECT_EQ(
      psa_key_derivation_output_bytes(&operation, buffer + 20, okm.size() - 20),
      PSA_SUCCESS);
  EXPECT(okm.Is(buffer));
  EXPECT_EQ(psa_key_derivation_output_bytes(&operation, buffer, 1),
            PSA_ERROR_INSUFFICIENT_DATA);
  EXPECT_EQ(psa_key_derivation_abort(&operation), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Psa, Aeads_MatchKnownAnswers) {
  psa_key_id_t key = 0;
  std::size_t size = 0;
  // McGrew and Viega, GCM, test case 4.
  constexpr Hex gcm_key("feffe9928665731c6d6a8f9467308308");
  constexpr Hex gcm_iv("cafebabefacedbaddecaf888");
  constexpr Hex gcm_aad("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  constexpr Hex gcm_plain(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  constexpr Hex gcm_cipher(
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
      "5bc94fbc3221a5db94fae95ae7121a47");
  const auto gcm =
      Attributes(PSA_KEY_TYPE_AES, 0,
                 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT, PSA_ALG_GCM);
  EXPECT_EQ(psa_import_key(&gcm, gcm_key.bytes, 16, &key), PSA_SUCCESS);
  EXPECT_EQ(
      psa_aead_encrypt(key, PSA_ALG_GCM, gcm_iv.bytes, 12, gcm_aad.bytes, 20,
                       gcm_plain.bytes, 60, buffer, sizeof(buffer), &size),
      PSA_SUCCESS);
  EXPECT(size == 76 && gcm_cipher.Is(buffer));
  buffer[75] ^= 1;
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_GCM, gcm_iv.bytes, 12, gcm_aad.bytes,
                             20, buffer, 76, buffer + 100, 60, &size),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_export_key(key, buffer, 16, &size), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  // RFC 8439, 2.8.2.
  constexpr Hex chacha_key(
      "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  constexpr Hex chacha_nonce("070000004041424344454647");
  constexpr Hex chacha_aad("50515253c0c1c2c3c4c5c6c7");
  const char* sunscreen =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one "
      "tip for the future, sunscreen would be it.";
  constexpr Hex tag("1ae10b594f09e26a7e902ecbd0600691");
  const auto chacha = Attributes(PSA_KEY_TYPE_CHACHA20, 0,
                                 PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT,
                                 PSA_ALG_CHACHA20_POLY1305);
  EXPECT_EQ(psa_import_key(&chacha, chacha_key.bytes, 32, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_aead_encrypt(key, PSA_ALG_CHACHA20_POLY1305, chacha_nonce.bytes,
                             12, chacha_aad.bytes, 12,
                             reinterpret_cast<const std::uint8_t*>(sunscreen),
                             114, buffer, sizeof(buffer), &size),
            PSA_SUCCESS);
  EXPECT(size == 130 && tag.Is(buffer + 114));
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_CHACHA20_POLY1305, chacha_nonce.bytes,
                             12, chacha_aad.bytes, 12, buffer, 130,
                             buffer + 200, 114, &size),
            PSA_SUCCESS);
  EXPECT(size == 114 && std::memcmp(buffer + 200, sunscreen, 114) == 0);

  // More than one call holds goes in parts, and comes back.
  EXPECT_EQ(psa_aead_encrypt(key, PSA_ALG_CHACHA20_POLY1305, chacha_nonce.bytes,
                             12, chacha_aad.bytes, 12, input, 6000, buffer,
                             sizeof(buffer), &size),
            PSA_SUCCESS);
  EXPECT_EQ(size, 6016);
  EXPECT_EQ(psa_aead_decrypt(key, PSA_ALG_CHACHA20_POLY1305, chacha_nonce.bytes,
                             12, chacha_aad.bytes, 12, buffer, 6016, buffer,
                             sizeof(buffer), &size),
            PSA_SUCCESS);
  EXPECT(size == 6000 && std::memcmp(buffer, input, 6000) == 0);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Psa, P256_MatchesKnownAnswers) {
  psa_key_id_t key = 0;
  std::size_t size = 0;
  // RFC 6979, A.2.5, SHA-256, "sample".
  constexpr Hex scalar(
      "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
  constexpr Hex signature(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  std::uint8_t hash[32];
  psa_hash_compute(PSA_ALG_SHA_256,
                   reinterpret_cast<const std::uint8_t*>("sample"), 6, hash, 32,
                   &size);
  const auto sign = Attributes(
      kKeyPair, 0, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH,
      kDeterministic);
  EXPECT_EQ(psa_import_key(&sign, scalar.bytes, 32, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_sign_hash(key, kDeterministic, hash, 32, buffer, sizeof(buffer),
                          &size),
            PSA_SUCCESS);
  EXPECT(size == 64 && signature.Is(buffer));
  EXPECT_EQ(psa_verify_hash(key, kDeterministic, hash, 32, signature.bytes, 64),
            PSA_SUCCESS);
  hash[5] ^= 1;
  EXPECT_EQ(psa_verify_hash(key, kDeterministic, hash, 32, signature.bytes, 64),
            PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  EXPECT_EQ(psa_sign_hash(key, kDeterministic, hash, 32, buffer, sizeof(buffer),
                          &size),
            PSA_ERROR_INVALID_HANDLE);

  // RFC 5903, 8.1.
  constexpr Hex i(
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
  constexpr Hex peer(
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
      "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
  constexpr Hex shared(
      "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
  const auto agree =
      Attributes(kKeyPair, 0, PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH);
  EXPECT_EQ(psa_import_key(&agree, i.bytes, 32, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_raw_key_agreement(PSA_ALG_ECDH, key, peer.bytes, 65, buffer,
                                  sizeof(buffer), &size),
            PSA_SUCCESS);
  EXPECT(size == 32 && shared.Is(buffer));
  Hex off_curve = peer;
  off_curve.bytes[64] ^= 1;
  EXPECT_EQ(psa_raw_key_agreement(PSA_ALG_ECDH, key, off_curve.bytes, 65,
                                  buffer, sizeof(buffer), &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  const auto generated =
      Attributes(kKeyPair, 256, PSA_KEY_USAGE_SIGN_HASH, kEcdsa);
  psa_key_id_t other = 0;
  EXPECT_EQ(psa_generate_key(&generated, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_generate_key(&generated, &other), PSA_SUCCESS);
  EXPECT_EQ(psa_export_public_key(key, buffer, 65, &size), PSA_SUCCESS);
  EXPECT_EQ(psa_export_public_key(other, buffer + 65, 65, &size), PSA_SUCCESS);
  EXPECT(std::memcmp(buffer, buffer + 65, 65) != 0);
  psa_destroy_key(key);
  psa_destroy_key(other);
}

// ---- What NS may not reach --------------------------------------------------

void NothingWorks(psa_key_id_t key) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  std::size_t size = 0;
  std::uint8_t hash[32] = {1};
  psa_key_id_t copy = 0;
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, hash, 32, buffer, 64, &size),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_sign_hash(key, kDeterministic, hash, 32, buffer, 64, &size),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_export_key(key, buffer, 64, &size), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_export_public_key(key, buffer, 65, &size),
            PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_get_key_attributes(key, &attributes), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_copy_key(key, &attributes, &copy), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(
      psa_raw_key_agreement(PSA_ALG_ECDH, key, buffer, 65, buffer, 64, &size),
      PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_destroy_key(key), PSA_ERROR_INVALID_HANDLE);
}

// Attack test 40.
CAI_DEVICE_TEST(Psa, KeysOfOthers_AreOutOfReach) {
  NothingWorks(cai::spm::kKeyCoseSign);
  NothingWorks(cai::spm::kKeyIak);
  NothingWorks(cai::spm::kKeyModelKek);
  NothingWorks(cai::spm::kKeyBootstrap);  // no configuration here

  // No other number opens them: all of the core's, and all around the fixed.
  int opened = 0;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  for (psa_key_id_t id = 0x40000000; id < 0x40000040; ++id)
    opened += psa_get_key_attributes(id, &attributes) == PSA_SUCCESS;
  for (psa_key_id_t id = 0x7fff0000; id < 0x7fff0040; ++id)
    opened += id != cai::spm::kKeyTlsClient &&
              psa_get_key_attributes(id, &attributes) == PSA_SUCCESS;
  for (psa_key_id_t id = 0; id < 64; ++id)
    opened += psa_get_key_attributes(id, &attributes) == PSA_SUCCESS;
  EXPECT_EQ(opened, 0);

  // The operations of secure partitions are none for NS.
  const std::uint8_t scalar[32] = {1};
  const psa_invec in[1] = {{scalar, 32}};
  psa_outvec out[1] = {{buffer, 4}};
  EXPECT_EQ(psa_call(CAI_PSA_HANDLE(1), 67, in, 1, out, 1),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT(psa_call(CAI_PSA_HANDLE(2), 3, in, 1, out, 1) < 0);  // CRI digest
  EXPECT(psa_call(CAI_PSA_HANDLE(2), 4, in, 1, out, 1) < 0);  // public key
}

CAI_DEVICE_TEST(Psa, TlsClientKey_SignsAHashAndNothingElse) {
  constexpr psa_key_id_t key = cai::spm::kKeyTlsClient;
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  std::size_t size = 0;
  std::uint8_t hash[48] = {7}, first[64], second[64], point[65];
  EXPECT_EQ(psa_get_key_attributes(key, &attributes), PSA_SUCCESS);
  EXPECT_EQ(psa_get_key_type(&attributes), kKeyPair);
  EXPECT_EQ(psa_get_key_bits(&attributes), 256);
  EXPECT_EQ(psa_get_key_algorithm(&attributes), kEcdsa);
  EXPECT_EQ(psa_get_key_usage_flags(&attributes) & PSA_KEY_USAGE_EXPORT, 0);

  EXPECT_EQ(psa_sign_hash(key, kEcdsa, hash, 32, first, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_sign_hash(key, kDeterministic, hash, 32, second, 64, &size),
            PSA_SUCCESS);
  EXPECT(std::memcmp(first, second, 64) == 0);
  EXPECT_EQ(psa_export_public_key(key, point, 65, &size), PSA_SUCCESS);
  psa_key_id_t public_key = 0;
  const auto verify =
      Attributes(kPublicKey, 0, PSA_KEY_USAGE_VERIFY_HASH, kEcdsa);
  EXPECT_EQ(psa_import_key(&verify, point, 65, &public_key), PSA_SUCCESS);
  EXPECT_EQ(psa_verify_hash(public_key, kEcdsa, hash, 32, first, 64),
            PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(public_key), PSA_SUCCESS);

  psa_key_id_t copy = 0;
  EXPECT_EQ(psa_export_key(key, buffer, 64, &size), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_sign_hash(key, PSA_ALG_ECDSA(PSA_ALG_SHA_384), hash, 48, first,
                          64, &size),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, hash, 31, first, 64, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_sign_hash(key, PSA_ALG_ECDSA_ANY, hash, 32, first, 64, &size),
            PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(
      psa_raw_key_agreement(PSA_ALG_ECDH, key, point, 65, buffer, 64, &size),
      PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_copy_key(key, &attributes, &copy), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_destroy_key(key), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_sign_hash(key, kEcdsa, hash, 32, first, 64, &size),
            PSA_SUCCESS);
}

// ---- Exhaustion -------------------------------------------------------------

CAI_DEVICE_TEST(Psa, Exhaustion_HurtsNobodyElse) {
  psa_hash_operation_t hashes[8] = {};
  int held = 0;
  psa_status_t status = PSA_SUCCESS;
  while (held < 8 && (status = psa_hash_setup(&hashes[held],
                                              PSA_ALG_SHA_256)) == PSA_SUCCESS)
    ++held;
  EXPECT_EQ(held, 6);
  EXPECT_EQ(status, PSA_ERROR_INSUFFICIENT_MEMORY);
  psa_hash_operation_t copy = PSA_HASH_OPERATION_INIT;
  EXPECT_EQ(psa_hash_clone(&hashes[0], &copy), PSA_ERROR_INSUFFICIENT_MEMORY);
  const psa_hash_operation_t stale = hashes[2];
  EXPECT_EQ(psa_hash_abort(&hashes[2]), PSA_SUCCESS);
  EXPECT_EQ(psa_hash_setup(&hashes[2], PSA_ALG_SHA_256), PSA_SUCCESS);
  psa_hash_operation_t reused = stale;
  EXPECT_EQ(psa_hash_update(&reused, buffer, 1), PSA_ERROR_BAD_STATE);
  for (auto& hash : hashes) psa_hash_abort(&hash);

  psa_key_derivation_operation_t derivations[4] = {};
  held = 0;
  while (held < 4 &&
         psa_key_derivation_setup(&derivations[held],
                                  PSA_ALG_HKDF(PSA_ALG_SHA_256)) == PSA_SUCCESS)
    ++held;
  EXPECT_EQ(held, 2);
  for (auto& derivation : derivations) psa_key_derivation_abort(&derivation);

  psa_key_id_t keys[32] = {};
  held = 0;
  const auto raw =
      Attributes(PSA_KEY_TYPE_RAW_DATA, 0, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
  while (held < 32 &&
         (status = psa_import_key(&raw, input, 16, &keys[held])) == PSA_SUCCESS)
    ++held;
  EXPECT_EQ(held, 12);
  EXPECT_EQ(status, PSA_ERROR_INSUFFICIENT_MEMORY);
  // The device's own key still signs, and a signature needs no slot of NS.
  std::size_t size = 0;
  EXPECT_EQ(psa_sign_hash(cai::spm::kKeyTlsClient, kEcdsa, input, 32, buffer,
                          64, &size),
            PSA_SUCCESS);
  for (int i = 0; i < held; ++i) psa_destroy_key(keys[i]);
  EXPECT_EQ(psa_destroy_key(keys[0]), PSA_ERROR_INVALID_HANDLE);
  psa_key_id_t key = 0;
  EXPECT_EQ(psa_import_key(&raw, input, 16, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_export_key(key, buffer, 16, &size), PSA_SUCCESS);
  EXPECT(std::memcmp(buffer, input, 16) == 0);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  EXPECT(psa_import_key(&raw, input, 512, &key) != PSA_SUCCESS);
}

// Requests that no shim sends.
CAI_DEVICE_TEST(Psa, MalformedRequests_AreRefused) {
  const psa_handle_t crypto = CAI_PSA_HANDLE(1);
  psa_outvec out[1] = {{buffer, 64}};
  for (std::size_t size = 0; size < 64; ++size) {
    const psa_invec in[1] = {{input, size}};
    if (psa_call(crypto, 7, in, 1, out, 1) == PSA_SUCCESS ||
        psa_call(crypto, 18, in, 1, out, 1) == PSA_SUCCESS ||
        psa_call(crypto, 250, in, 1, out, 1) == PSA_SUCCESS) {
      EXPECT_EQ(size, -1);
    }
  }
  EXPECT_EQ(psa_call(crypto, 0, nullptr, 0, nullptr, 0),
            PSA_ERROR_PROGRAMMER_ERROR);
  // Nothing of it has stopped the partition.
  std::size_t size = 0;
  EXPECT_EQ(psa_hash_compute(PSA_ALG_SHA_256, input, 3, buffer, 32, &size),
            PSA_SUCCESS);
}

CAI_DEVICE_TEST(Psa, Random_IsNotRepeated) {
  std::uint8_t first[64] = {}, second[64] = {};
  EXPECT_EQ(psa_generate_random(first, 64), PSA_SUCCESS);
  EXPECT_EQ(psa_generate_random(second, 64), PSA_SUCCESS);
  EXPECT(std::memcmp(first, second, 64) != 0);
  EXPECT_EQ(psa_generate_random(input, sizeof(input)), PSA_SUCCESS);
  EXPECT(std::memcmp(input, input + 6000, 64) != 0);
}

// ---- Storage ----------------------------------------------------------------

CAI_DEVICE_TEST(Psa, Storage_KeepsToTheSpecification) {
  std::size_t size = 0;
  psa_storage_info_t info = {};
  EXPECT_EQ(psa_ps_get(0x1001, 0, 64, buffer, &size), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(psa_ps_set(0x1001, 1500, input, PSA_STORAGE_FLAG_NONE),
            PSA_SUCCESS);
  EXPECT_EQ(psa_ps_get(0x1001, 0, sizeof(buffer), buffer, &size), PSA_SUCCESS);
  EXPECT(size == 1500 && std::memcmp(buffer, input, 1500) == 0);
  EXPECT_EQ(psa_ps_get(0x1001, 1490, 64, buffer, &size), PSA_SUCCESS);
  EXPECT(size == 10 && std::memcmp(buffer, input + 1490, 10) == 0);
  EXPECT_EQ(psa_ps_get(0x1001, 1501, 64, buffer, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_ps_get_info(0x1001, &info), PSA_SUCCESS);
  EXPECT_EQ(info.size, 1500);
  EXPECT_EQ(psa_its_get(0x1001, 0, 64, buffer, &size),
            PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(psa_ps_set(0x1001, 5, "hello", 0), PSA_SUCCESS);
  EXPECT_EQ(psa_ps_get(0x1001, 0, 64, buffer, &size), PSA_SUCCESS);
  EXPECT(size == 5 && std::memcmp(buffer, "hello", 5) == 0);
  EXPECT_EQ(psa_ps_remove(0x1001), PSA_SUCCESS);
  EXPECT_EQ(psa_ps_remove(0x1001), PSA_ERROR_DOES_NOT_EXIST);

  EXPECT_EQ(psa_its_set(7, 3, "abc", PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
  EXPECT_EQ(psa_its_set(7, 3, "xyz", 0), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_its_remove(7), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_its_get(7, 0, 64, buffer, &size), PSA_SUCCESS);
  EXPECT(size == 3 && std::memcmp(buffer, "abc", 3) == 0);
  EXPECT_EQ(psa_its_set(8, 2049, input, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
  EXPECT_EQ(psa_its_set(0, 1, input, 0), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_its_set(8, 1, input, 0x80), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_ps_get_support(), 0);
  EXPECT_EQ(psa_ps_create(9, 10, 0), PSA_ERROR_NOT_SUPPORTED);

  // Many times the size of the region goes through it.
  int failed = 0;
  for (int i = 0; i < 150; ++i) {
    input[0] = static_cast<std::uint8_t>(i);
    failed += psa_its_set(20 + i % 3, 1024, input, 0) != PSA_SUCCESS;
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(psa_its_get(20 + 149 % 3, 0, 1, buffer, &size), PSA_SUCCESS);
  EXPECT_EQ(buffer[0], 149);
}

// ---- Mbed TLS as a client ---------------------------------------------------

alignas(8) unsigned char pool[16 * 1024];

CAI_DEVICE_TEST(Psa, OpaqueKey_WorksInMbedTls) {
  mbedtls_memory_buffer_alloc_init(pool, sizeof(pool));
  mbedtls_pk_context pk;
  mbedtls_pk_init(&pk);
  EXPECT_EQ(mbedtls_pk_setup_opaque(&pk, cai::spm::kKeyTlsClient), 0);
  EXPECT(mbedtls_pk_can_do_ext(&pk, kEcdsa, PSA_KEY_USAGE_SIGN_HASH));
  std::uint8_t hash[32] = {9};
  std::size_t size = 0;
  EXPECT_EQ(mbedtls_pk_sign(&pk, MBEDTLS_MD_SHA256, hash, 32, buffer,
                            sizeof(buffer), &size, nullptr, nullptr),
            0);
  EXPECT(size >= 68 && size <= 72 && buffer[0] == 0x30);
  mbedtls_pk_free(&pk);
  EXPECT_EQ(psa_sign_hash(cai::spm::kKeyTlsClient, kEcdsa, hash, 32, buffer, 64,
                          &size),
            PSA_SUCCESS);

  const mbedtls_time_t leap = 1709251199;  // 2024-02-29 23:59:59
  struct tm tm = {};
  EXPECT(mbedtls_platform_gmtime_r(&leap, &tm) == &tm);
  EXPECT(tm.tm_year == 124 && tm.tm_mon == 1 && tm.tm_mday == 29);
  EXPECT(tm.tm_hour == 23 && tm.tm_min == 59 && tm.tm_sec == 59);
  const mbedtls_time_t later = 4102444800;  // 2100-01-01, past 2038
  mbedtls_platform_gmtime_r(&later, &tm);
  EXPECT(tm.tm_year == 200 && tm.tm_mon == 0 && tm.tm_mday == 1);
  const mbedtls_time_t never = -1;
  EXPECT(mbedtls_platform_gmtime_r(&never, &tm) == nullptr);
}

}  // namespace

extern "C" long long cai_ns_time(long long* now) {
  if (now != nullptr) *now = 0;
  return 0;
}
extern "C" mbedtls_ms_time_t mbedtls_ms_time() { return 0; }
