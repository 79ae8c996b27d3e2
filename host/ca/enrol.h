// The decision whether a device gets a certificate.
#pragma once

#include <optional>

#include "host/ca/authority.h"
#include "host/registry/registry.h"

namespace cai::ca {

// Who asks, as its TLS certificate says: the class credential may ask for any
// device, a device for itself alone.
struct Requester {
  bool bootstrap_class = false;
  std::string device;  // the certificate's common name, if a device's
};

// Bytes as they came. The token and its nonce are there together or not at all.
struct EnrolRequest {
  Bytes csr;
  Bytes key_token;
  Bytes nonce;
};

// So many valid certificates a device may hold for one purpose; then it gets
// its newest one again, if that is for the same key.
constexpr std::int64_t kMaxLiveCertificates = 32;
// What a device has room for.
constexpr std::size_t kMaxCertificate = 650;

// Checks the request, issues, pins and records in one transaction: no
// certificate leaves that the registry lacks. The reasons: kCaCsr* for the
// request itself, kRegistryUnknownDevice and kRegistryUnenrolled for its
// subject, kCaTokenMismatch for a key token that does not cover it (quiet: the
// exact reason is in the words), kRegistryKeyMismatch for a second COSE key.
Outcome<registry::CertificateRecord> Enrol(const EnrolRequest& request,
                                           const Requester& requester,
                                           const Authority& authority,
                                           registry::Registry& registry,
                                           std::int64_t now_ms);

}  // namespace cai::ca
