// Countersignatures: version 2 (RFC 9338), and version 1 (RFC 8152, 4.5), which
// covers neither signature nor tag of its target and is kept for old messages.
#pragma once

#include "lib/cose/make.h"

namespace cai::cose {

enum class CountersignVersion : std::uint8_t { kV1, kV2 };

// What a countersignature is over: the byte strings of a message or a layer.
struct CountersignTarget {
  Bytes protected_header;
  Bytes content;               // payload, ciphertext, signature, wrapped key
  std::optional<Bytes> other;  // Sign1: the signature; Mac0, Mac: the tag
};
// kCoseDetached as in Expected.
Result<CountersignTarget> TargetOf(const Message& message,
                                   const std::optional<Bytes>& detached = {});
Result<CountersignTarget> TargetOf(const Layer& layer);

// That `headers`, those of the target, carry a countersignature of this
// algorithm by `key`, among others perhaps: labels 11 and 7. kCoseNoSigner,
// kCoseBadSignature.
Status VerifyCountersignature(const CountersignTarget& target,
                              const Headers& headers,
                              CountersignVersion version, const Key& key,
                              const Expected& expected);

// The abbreviated form has no headers: algorithm and key are the caller's
// alone. Labels 12 and 9.
Status VerifyCountersignature0(const CountersignTarget& target,
                               const Headers& headers,
                               CountersignVersion version, const Key& key,
                               const Expected& expected);

// The value for the target's unprotected header (WithUnprotected): an encoded
// COSE_Countersignature, or COSE_Countersignature0.
Result<Bytes> MakeCountersignature(const CountersignTarget& target,
                                   CountersignVersion version,
                                   const Signer& signer, MutableBytes out);
Result<Bytes> MakeCountersignature0(const CountersignTarget& target,
                                    CountersignVersion version,
                                    const Signer& signer, MutableBytes out);

// RFC 9338, 3.3. `signer` is its protected header, none if abbreviated.
struct CountersignStructure : Structure {
  CountersignStructure(const CountersignTarget& target,
                       CountersignVersion version, std::optional<Bytes> signer,
                       Bytes external_aad);
};

}  // namespace cai::cose
