// Keys: what may be made, what is said of them, who may see them.
#include "device/tests/psa/psa_test.h"
#include "psa/internal_trusted_storage.h"

namespace {

using namespace cai::psa_test;

// A point on P-256: the public key of RFC 6979, A.2.5.
constexpr Hex kPoint(
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
constexpr Hex kScalar(
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
// The order of the group: no scalar.
constexpr Hex kOrder(
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
constexpr std::uint8_t kBytes[150] = {1, 2, 3};

CAI_DEVICE_TEST(Keys, Init_MayBeRepeated) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(psa_crypto_init(), PSA_SUCCESS);
}

struct ImportCase {
  psa_key_type_t type;
  std::size_t bits;
  const std::uint8_t* data;
  std::size_t size;
  psa_status_t expected;
  std::size_t bits_after;
};

constexpr psa_key_type_t kP384Pair =
    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);

constexpr ImportCase kImports[] = {
    {PSA_KEY_TYPE_AES, 128, kBytes, 16, PSA_SUCCESS, 128},
    {PSA_KEY_TYPE_AES, 0, kBytes, 24, PSA_SUCCESS, 192},
    {PSA_KEY_TYPE_AES, 256, kBytes, 32, PSA_SUCCESS, 256},
    {PSA_KEY_TYPE_AES, 129, kBytes, 16, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_AES, 272, kBytes, 34, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_AES, 144, kBytes, 18, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_AES, 0, kBytes, 0, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_NONE, 128, kBytes, 16, PSA_ERROR_NOT_SUPPORTED, 0},
    {PSA_KEY_TYPE_DES, 64, kBytes, 8, PSA_ERROR_NOT_SUPPORTED, 0},
    {PSA_KEY_TYPE_RSA_PUBLIC_KEY, 0, kBytes, 64, PSA_ERROR_NOT_SUPPORTED, 0},
    {PSA_KEY_TYPE_CHACHA20, 256, kBytes, 32, PSA_SUCCESS, 256},
    {PSA_KEY_TYPE_CHACHA20, 0, kBytes, 31, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_HMAC, 0, kBytes, 1, PSA_SUCCESS, 8},
    {PSA_KEY_TYPE_HMAC, 0, kBytes, 140, PSA_SUCCESS, 1120},
    {PSA_KEY_TYPE_HMAC, 0, kBytes, 141, PSA_ERROR_NOT_SUPPORTED, 0},
    {PSA_KEY_TYPE_RAW_DATA, 0, kBytes, 5, PSA_SUCCESS, 40},
    {PSA_KEY_TYPE_RAW_DATA, 0, kBytes, 0, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_DERIVE, 256, kBytes, 32, PSA_SUCCESS, 256},
    {kPublicKey, 256, kPoint.bytes, 65, PSA_SUCCESS, 256},
    {kPublicKey, 0, kPoint.bytes, 64, PSA_ERROR_INVALID_ARGUMENT, 0},
    {kPublicKey, 0, kBytes, 65, PSA_ERROR_INVALID_ARGUMENT, 0},
    {kKeyPair, 0, kScalar.bytes, 32, PSA_SUCCESS, 256},
    {kKeyPair, 0, kOrder.bytes, 32, PSA_ERROR_INVALID_ARGUMENT, 0},
    {kP384Pair, 384, kBytes, 48, PSA_ERROR_NOT_SUPPORTED, 0},
};

CAI_DEVICE_TEST(Keys, Import_TakesWhatIsAKeyAndNothingElse) {
  for (const ImportCase& c : kImports) {
    const auto wanted =
        Attributes(c.type, c.bits, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
    psa_key_id_t key = 99;
    EXPECT_EQ(psa_import_key(&wanted, c.data, c.size, &key), c.expected);
    if (c.expected != PSA_SUCCESS) {
      EXPECT_EQ(key, 0);
      continue;
    }
    psa_key_attributes_t is = PSA_KEY_ATTRIBUTES_INIT;
    std::size_t size = 0;
    EXPECT_EQ(psa_get_key_attributes(key, &is), PSA_SUCCESS);
    EXPECT_EQ(psa_get_key_type(&is), c.type);
    EXPECT_EQ(psa_get_key_bits(&is), c.bits_after);
    EXPECT_EQ(psa_get_key_lifetime(&is), PSA_KEY_LIFETIME_VOLATILE);
    EXPECT_EQ(psa_get_key_id(&is), 0);
    EXPECT_EQ(psa_export_key(key, buffer, sizeof(buffer), &size), PSA_SUCCESS);
    EXPECT(size == c.size && std::memcmp(buffer, c.data, size) == 0);
    EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
    EXPECT_EQ(psa_destroy_key(key), PSA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(psa_get_key_attributes(key, &is), PSA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(psa_get_key_type(&is), 0);
  }
}

CAI_DEVICE_TEST(Keys, Import_RefusesBadPolicies) {
  psa_key_id_t key = 99;
  const auto unknown =
      Attributes(PSA_KEY_TYPE_AES, 128, 0x80000000u, PSA_ALG_GCM);
  EXPECT_EQ(psa_import_key(&unknown, kBytes, 16, &key),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(key, 0);
  const psa_key_attributes_t nothing = PSA_KEY_ATTRIBUTES_INIT;
  EXPECT(psa_import_key(&nothing, kBytes, 16, &key) != PSA_SUCCESS);
  EXPECT_EQ(psa_import_key(&unknown, input, sizeof(input), &key),
            PSA_ERROR_NOT_SUPPORTED);
  // A key has one algorithm.
  auto two = Attributes(kKeyPair, 256, PSA_KEY_USAGE_SIGN_HASH, kEcdsa);
  psa_set_key_enrollment_algorithm(&two, PSA_ALG_ECDH);
  EXPECT_EQ(psa_generate_key(&two, &key), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(key, 0);
}

CAI_DEVICE_TEST(Keys, Export_FollowsThePolicy) {
  std::size_t size = 99;
  const auto closed = Attributes(PSA_KEY_TYPE_AES, 128,
                                 PSA_KEY_USAGE_VERIFY_MESSAGE, PSA_ALG_NONE);
  psa_key_id_t key = Import(closed, kBytes, 16);
  EXPECT_EQ(psa_export_key(key, buffer, 16, &size), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(size, 0);
  EXPECT_EQ(psa_export_public_key(key, buffer, 65, &size),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  EXPECT_EQ(psa_export_key(key, buffer, 16, &size), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_export_key(0, buffer, 16, &size), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_destroy_key(0), PSA_SUCCESS);

  const auto open =
      Attributes(PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
  key = Import(open, kBytes, 16);
  EXPECT_EQ(psa_export_key(key, buffer, 15, &size), PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_export_key(key, buffer, 0, &size), PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);

  // The public half needs no permission.
  const auto pair = Attributes(kKeyPair, 0, PSA_KEY_USAGE_SIGN_HASH, kEcdsa);
  key = Import(pair, kScalar.bytes, 32);
  EXPECT_EQ(psa_export_public_key(key, buffer, 64, &size),
            PSA_ERROR_BUFFER_TOO_SMALL);
  EXPECT_EQ(psa_export_public_key(key, buffer, 65, &size), PSA_SUCCESS);
  EXPECT(size == 65 && kPoint.Is(buffer));
  psa_key_attributes_t is = PSA_KEY_ATTRIBUTES_INIT;
  EXPECT_EQ(psa_get_key_attributes(key, &is), PSA_SUCCESS);
  EXPECT_EQ(psa_get_key_usage_flags(&is),
            PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE);
  EXPECT_EQ(psa_get_key_algorithm(&is), kEcdsa);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
}

struct GenerateCase {
  psa_key_type_t type;
  std::size_t bits;
  psa_status_t expected;
  std::size_t size;
};

constexpr GenerateCase kGenerated[] = {
    {PSA_KEY_TYPE_AES, 128, PSA_SUCCESS, 16},
    {PSA_KEY_TYPE_AES, 256, PSA_SUCCESS, 32},
    {PSA_KEY_TYPE_AES, 129, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_AES, 0, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_CHACHA20, 256, PSA_SUCCESS, 32},
    {PSA_KEY_TYPE_HMAC, 256, PSA_SUCCESS, 32},
    {PSA_KEY_TYPE_RAW_DATA, 72, PSA_SUCCESS, 9},
    {PSA_KEY_TYPE_RAW_DATA, 9, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_RAW_DATA, 8 * 141, PSA_ERROR_NOT_SUPPORTED, 0},
    {PSA_KEY_TYPE_RAW_DATA, 100000, PSA_ERROR_NOT_SUPPORTED, 0},
    {kKeyPair, 256, PSA_SUCCESS, 32},
    {kKeyPair, 384, PSA_ERROR_NOT_SUPPORTED, 0},
    {kPublicKey, 256, PSA_ERROR_INVALID_ARGUMENT, 0},
    {PSA_KEY_TYPE_RSA_KEY_PAIR, 2048, PSA_ERROR_NOT_SUPPORTED, 0},
    {PSA_KEY_TYPE_NONE, 128, PSA_ERROR_NOT_SUPPORTED, 0},
};

CAI_DEVICE_TEST(Keys, Generate_MakesEachTypeThatIsBuiltIn) {
  for (const GenerateCase& c : kGenerated) {
    const auto wanted =
        Attributes(c.type, c.bits, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
    psa_key_id_t key = 99;
    EXPECT_EQ(psa_generate_key(&wanted, &key), c.expected);
    if (c.expected != PSA_SUCCESS) {
      EXPECT_EQ(key, 0);
      continue;
    }
    std::size_t size = 0;
    EXPECT_EQ(psa_export_key(key, buffer, sizeof(buffer), &size), PSA_SUCCESS);
    EXPECT_EQ(size, c.size);
    EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  }
}

CAI_DEVICE_TEST(Keys, Copy_NarrowsAndNeverWidens) {
  constexpr psa_key_usage_t kUse =
      PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT;
  const auto source =
      Attributes(PSA_KEY_TYPE_AES, 0, PSA_KEY_USAGE_COPY | kUse, PSA_ALG_GCM);
  const psa_key_id_t key = Import(source, kBytes, 16);
  psa_key_id_t copy = 0;

  const auto narrow = Attributes(0, 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
  EXPECT_EQ(psa_copy_key(key, &narrow, &copy), PSA_SUCCESS);
  psa_key_attributes_t is = PSA_KEY_ATTRIBUTES_INIT;
  EXPECT_EQ(psa_get_key_attributes(copy, &is), PSA_SUCCESS);
  EXPECT_EQ(psa_get_key_usage_flags(&is), PSA_KEY_USAGE_ENCRYPT);
  EXPECT_EQ(psa_get_key_bits(&is), 128);
  // The copy may not be copied: it did not get that usage.
  psa_key_id_t second = 99;
  EXPECT_EQ(psa_copy_key(copy, &narrow, &second), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(second, 0);
  EXPECT_EQ(psa_destroy_key(copy), PSA_SUCCESS);

  const auto wide = Attributes(PSA_KEY_TYPE_AES, 128,
                               kUse | PSA_KEY_USAGE_EXPORT, PSA_ALG_GCM);
  std::size_t size = 0;
  EXPECT_EQ(psa_copy_key(key, &wide, &copy), PSA_SUCCESS);
  EXPECT_EQ(psa_export_key(copy, buffer, 16, &size), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(psa_destroy_key(copy), PSA_SUCCESS);

  const auto other_algorithm =
      Attributes(0, 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_CHACHA20_POLY1305);
  EXPECT_EQ(psa_copy_key(key, &other_algorithm, &copy),
            PSA_ERROR_INVALID_ARGUMENT);
  const auto other_type =
      Attributes(PSA_KEY_TYPE_HMAC, 0, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
  EXPECT_EQ(psa_copy_key(key, &other_type, &copy), PSA_ERROR_INVALID_ARGUMENT);
  const auto other_size =
      Attributes(PSA_KEY_TYPE_AES, 256, PSA_KEY_USAGE_ENCRYPT, PSA_ALG_GCM);
  EXPECT_EQ(psa_copy_key(key, &other_size, &copy), PSA_ERROR_INVALID_ARGUMENT);
  auto no_number = narrow;
  psa_set_key_lifetime(&no_number, PSA_KEY_LIFETIME_PERSISTENT);
  EXPECT_EQ(psa_copy_key(key, &no_number, &copy), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(psa_destroy_key(key), PSA_SUCCESS);
  EXPECT_EQ(psa_copy_key(key, &narrow, &copy), PSA_ERROR_INVALID_HANDLE);
}

// ---- Persistent keys --------------------------------------------------------

psa_key_attributes_t Persistent(psa_key_id_t id, psa_key_type_t type,
                                std::size_t bits, psa_key_usage_t usage,
                                psa_algorithm_t alg) {
  auto attributes = Attributes(type, bits, usage, alg);
  psa_set_key_id(&attributes, id);
  return attributes;
}

CAI_DEVICE_TEST(Keys, Persistent_LiveInStorageUnderTheirNumber) {
  constexpr psa_key_id_t kId = 0x0123;
  const auto wanted = Persistent(kId, PSA_KEY_TYPE_RAW_DATA, 0,
                                 PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
  psa_key_id_t key = 0;
  psa_key_handle_t handle = 99;
  EXPECT_EQ(psa_open_key(kId, &handle), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(psa_import_key(&wanted, kBytes, 20, &key), PSA_SUCCESS);
  EXPECT_EQ(key, kId);
  EXPECT_EQ(psa_import_key(&wanted, kBytes, 20, &key),
            PSA_ERROR_ALREADY_EXISTS);
  EXPECT_EQ(key, 0);

  // From storage, not from memory; what is only there can be purged, too.
  std::size_t size = 0;
  psa_key_attributes_t is = PSA_KEY_ATTRIBUTES_INIT;
  EXPECT_EQ(psa_purge_key(kId), PSA_SUCCESS);
  EXPECT_EQ(psa_purge_key(kId), PSA_SUCCESS);
  EXPECT_EQ(psa_purge_key(kId + 1), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_purge_key(0), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_export_key(kId, buffer, 64, &size), PSA_SUCCESS);
  EXPECT(size == 20 && std::memcmp(buffer, kBytes, 20) == 0);
  EXPECT_EQ(psa_get_key_attributes(kId, &is), PSA_SUCCESS);
  EXPECT_EQ(psa_get_key_id(&is), kId);
  EXPECT_EQ(psa_get_key_lifetime(&is), PSA_KEY_LIFETIME_PERSISTENT);
  EXPECT_EQ(psa_get_key_bits(&is), 160);
  EXPECT_EQ(psa_open_key(kId, &handle), PSA_SUCCESS);
  EXPECT_EQ(handle, kId);
  EXPECT_EQ(psa_close_key(handle), PSA_SUCCESS);

  // The NSPE's own ITS does not know the file, whatever its name.
  constexpr psa_storage_uid_t kFile = 0xffffffff00000000u | kId;
  EXPECT_EQ(psa_its_get(kFile, 0, 64, buffer, &size), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(psa_its_remove(kFile), PSA_ERROR_DOES_NOT_EXIST);

  EXPECT_EQ(psa_destroy_key(kId), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(kId), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_export_key(kId, buffer, 64, &size), PSA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(psa_import_key(&wanted, kBytes, 20, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(kId), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Keys, Persistent_AreMadeInEveryWay) {
  psa_key_id_t key = 0;
  std::size_t size = 0;
  const auto pair = Persistent(
      11, kKeyPair, 256, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_COPY, kEcdsa);
  EXPECT_EQ(psa_generate_key(&pair, &key), PSA_SUCCESS);
  const auto copied = Persistent(12, 0, 0, PSA_KEY_USAGE_SIGN_HASH, kEcdsa);
  EXPECT_EQ(psa_copy_key(11, &copied, &key), PSA_SUCCESS);
  EXPECT_EQ(psa_purge_key(11), PSA_SUCCESS);
  EXPECT_EQ(psa_purge_key(12), PSA_SUCCESS);
  EXPECT_EQ(psa_export_public_key(11, buffer, 65, &size), PSA_SUCCESS);
  EXPECT_EQ(psa_export_public_key(12, buffer + 65, 65, &size), PSA_SUCCESS);
  EXPECT(std::memcmp(buffer, buffer + 65, 65) == 0);
  EXPECT_EQ(psa_sign_hash(12, kEcdsa, kBytes, 32, buffer, 64, &size),
            PSA_SUCCESS);

  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  psa_key_derivation_setup(&operation, PSA_ALG_HKDF(PSA_ALG_SHA_256));
  psa_key_derivation_input_bytes(&operation, PSA_KEY_DERIVATION_INPUT_INFO,
                                 kBytes, 3);
  const auto secret = Attributes(PSA_KEY_TYPE_DERIVE, 0, PSA_KEY_USAGE_DERIVE,
                                 PSA_ALG_HKDF(PSA_ALG_SHA_256));
  const psa_key_id_t root = Import(secret, kBytes, 32);
  EXPECT_EQ(psa_key_derivation_input_key(&operation,
                                         PSA_KEY_DERIVATION_INPUT_SECRET, root),
            PSA_SUCCESS);
  const auto derived =
      Persistent(13, PSA_KEY_TYPE_AES, 128, PSA_KEY_USAGE_EXPORT, PSA_ALG_GCM);
  EXPECT_EQ(psa_key_derivation_output_key(&derived, &operation, &key),
            PSA_SUCCESS);
  EXPECT_EQ(key, 13);
  psa_key_derivation_abort(&operation);
  psa_destroy_key(root);
  EXPECT_EQ(psa_export_key(13, buffer, 16, &size), PSA_SUCCESS);
  for (psa_key_id_t id : {11, 12, 13})
    EXPECT_EQ(psa_destroy_key(id), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Keys, Persistent_NumbersAndPlacesAreChecked) {
  psa_key_id_t key = 0;
  const auto make = [&](psa_key_id_t id, psa_key_lifetime_t lifetime) {
    auto wanted = Persistent(id, PSA_KEY_TYPE_RAW_DATA, 0, PSA_KEY_USAGE_EXPORT,
                             PSA_ALG_NONE);
    psa_set_key_lifetime(&wanted, lifetime);
    return psa_import_key(&wanted, kBytes, 16, &key);
  };
  constexpr auto kDefault = PSA_KEY_LIFETIME_PERSISTENT;
  EXPECT_EQ(make(0, kDefault), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(make(PSA_KEY_ID_USER_MAX + 1, kDefault),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(make(0x7fff0001, kDefault), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(make(0x80000001, kDefault), PSA_ERROR_INVALID_ARGUMENT);
  // An element that is not there; a key that nobody could have made.
  EXPECT_EQ(make(5, PSA_KEY_LIFETIME_FROM_PERSISTENCE_AND_LOCATION(
                        PSA_KEY_PERSISTENCE_DEFAULT, 1)),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(make(5, PSA_KEY_LIFETIME_FROM_PERSISTENCE_AND_LOCATION(
                        PSA_KEY_PERSISTENCE_READ_ONLY,
                        PSA_KEY_LOCATION_LOCAL_STORAGE)),
            PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(make(PSA_KEY_ID_USER_MAX, kDefault), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(PSA_KEY_ID_USER_MAX), PSA_SUCCESS);
  EXPECT_EQ(make(PSA_KEY_ID_USER_MIN, kDefault), PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(PSA_KEY_ID_USER_MIN), PSA_SUCCESS);
}

CAI_DEVICE_TEST(Keys, Persistent_FillTheNspesStoreAndNoMore) {
  psa_key_id_t key = 0, made = 0;
  psa_status_t status = PSA_SUCCESS;
  while (made < 100 && status == PSA_SUCCESS) {
    const auto wanted = Persistent(made + 1, PSA_KEY_TYPE_RAW_DATA, 0,
                                   PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
    status = psa_import_key(&wanted, kBytes, 16, &key);
    if (status == PSA_SUCCESS) ++made;
  }
  EXPECT_EQ(status, PSA_ERROR_INSUFFICIENT_STORAGE);
  EXPECT(made > 12 && made < 100);
  EXPECT_EQ(psa_its_set(1, 3, "abc", 0), PSA_ERROR_INSUFFICIENT_STORAGE);
  // What there is can be used, and volatile keys need none of it.
  std::size_t size = 0;
  EXPECT_EQ(psa_export_key(made, buffer, 16, &size), PSA_SUCCESS);
  const auto raw =
      Attributes(PSA_KEY_TYPE_RAW_DATA, 0, PSA_KEY_USAGE_EXPORT, PSA_ALG_NONE);
  psa_destroy_key(Import(raw, kBytes, 16));
  for (psa_key_id_t id = 1; id <= made; ++id)
    EXPECT_EQ(psa_destroy_key(id), PSA_SUCCESS);
  EXPECT_EQ(psa_its_set(1, 3, "abc", 0), PSA_SUCCESS);
  EXPECT_EQ(psa_its_remove(1), PSA_SUCCESS);
}

// Two starts of the machine over one flash: tests/device/run_qemu.py --then.
constexpr psa_key_id_t kKept = 0x77;

CAI_DEVICE_SCENARIO(Keys, Persistent_IsMadeBeforeAReset) {
  const auto wanted =
      Persistent(kKept, kKeyPair, 256,
                 PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT, kEcdsa);
  EXPECT_EQ(Import(wanted, kScalar.bytes, 32), kKept);
}

CAI_DEVICE_SCENARIO(Keys, Persistent_IsThereAfterAReset) {
  std::size_t size = 0;
  EXPECT_EQ(psa_export_key(kKept, buffer, 32, &size), PSA_SUCCESS);
  EXPECT(size == 32 && kScalar.Is(buffer));
  EXPECT_EQ(psa_sign_hash(kKept, kEcdsa, kBytes, 32, buffer, 64, &size),
            PSA_SUCCESS);
  EXPECT_EQ(psa_destroy_key(kKept), PSA_SUCCESS);
  EXPECT_EQ(psa_sign_hash(kKept, kEcdsa, kBytes, 32, buffer, 64, &size),
            PSA_ERROR_INVALID_HANDLE);
}

}  // namespace
