// The certificates that this CA makes: four profiles on P-256, nothing else.
#pragma once

#include <string>
#include <vector>

#include "host/common/keys.h"

namespace cai::ca {

using host::Blob;
using host::Finished;
using host::Outcome;

enum class Use {
  kAuthority,    // signs certificates and CRLs; path length 0
  kServer,       // TLS server
  kClient,       // TLS client
  kMessageSign,  // COSE signatures; no TLS stack takes it for a client
};

struct Profile {
  Use use = Use::kClient;
  std::string organization = {};  // may be empty
  std::string common_name = {};
  std::string unit = {};                    // may be empty
  std::vector<std::string> dns_names = {};  // subject alternative names
  bool loopback = false;                    // also localhost, 127.0.0.1
  std::int64_t not_before = 0;              // Unix seconds
  std::int64_t not_after = 0;
};

// A certificate of 63 random bits of serial number for `key`, signed by
// `issuer_key` in the name of `issuer`; self-signed if `issuer` is null.
Outcome<host::CertificatePtr> MakeCertificate(const Profile& profile,
                                              EVP_PKEY* key, const X509* issuer,
                                              EVP_PKEY* issuer_key);

}  // namespace cai::ca
