// Keys in files of others: PEM (PKCS#8, SEC 1, SubjectPublicKeyInfo, or a
// certificate's key) and COSE_Key (RFC 9052, 7), of every kind that COSE has a
// curve for and OpenSSL makes.
#pragma once

#include <string_view>

#include "host/common/keys.h"
#include "lib/crypto/algorithm.h"

namespace cai::keyfile {

using host::Blob;
using host::Outcome;

struct Key {
  host::KeyPtr pkey;
  crypto::KeyKind kind = crypto::KeyKind::kP256;
  bool is_private = false;
};

// "P-256", "Ed25519", ...; of options also "p256", "ed25519".
std::string_view KindName(crypto::KeyKind kind);
Outcome<crypto::KeyKind> KindOf(std::string_view name);

Outcome<Key> Generate(crypto::KeyKind kind);

// PEM or COSE_Key, by the bytes. kHostMalformed with a hint for all else:
// encrypted keys, RSA, several keys in one file.
Outcome<Key> Read(const host::fs::path& path);
Outcome<Key> Parse(Bytes content);

// The public half alone.
Outcome<Key> PublicHalf(const Key& key);

enum class Format { kPem, kCose };
// Of a private key the bytes are a secret: wipe them.
Outcome<Blob> Encode(const Key& key, Format format);

// SHA-256 of the public COSE_Key with its required members alone (RFC 9679, 3).
Outcome<ByteArray<32>> Thumbprint(const Key& key);

}  // namespace cai::keyfile
