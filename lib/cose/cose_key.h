// COSE_Key (RFC 9052, 7; RFC 9053, 7; RFC 8230, 4): every key type in use. The
// device's own messages carry P-256 keys in one form alone: key.h.
#pragma once

#include <optional>

#include "lib/cbor/writer.h"
#include "lib/cose/algorithms.h"
#include "lib/crypto/asymmetric.h"

namespace cai::cose {

// RFC 9052, 7.1, table 4.
enum class KeyOperation : std::uint8_t {
  kSign = 1,
  kVerify = 2,
  kEncrypt = 3,
  kDecrypt = 4,
  kWrapKey = 5,
  kUnwrapKey = 6,
  kDeriveKey = 7,
  kDeriveBits = 8,
  kMacCreate = 9,
  kMacVerify = 10,
};

// Views; nothing is copied. A key of one's own is filled in by hand:
//   Key{.k = bytes} or Key{.type = Key::Type::kEc2, .numbers = {…}}.
struct Key {
  enum class Type : std::uint8_t {
    kOkp = 1,
    kEc2 = 2,
    kRsa = 3,
    kSymmetric = 4
  };

  Type type = Type::kSymmetric;
  crypto::KeyNumbers numbers = {};  // all types but kSymmetric
  Bytes k = {};                     // kSymmetric
  std::optional<Bytes> id = {};
  std::optional<Algorithm> algorithm = {};
  std::uint16_t operations = 0;  // 1 << KeyOperation each; 0: unrestricted
  std::optional<Bytes> base_iv = {};
};

// Sizes are checked, points are not: crypto::ImportKey does that. kCoseBadKey,
// kCoseDuplicateHeader, or kCoseUnsupported for an unknown type or curve.
// Labels that are not known are passed over (RFC 9052, 7).
Result<Key> ParseKey(Bytes encoded);

// The first key of a COSE_KeySet that is usable and has this kid; kCoseNoKey.
// Keys that are not understood are passed over (RFC 9052, 7).
Result<Key> FindKey(Bytes key_set, Bytes id);

// Deterministic. Without `with_private`, only what may be published; a
// symmetric key is nothing then: kCoseBadKey.
Status WriteKey(const Key& key, bool with_private, cbor::Writer& writer);

// RFC 9679: the hash of the required parameters alone; a compressed point is
// made whole before. `out` has the size of HashOf(hash).
Status Thumbprint(const Key& key, Algorithm hash, MutableBytes out);

// kCoseKeyUse if the key names another algorithm or not this operation
// (RFC 9052, 7.1).
Status CheckUse(const Key& key, Algorithm algorithm, KeyOperation operation);

}  // namespace cai::cose
