// Opening any COSE message: what the caller expects is verified, or the answer
// is an error. For the device's own fixed messages: sign1.h.
#pragma once

#include "lib/cose/cose_key.h"
#include "lib/cose/message.h"
#include "lib/cose/structure.h"

namespace cai::cose {

// What the caller asks for. Nothing here can come from the message.
struct Expected {
  // The algorithm of the signature, the MAC or the encryption. It must stand in
  // the protected header of what it belongs to (RFC 9052, 3.1).
  Algorithm algorithm;
  Bytes external_aad = {};
  // The payload or ciphertext, if the message travels without:
  // kCoseDetached if only one of both says so.
  std::optional<Bytes> detached = {};
  // Header parameters beyond 1 to 6 that the caller acts upon, so that a
  // message may declare them critical.
  std::span<const Label> understood = {};
  // Takes `alg` from the unprotected header too, as peers from before RFC 9052
  // have it. Safe as far as `algorithm` is compared all the same.
  bool unprotected_algorithm = false;
};

// Sign1: the signature by `key`. Sign: at least one signature of this algorithm
// by `key`; the others are not looked at, each signer that matters is asked for
// by itself. A signature whose kid is not the key's is not by it. Returns the
// payload. kCoseBadSignature; kCoseNoSigner if no signature came into question.
Result<Bytes> VerifySigned(const Message& message, const Key& key,
                           const Expected& expected);

// Mac0, and Mac with the content key that recipient.h found. Returns the
// payload. kCoseBadTag.
Result<Bytes> VerifyMaced(const Message& message, const Key& key,
                          const Expected& expected);

// Encrypt0, and Encrypt with the content key. The nonce is `IV`, or `Partial
// IV` with the key's Base IV (RFC 9052, 3.1): kCoseBadIv unless exactly one is
// there. `plaintext` is returned filled, or wiped: kCoseBadTag.
Result<Bytes> OpenEncrypted(const Message& message, const Key& key,
                            const Expected& expected, MutableBytes plaintext);

// kCoseDetached unless the content is in one place.
Result<Bytes> ContentOf(const std::optional<Bytes>& content,
                        const std::optional<Bytes>& detached);

// kCoseWrongKeyId if the key has an id and the headers carry another.
Status CheckKeyId(const Headers& headers, const Key& key);

// The structures that are signed, MACed, authenticated (RFC 9052, 4.4, 6.3,
// 5.3). They view their arguments. `signer` is its protected header, none in a
// Sign1.
struct SigStructure : Structure {
  SigStructure(Bytes body_protected, std::optional<Bytes> signer,
               Bytes external_aad, Bytes payload);
};
struct MacStructure : Structure {
  MacStructure(MessageType type, Bytes protected_header, Bytes external_aad,
               Bytes payload);
};
struct EncStructure : Structure {
  EncStructure(MessageType type, Bytes protected_header, Bytes external_aad);
};

}  // namespace cai::cose
