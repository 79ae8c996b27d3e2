// COSE-HPKE (draft-ietf-cose-hpke-27): HPKE in the place of ECDH and of the
// cipher (integrated encryption, a COSE_Encrypt0) or of a recipient's key wrap
// (key encryption, a recipient of a COSE_Encrypt). Base and PSK mode. The
// numbers are those that the draft assumes until IANA assigns them.
#pragma once

#include "lib/cose/recipient.h"
#include "lib/hpke/hpke.h"

namespace cai::cose {

// HPKE-n and HPKE-n-KE; 36, 38 and 40 are not in use.
enum class HpkeAlgorithm : std::int32_t {
  kHpke0 = 35,
  kHpke1 = 37,
  kHpke2 = 39,
  kHpke3 = 41,
  kHpke4 = 42,
  kHpke5 = 43,
  kHpke6 = 44,
  kHpke7 = 45,
  kHpke0Ke = 46,
  kHpke1Ke = 47,
  kHpke2Ke = 48,
  kHpke3Ke = 49,
  kHpke4Ke = 50,
  kHpke5Ke = 51,
  kHpke6Ke = 52,
  kHpke7Ke = 53,
};
constexpr Algorithm AlgorithmOf(HpkeAlgorithm algorithm) {
  return static_cast<Algorithm>(algorithm);
}
constexpr bool IsKeyEncryption(HpkeAlgorithm algorithm) {
  return algorithm >= HpkeAlgorithm::kHpke0Ke;
}
// Section "Ciphersuite Registration", its table.
hpke::Suite SuiteOf(HpkeAlgorithm algorithm);

constexpr Label kEncapsulatedKey{std::int64_t{-4}};  // ek
constexpr Label kPskId{std::int64_t{-5}};            // psk_id, protected

// What both ends give beside the keys.
struct HpkeInputs {
  Bytes external_aad = {};  // integrated: of the Enc_structure
  // Integrated: HPKE's info. Key encryption: recipient_extra_info. At most
  // kMaxHpkeInfo bytes there: kCoseNoRoom.
  Bytes info = {};
  Bytes aad = {};               // key encryption: HPKE's aad
  Bytes psk = {}, psk_id = {};  // both or neither: PSK or base mode
};
constexpr std::size_t kMaxHpkeInfo = 512;

// ---- Integrated encryption --------------------------------------------------

// `headers.unprotected` gets ek, so it may not hold one; the protected header
// names `algorithm` and, in PSK mode, psk_id. `peer` is the receiver's public
// key. `out` gets the whole message: kCoseNoRoom.
Result<Bytes> MakeHpke0(const Draft& draft, HpkeAlgorithm algorithm,
                        const Key& peer, const HpkeInputs& inputs,
                        MutableBytes out);

// kCoseWrongAlgorithm; kCoseWrongKeyId if a kid is not the key's; kHpkeNoPsk if
// the message is of the other mode or names another psk; kCoseBadTag.
Result<Bytes> OpenHpke0(const Message& message, HpkeAlgorithm algorithm,
                        const Key& key, const HpkeInputs& inputs,
                        MutableBytes plaintext);

// ---- Key encryption ---------------------------------------------------------

struct HpkeRecipient {
  HpkeAlgorithm algorithm;
  const Key* peer;
  Bytes protected_header;  // deterministic: alg, kid, psk_id
  Bytes unprotected = kNoHeaders;
};
// A COSE_recipient that carries `content_key` for the body's algorithm
// `content`, to stand in the array of recipients.
Result<Bytes> MakeHpkeRecipient(const HpkeRecipient& recipient,
                                Algorithm content, Bytes content_key,
                                const HpkeInputs& inputs, MutableBytes out);

// The key for `content` out of the first recipient of this algorithm and of the
// key's kid; kCoseNoRecipient, kCoseBadTag.
Result<ContentKey> FindHpkeContentKey(const Message& message, Algorithm content,
                                      HpkeAlgorithm algorithm, const Key& key,
                                      const HpkeInputs& inputs);

}  // namespace cai::cose
