// A key's numbers, out of OpenSSL and into it.
#pragma once

#include "host/keyfile/keyfile.h"
#include "lib/base/secret.h"
#include "lib/crypto/asymmetric.h"

namespace cai::keyfile {

// Coordinates and, if private, the scalar or seed; FieldSize(kind) bytes each.
struct Numbers {
  ByteArray<crypto::kMaxFieldSize> x{}, y{};
  Secret<crypto::kMaxFieldSize> d;
};
Outcome<Numbers> NumbersOf(const Key& key);

// kCryptoBadKey or kCryptoBadPoint for numbers that are no key.
Outcome<Key> FromNumbers(const crypto::KeyNumbers& numbers);

// Which of our kinds OpenSSL's key is: kCryptoUnsupported for others.
Outcome<crypto::KeyKind> KindOf(const EVP_PKEY* key);

}  // namespace cai::keyfile
