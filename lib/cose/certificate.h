// X.509 certificates that a message carries or names (RFC 9360). A chain in a
// message proves nothing by itself: the caller validates it, or pins the leaf,
// and then verifies with the leaf's key.
#pragma once

#include "lib/cose/cose_key.h"
#include "lib/cose/headers.h"

namespace cai::cose {

// x5chain's first certificate, the signer's own. kCoseBadCertificate if there
// is none.
Result<Bytes> LeafOf(const Headers& headers);

// kCoseBadCertificate unless x5t is there and is the hash of `certificate`; if
// x5chain is there too, its leaf must be that certificate (RFC 9360, 2).
Status CheckX5t(const Headers& headers, Bytes certificate);

// The public key of a certificate in DER. `room` outlives the key.
Result<Key> KeyOf(Bytes certificate,
                  std::span<std::byte, crypto::kPublicRoom> room);

}  // namespace cai::cose
