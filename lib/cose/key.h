// A P-256 public key as COSE_Key: {1: 2, -1: 1, -2: x, -3: y} (RFC 9053, 7.1),
// uncompressed, in deterministic order and with nothing else.
#pragma once

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/crypto/p256.h"

namespace cai::cose {

constexpr std::size_t kEncodedKeySize = 1 + 2 + 2 + (1 + 2 + 32) + (1 + 2 + 32);

void WriteKey(const crypto::P256Public& key, cbor::Writer& writer);

// kCoseBadKey unless it is exactly that. Whether the point is on the curve is
// the caller's to ask (crypto::CheckPoint) before it is used.
Result<crypto::P256Public> ReadKey(cbor::Reader& reader);

}  // namespace cai::cose
