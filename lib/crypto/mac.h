// Hashes, MACs and key derivation, by algorithm. HKDF is ours on top of the
// backend's MACs (kdf.cc), so that it is the same on each.
#pragma once

#include "lib/base/result.h"
#include "lib/crypto/algorithm.h"

namespace cai::crypto {

// `out` has exactly HashSize(hash) bytes, or kCryptoNoRoom.
Status HashOf(HashAlgorithm hash, Parts parts, MutableBytes out);
Status HmacOf(HashAlgorithm hash, Bytes key, Parts parts, MutableBytes out);

// AES-CBC-MAC with a zero IV, the last block padded with zeros (RFC 9053, 3.2).
// The key has 16 or 32 bytes; `out` receives the leftmost bytes, at most 16.
// Safe only where a key never sees messages of two lengths, or where the length
// comes first, as in a MAC_structure.
Status AesCbcMac(Bytes key, Parts parts, MutableBytes out);

// RFC 5869. An empty salt is one of zeros. `prk` has HashSize(hash) bytes;
// `out` at most 255 times that (kCryptoNoRoom).
Status HkdfExtract(HashAlgorithm hash, Bytes salt, Parts ikm, MutableBytes prk);
Status HkdfExpand(HashAlgorithm hash, Bytes prk, Parts info, MutableBytes out);
Status Hkdf(HashAlgorithm hash, Bytes salt, Bytes ikm, Parts info,
            MutableBytes out);

// HKDF-Expand with AES-CBC-MAC for the HMAC; `key` of 16 or 32 bytes is the
// PRK, there is no Extract (RFC 9053, 5.1). `out` of at most 255 * 16 bytes.
Status HkdfAes(Bytes key, Parts info, MutableBytes out);

}  // namespace cai::crypto
