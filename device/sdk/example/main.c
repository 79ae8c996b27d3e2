/* A non-secure application in C: hash, key, signature, storage, attestation, by
 * the PSA Functional APIs of the secure side; and who the device is. */
#include "cai/device.h"
#include "console.h"
#include "psa/client.h"
#include "psa/crypto.h"
#include "psa/initial_attestation.h"
#include "psa/protected_storage.h"

static void Say(const char* what, psa_status_t status) {
  Print(what);
  Print(": ");
  PrintNumber(status);
  Print("\n");
}

static void SayBytes(const char* what, const uint8_t* bytes, size_t size) {
  Print(what);
  Print(": ");
  PrintHex(bytes, size);
  Print("\n");
}

static void Hash(void) {
  uint8_t hash[32];
  size_t size = 0;
  Say("hash", psa_hash_compute(PSA_ALG_SHA_256, (const uint8_t*)"abc", 3, hash,
                               sizeof(hash), &size));
  SayBytes("sha256(abc)", hash, size);
}

/* The key lives in the secure side; what is here is its number. */
static void Sign(void) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_key_id_t key = 0;
  uint8_t signature[64];
  size_t size = 0;
  const uint8_t hash[32] = {1};
  const psa_algorithm_t algorithm = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
  psa_set_key_type(&attributes,
                   PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_bits(&attributes, 256);
  psa_set_key_algorithm(&attributes, algorithm);
  psa_set_key_usage_flags(&attributes,
                          PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
  Say("generate key", psa_generate_key(&attributes, &key));
  Say("sign", psa_sign_hash(key, algorithm, hash, sizeof(hash), signature,
                            sizeof(signature), &size));
  Say("verify",
      psa_verify_hash(key, algorithm, hash, sizeof(hash), signature, size));
  Say("export is refused",
      psa_export_key(key, signature, sizeof(signature), &size));
  Say("destroy key", psa_destroy_key(key));
}

static void Store(void) {
  uint8_t back[5];
  size_t size = 0;
  Say("store", psa_ps_set(1, 5, "hello", PSA_STORAGE_FLAG_NONE));
  Say("read back", psa_ps_get(1, 0, sizeof(back), back, &size));
  SayBytes("stored", back, size);
}

static void Attest(void) {
  static uint8_t token[1024];
  const uint8_t challenge[PSA_INITIAL_ATTEST_CHALLENGE_SIZE_32] = {0x5a};
  size_t size = 0;
  Say("token", psa_initial_attest_get_token(challenge, sizeof(challenge), token,
                                            sizeof(token), &size));
  SayBytes("token", token, size);
}

static void Identify(void) {
  uint8_t uuid[CAI_UUID_SIZE];
  uint8_t ueid[CAI_UEID_SIZE];
  Say("identity", cai_identity_get(uuid, ueid));
  SayBytes("uuid", uuid, sizeof(uuid));
}

void cai_ns_Main(void) {
  ConsoleStart();
  Say("framework", (psa_status_t)psa_framework_version());
  Say("crypto", psa_crypto_init());
  Hash();
  Sign();
  Store();
  Attest();
  Identify();
  Print("done\n");
  for (;;) __asm__ volatile("wfi");
}
