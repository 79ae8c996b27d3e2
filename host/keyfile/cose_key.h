// COSE_Key with EC2 or OKP (RFC 9053, 7.1 and 7.2).
#pragma once

#include "host/keyfile/keyfile.h"

namespace cai::keyfile {

// kty, crv, x, y and, if private, d; deterministic, nothing else.
Outcome<Blob> EncodeCose(const Key& key);

// As lib/cose reads it; kid, alg and key_ops do not matter here. A compressed y
// (a bool) is understood.
Outcome<Key> ParseCose(Bytes encoded);

}  // namespace cai::keyfile
