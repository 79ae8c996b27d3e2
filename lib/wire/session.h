// The session message, device -> cai/<uuid>/s: `session-message` in
// session.cddl. Made by the seal partition, opened by the service.
//
// Receiver, in this order:
//   ParseSession          structure
//   VerifySession         topic, signature, service
//   DecideSession         order of session counters: fork, old, duplicate
//   UnwrapSession         key agreement, secret and token
//   (appraisal of the token: lib/eat and the service)
//   ReceiverState         readings: sealed.h
#pragma once

#include <optional>

#include "lib/base/secret.h"
#include "lib/crypto/hash.h"
#include "lib/wire/own_header.h"
#include "lib/wire/types.h"

namespace cai::wire {

// All of it enters the hash that the session's keys derive from, so a sealed
// reading authenticates it at no cost.
struct SessionHeader {
  static constexpr std::uint64_t kVersion = 1;
  static constexpr std::int64_t kLabel = -65601;
  // Protected header of the message, with counters that need all nine bytes.
  static constexpr std::size_t kMaxEncoded =
      OwnHeaderSize(16) + (1 + 1 + 2 + 9 + 9 + 9 + 9 + 34);

  Uuid uuid{};
  Suite suite = Suite::kChaCha20Poly1305;
  Svc svc{};
  std::uint64_t generation = 0;  // of the service key
  std::uint64_t counter = 0;     // sc = boot count << 8 | index
  std::uint64_t first = 0;       // lifetime number of seq 0
  crypto::Digest token_id{};     // SHA-256 of the AI token's Sig_structure

  std::uint64_t boot_count() const { return counter >> 8; }
  std::uint16_t key_id() const { return static_cast<std::uint16_t>(counter); }
  friend bool operator==(const SessionHeader&, const SessionHeader&) = default;
};
Result<Bytes> EncodeSessionHeader(const SessionHeader& header,
                                  MutableBytes out);
Result<SessionHeader> ParseSessionHeader(Bytes protected_header);

constexpr std::size_t kMaxRecipients = 2;  // replicas of one service
constexpr std::size_t kMaxToken = 1600;    // eat::kMaxAiToken fits

// Everything but the token, with one recipient.
constexpr std::size_t kSessionOverhead =
    1 + 1 + (2 + SessionHeader::kMaxEncoded) + 1 + 3 +
    (1 + 4 + (1 + 1 + 13) + 3 + (1 + 34 + 3 + crypto::kTagSize) + 1 +
     cose::Recipient::kEncoded) +
    (2 + 64);
constexpr std::size_t kMaxSession = kSessionOverhead + kMaxToken;

// ---- Sender ----------------------------------------------------------------

struct SessionOpening {
  SessionHeader header;
  Ueid ueid{};
  crypto::P256Public service;  // encryption key, its point checked
  crypto::P256Private signer;  // cose-sign
  Bytes token;                 // the AI token, whole
};

// What a sender needs of entropy: one draw of the DRBG, hedged with a key of
// the HUK. A dead generator still gives distinct sessions by way of the header.
struct SessionEntropy {
  Secret<32> draw;
  Secret<32> hedge;
};

// What a session is to those who hold its keys.
struct SessionKeys {
  crypto::Digest id{};  // H = SHA-256(session header bytes)
  Secret<32> chain;     // CK_0 = HKDF-Extract(salt = H, SS)
};

// Builds, encrypts and signs into `out`, without other memory; every
// intermediate secret is wiped. `chain` begins the key schedule. On an error
// `out` is wiped.
Result<Bytes> MakeSession(const SessionOpening& opening,
                          const SessionEntropy& entropy, SessionKeys& keys,
                          MutableBytes out);

// ---- Receiver --------------------------------------------------------------

// Views into the message.
struct SessionMessage {
  SessionHeader header;
  crypto::Digest id{};  // H
  Bytes protected_header;
  Bytes payload;  // session-encrypt
  crypto::Signature signature{};

  ByteArray<12> iv{};
  Bytes ciphertext;
  std::array<cose::Recipient, kMaxRecipients> recipients{};
  std::size_t recipient_count = 0;
};

// kWireTooLarge, kWireMalformed, kWireVersion, kWireNoSuite or a reason of CBOR
// and COSE; nothing is authentic yet.
Result<SessionMessage> ParseSession(Bytes message);

// kWireWrongDevice unless the kid is the topic's device; kCoseBadSignature
// unless `cose_sign`, from the registry, signed it; kWireWrongService unless
// svc is ours. Whether the generation is live the caller knows
// (kWireDeadGeneration).
Status VerifySession(const SessionMessage& message, const Uuid& topic,
                     const crypto::P256Public& cose_sign, const Svc& svc);

// What the store knows of a device's sessions.
struct SessionHistory {
  std::optional<std::uint64_t> max_counter;     // kept for ever
  std::optional<crypto::Digest> id_at_counter;  // H stored for this counter
};
enum class SessionDecision : std::uint8_t {
  kNew,        // becomes the device's current session
  kDuplicate,  // the same message again: ignore, keep all state
  kLate,       // older but unseen: opens as draining, if its nonce is valid
};
constexpr std::uint64_t kSessionLateness = 512;

// kWireFork: same counter, another H (alarm, suspend the device);
// kWireOldSession: at or below max_counter - 512.
Result<SessionDecision> DecideSession(const SessionHeader& header,
                                      const crypto::Digest& id,
                                      const SessionHistory& history);

struct SessionPlain {
  SessionKeys keys;
  Bytes token;  // points into `out` of UnwrapSession
};

// `key` is the encryption key that the header's generation names, `key_public`
// finds the recipient (kCoseNoRecipient), `ueid` is the registry's for this
// device. kCryptoBadTag for any of H, ueid, svc, key or ciphertext that is not
// the sender's; kWireTokenMismatch if the token is not the one the header
// names. `out` needs ciphertext.size() bytes; the secret in it is wiped.
Result<SessionPlain> UnwrapSession(const SessionMessage& message,
                                   crypto::P256Private key,
                                   const crypto::P256Public& key_public,
                                   const Ueid& ueid, MutableBytes out);

// SHA-256 of the Sig_structure of a token.
Result<crypto::Digest> TokenId(Bytes token);

}  // namespace cai::wire
