// The AEAD side of COSE: Enc_structure (RFC 9052, 5.3), and content keys for
// recipients by ECDH-ES + A128KW on P-256 (RFC 9053, 6.4.1).
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/cose/algorithms.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/p256.h"

namespace cai::cose {

// kCoseWrongAlgorithm for all but A128GCM and ChaCha20/Poly1305.
Result<crypto::AeadAlgorithm> AeadOf(Algorithm algorithm);

enum class EncContext : std::uint8_t { kEncrypt0, kEncrypt };
constexpr std::size_t kMaxEncStructure = 64;

// [context, protected, h'']; external_aad is always empty. A protected header
// of up to 48 bytes fits.
Result<Bytes> EncodeEncStructure(EncContext context, Bytes protected_header,
                                 std::span<std::byte, kMaxEncStructure> out);

using KeyId = ByteArray<8>;
using Cek = Secret<16>;

// What both sides mix into the key that wraps the CEK:
// COSE_KDF_Context [-3, [u, nil, nil], [v, nil, nil], [128, h'a101381c', o]].
struct KdfParties {
  Bytes u;      // at most 33 bytes: the sender's identity
  Bytes v;      // at most 33 bytes: the recipient's
  Bytes other;  // at most 32 bytes: SuppPubInfo.other
};

// KEK = HKDF-SHA-256(no salt, shared x, COSE_KDF_Context, 16).
Status DeriveKek(std::span<const std::byte, 32> shared_x,
                 const KdfParties& parties, std::span<std::byte, 16> kek);

// COSE_recipient [h'a101381c', {4: kid, -1: ephemeral}, wrapped] as the wire
// has it.
struct Recipient {
  static constexpr std::size_t kEncoded = 1 + 5 + (1 + 1 + 9 + 1 + 75) + 26;

  KeyId key_id{};
  crypto::P256Public ephemeral;
  ByteArray<24> wrapped{};
};
void WriteRecipient(const Recipient& recipient, cbor::Writer& writer);
Result<Recipient> ReadRecipient(cbor::Reader& reader);

// Wraps `cek` for `peer`, whose point must have been checked.
Result<Recipient> WrapFor(const KeyId& key_id, const crypto::P256Public& peer,
                          crypto::P256Private ephemeral,
                          const crypto::P256Public& ephemeral_public,
                          const KdfParties& parties, const Cek& cek);

// Checks the ephemeral point, then unwraps: kCryptoBadPoint, kCryptoBadTag.
Result<Cek> Unwrap(const Recipient& recipient, crypto::P256Private key,
                   const KdfParties& parties);

}  // namespace cai::cose
