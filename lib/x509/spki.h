// SubjectPublicKeyInfo of a P-256 key (RFC 5480), and its ECDSA signatures.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"
#include "lib/der/reader.h"
#include "lib/der/writer.h"

namespace cai::x509 {

// One size for every key: the point is always uncompressed.
constexpr std::size_t kSpkiSize = 91;
ByteArray<kSpkiSize> EncodeSpki(const crypto::P256Public& key);

// SHA-256 over EncodeSpki(): how images, owners and services are named.
crypto::Digest SpkiDigest(const crypto::P256Public& key);

// The next element of `in`. kX509Unsupported for another algorithm or curve or
// a compressed point. Whether the point is on the curve is CheckPoint's, which
// every verification does.
Result<crypto::P256Public> ReadSpki(der::Reader& in);
Result<crypto::P256Public> ParseSpki(Bytes der);

// ecdsa-with-SHA256 (RFC 5758, 3.2).
void WriteSignatureAlgorithm(der::Writer& out);
Status ReadSignatureAlgorithm(der::Reader& in);

// Ecdsa-Sig-Value (RFC 3279, 2.2.3) as DER, of at most this size; from and to
// r || s.
constexpr std::size_t kMaxSignature = 72;
Result<Bytes> EncodeSignature(const crypto::Signature& signature,
                              MutableBytes out);
Result<crypto::Signature> ParseSignature(Bytes der);

}  // namespace cai::x509
