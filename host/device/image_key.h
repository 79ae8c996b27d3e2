// The key that an image is checked against.
#pragma once

#include "host/common/file.h"
#include "lib/crypto/p256.h"

namespace cai::device {

// The public half, from a PEM file of either half. kHostDamaged if it is no
// P-256 key.
host::Outcome<crypto::P256Public> ReadImageKey(const host::fs::path& path);

}  // namespace cai::device
