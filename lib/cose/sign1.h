// COSE_Sign1 with ES256 (RFC 9052, 4.2): tagged 18, deterministic, with an
// empty unprotected header and empty external_aad. Accepts only what the caller
// asked for.
#pragma once

#include <optional>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"

namespace cai::cose {

// Views into the message.
struct Sign1 {
  Bytes protected_header;  // inside of its bstr
  Bytes payload;
  std::span<const std::byte, 64> signature;
};

// Structure only: kCoseMalformed (or a kCbor reason) unless the whole input is
// one tagged COSE_Sign1 as described. Nothing is verified.
Result<Sign1> ParseSign1(Bytes message);

// SHA-256 of Sig_structure ["Signature1", protected, h'', payload]
// (RFC 9052, 4.4). Independent of the signature, so it can name a message whose
// signature is malleable: a token's id is this.
crypto::Digest ToBeSigned(Bytes protected_header, Bytes payload);
inline crypto::Digest ToBeSigned(const Sign1& message) {
  return ToBeSigned(message.protected_header, message.payload);
}

// kCoseBadSignature unless `key` signed it.
Status VerifySignature(const Sign1& message, const crypto::P256Public& key);

// The protected header of most of our messages: {1: -7, 3: content type} and a
// kid, if given.
struct Sign1Header {
  static constexpr std::size_t kMaxKeyId = 16;
  static constexpr std::size_t kMaxEncoded =
      1 + 2 + (1 + 3) + (1 + 1 + kMaxKeyId);

  std::uint16_t content_type;
  Bytes key_id = {};  // empty: absent
};
Result<Bytes> EncodeHeader(const Sign1Header& header, MutableBytes out);

// Strict: exactly the parameters 1, 3 and, if `with_key_id`, 4, in this order.
// kCoseWrongAlgorithm if not ES256, kCoseUnexpectedHeader for any other.
Result<Sign1Header> ParseHeader(Bytes protected_header, bool with_key_id);

// Parses, checks the header against what is expected (the kid byte for byte),
// then the signature. An empty key_id expects no kid.
Result<Sign1> OpenSign1(Bytes message, const Sign1Header& expected,
                        const crypto::P256Public& key);

// Bytes that the message takes around a protected header and payload of these
// sizes.
std::size_t Sign1Size(std::size_t protected_size, std::size_t payload_size);

// Frames and signs. `payload` and `protected_header` may not overlap `out`.
Result<Bytes> MakeSign1(Bytes protected_header, Bytes payload,
                        crypto::P256Private key, MutableBytes out);
inline constexpr std::size_t kSign1HeaderRoom = Sign1Header::kMaxEncoded;
Result<Bytes> MakeSign1(const Sign1Header& header, Bytes payload,
                        crypto::P256Private key, MutableBytes out);

}  // namespace cai::cose
