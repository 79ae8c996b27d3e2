// PSA Crypto as a backend of the full tier: what every file of it shares.
#pragma once

#include <psa/crypto.h>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/algorithm.h"

namespace cai::crypto {

// What is not in the configuration is kCryptoUnsupported; any other failure is
// `otherwise`.
inline Error FromPsa(psa_status_t status, Error otherwise) {
  return status == PSA_ERROR_NOT_SUPPORTED ? Error::kCryptoUnsupported
                                           : otherwise;
}

inline psa_algorithm_t AlgorithmOf(HashAlgorithm hash) {
  switch (hash) {
    case HashAlgorithm::kSha1:
      return PSA_ALG_SHA_1;
    case HashAlgorithm::kSha256:
      return PSA_ALG_SHA_256;
    case HashAlgorithm::kSha384:
      return PSA_ALG_SHA_384;
    default:
      return PSA_ALG_SHA_512;
  }
}

// A secret as a volatile PSA key, destroyed when it goes.
class TransientKey {
 public:
  TransientKey(psa_key_type_t type, psa_key_usage_t usage,
               psa_algorithm_t algorithm, Bytes key) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, type);
    psa_set_key_usage_flags(&attributes, usage);
    psa_set_key_algorithm(&attributes, algorithm);
    status_ = psa_import_key(&attributes, AsU8(key), key.size(), &id_);
  }
  ~TransientKey() { psa_destroy_key(id_); }
  TransientKey(const TransientKey&) = delete;
  TransientKey& operator=(const TransientKey&) = delete;

  psa_status_t status() const { return status_; }
  mbedtls_svc_key_id_t id() const { return id_; }

 private:
  mbedtls_svc_key_id_t id_ = MBEDTLS_SVC_KEY_ID_INIT;
  psa_status_t status_;
};

}  // namespace cai::crypto
