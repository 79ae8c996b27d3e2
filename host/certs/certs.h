// Certificates in files: what is in one, whether a CA vouches for it, and
// requests for new ones (PKCS#10).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/keyfile/keyfile.h"

namespace cai::certs {

using host::Finished;
using host::Outcome;

struct Description {
  std::string subject, issuer;                 // RFC 2253
  std::string serial;                          // decimal
  std::int64_t not_before = 0, not_after = 0;  // Unix seconds
  std::string key;                             // "P-256", or "unknown"
  std::optional<std::string> thumbprint;       // RFC 9679, of keys that we know
  std::string fingerprint;                     // SHA-256 of the DER
  bool authority = false;
  std::vector<std::string> usages;  // "digitalSignature", "clientAuth", ...
  std::vector<std::string> names;   // subject alternative names, DNS and IP
};
Description Describe(const X509* certificate);

enum class Purpose { kAny, kClient, kServer };
struct Check {
  Purpose purpose = Purpose::kAny;
  std::int64_t at = 0;    // Unix seconds
  std::string host = {};  // if not empty, the certificate has to name it
};
// kHostTls with OpenSSL's words unless `authority` signed `certificate` and
// both are valid for what is asked.
Finished Verify(X509* certificate, X509* authority, const Check& check);

struct Subject {
  std::string organization, unit, common_name;  // empty ones are left out
};
// PEM of a request for `key`, which must be private and able to sign.
Outcome<std::string> Request(const keyfile::Key& key, const Subject& subject);

}  // namespace cai::certs
