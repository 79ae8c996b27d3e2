// An X.509 certificate (RFC 5280) on P-256, as far as this project reads one.
// Chains, extensions and revocation are OpenSSL's and Mbed TLS's.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/p256.h"
#include "lib/x509/name.h"

namespace cai::x509 {

// Views point into the parsed bytes.
struct Certificate {
  Bytes tbs;     // what was signed
  Bytes serial;  // magnitude, big endian, no leading zero; 1 to 20 bytes
  Name issuer;
  Bytes issuer_der;
  std::int64_t not_before;  // seconds since 1970, both inclusive
  std::int64_t not_after;
  Name subject;
  Bytes subject_der;
  crypto::P256Public key;
  Bytes extensions;  // content of Extensions, or empty; not interpreted
  crypto::Signature signature;

  bool ValidAt(std::int64_t unix_s) const {
    return not_before <= unix_s && unix_s <= not_after;
  }

  // The signature alone: kCryptoBadSignature or kCryptoBadPoint.
  Status VerifySignature(const crypto::P256Public& issuer_key) const;
};

// Refuses all but one whole DER certificate of v1 or v3 with a P-256 key,
// signed by ecdsa-with-SHA256.
Result<Certificate> ParseCertificate(Bytes der);

}  // namespace cai::x509
