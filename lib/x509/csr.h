// A PKCS#10 certification request (RFC 2986) for a P-256 key.
//
// Building is split where the private key lives elsewhere:
//   auto info = EncodeRequestInfo({kOrganization, uuid_text, kUnitCoseSign},
//                                 key, info_buffer);   // keys::UuidText
//   auto signature = crypto::SignHash(handle, crypto::Sha256::Of(*info));
//   auto csr = EncodeCsr(*info, *signature, csr_buffer);
// SHA-256 over the request info is claim -70001 of a key token.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"
#include "lib/x509/name.h"

namespace cai::x509 {

// Exact for a name of three texts of kMaxText bytes.
constexpr std::size_t kMaxRequestInfo = 328;
constexpr std::size_t kMaxCsr = 419;

// The DER of CertificationRequestInfo: version 0, subject, key, no attributes.
// kX509BadName if a text is longer than kMaxText; kDerNoRoom.
Result<Bytes> EncodeRequestInfo(const Name& subject,
                                const crypto::P256Public& key,
                                MutableBytes out);

// The whole request; `out` may not overlap `request_info`. kDerNoRoom.
Result<Bytes> EncodeCsr(Bytes request_info, const crypto::Signature& signature,
                        MutableBytes out);

// A request as read. Views point into the parsed bytes.
struct Csr {
  Bytes request_info;  // what was signed
  Name subject;
  Bytes subject_der;
  crypto::P256Public key;
  Bytes attributes;  // content of [0]; not interpreted
  crypto::Signature signature;

  // SHA-256(request_info).
  crypto::Digest InfoDigest() const;

  // The requester holds the private key; kCryptoBadSignature or
  // kCryptoBadPoint if not. Parsing alone does not ask this.
  Status VerifyProofOfPossession() const;
};

// Refuses all but one whole DER request of version 0, P-256, ecdsa-with-SHA256.
Result<Csr> ParseCsr(Bytes der);

}  // namespace cai::x509
