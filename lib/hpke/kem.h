// DHKEM (RFC 9180, 4.1): a shared secret for the holder of a key, and what he
// needs to find it.
#pragma once

#include "lib/base/secret.h"
#include "lib/crypto/asymmetric.h"
#include "lib/hpke/suite.h"

namespace cai::hpke {

// The first HashSize(HashOf(kem)) bytes count.
using SharedSecret = Secret<crypto::kMaxHashSize>;

// SerializePublicKey (RFC 9180, 7.1.1); PublicSize(kem) bytes. kCryptoBadKey if
// the key is not of this KEM.
Result<Bytes> EncodePublic(Kem kem, const crypto::AsymmetricKey& key,
                           std::span<std::byte, kMaxPublic> out);
// DeserializePublicKey: kCryptoBadPoint for all that is no public key.
Result<crypto::AsymmetricKey> DecodePublic(Kem kem, Bytes encoded);

// Encap and AuthEncap. `enc` receives PublicSize(kem) bytes.
Status Encapsulate(Kem kem, const crypto::AsymmetricKey& ephemeral,
                   const crypto::AsymmetricKey& receiver,
                   const crypto::AsymmetricKey* sender,
                   std::span<std::byte, kMaxPublic> enc, SharedSecret& out);

// Decap and AuthDecap.
Status Decapsulate(Kem kem, Bytes enc, const crypto::AsymmetricKey& own,
                   const crypto::AsymmetricKey* sender, SharedSecret& out);

}  // namespace cai::hpke
