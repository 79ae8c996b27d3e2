// What opening and making a message share about keys, tags and nonces.
#pragma once

#include "lib/cose/cose_key.h"
#include "lib/cose/headers.h"
#include "lib/cose/parameters.h"
#include "lib/cose/structure.h"

namespace cai::cose {

// kCoseKeyUse if it is symmetric.
Result<crypto::AsymmetricKey> Import(const Key& key);

// kCoseKeyUse if it is not.
Result<Bytes> SymmetricOf(const Key& key);

// The tag, cut to its algorithm's size (RFC 9053, 3), in `out` of at least
// crypto::kMaxHashSize bytes.
Result<Bytes> MacTag(Algorithm algorithm, const Key& key,
                     const Structure& structure, MutableBytes out);

// Fills `nonce` from IV, or from Partial IV and the key's Base IV: the shorter
// one gets zeros in front, then both are added (RFC 9052, 3.1).
Status NonceOf(const Headers& headers, const Key& key, MutableBytes nonce);

}  // namespace cai::cose
