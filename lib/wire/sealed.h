// The sealed message, device -> cai/<uuid>/r: `sealed` in sealed.cddl, and both
// ends of its channel. Device: Sealer. Service: ParseSealed, then Receive.
#pragma once

#include <optional>

#include "lib/wire/plain.h"
#include "lib/wire/schedule.h"
#include "lib/wire/session.h"

namespace cai::wire {

// 35 for a payload of 64 bytes: tag 1, array 1, bstr 1, protected map 13, a0 1,
// bstr head 2, AEAD tag 16.
constexpr std::size_t kMaxSealedOverhead = 35;
constexpr std::size_t kMaxSealed = kMaxPlain + kMaxSealedOverhead;

// ---- Sender ----------------------------------------------------------------

// Holds K_e, IV_e and CK_{e+1}; nothing that opens an earlier epoch.
class Sealer {
 public:
  Sealer() = default;
  // Takes the chain key of a new session.
  void Open(Suite suite, std::uint16_t key_id, SessionKeys keys);
  // Wipes everything; before the first message of the next session.
  void Close();

  bool open() const { return open_; }
  std::uint32_t next() const { return next_; }  // sequence of the next message
  bool exhausted() const { return next_ >= kMaxSequence; }

  // The sequence number is spent before the AEAD runs, also if it then fails.
  // kWireExhausted, kWireUnknownSession if not open, kCborNoRoom. `out` may not
  // overlap `plain`.
  Result<Bytes> Seal(Bytes plain, MutableBytes out);

 private:
  void Enter(std::uint32_t epoch);

  bool open_ = false;
  Suite suite_ = Suite::kChaCha20Poly1305;
  std::uint16_t key_id_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t epoch_ = 0;
  EpochKeys keys_;
  ChainKey chain_;  // CK_{epoch_ + 1}
};

// ---- Receiver --------------------------------------------------------------

// Rule 1: size, template, minimal PIV. Views into the message; nothing is
// authentic. (topic uuid, key_id) finds the session.
struct SealedMessage {
  std::uint16_t key_id = 0;
  std::uint32_t sequence = 0;
  std::uint8_t algorithm = 0;
  Bytes protected_header;
  Bytes ciphertext;
};
Result<SealedMessage> ParseSealed(Bytes message);

constexpr std::uint32_t kWindow = 1024;
constexpr std::uint32_t kMaxEpochJump = 256;

// What a service keeps of one session to receive in it. It changes only by what
// Receive() returned, so a store can write it in the transaction of the row.
struct ReceiverState {
  static constexpr std::size_t kMaxEncoded =
      1 + 3 + (2 + 32) + 5 + (2 + kWindow / 8) + 5;

  std::uint32_t floor_epoch = 0;     // of chain_floor
  ChainKey chain_floor;              // oldest epoch within the window
  std::optional<std::uint32_t> top;  // highest sequence received
  std::array<std::uint64_t, kWindow / 64> seen{};  // bit = sequence % 1024
  std::optional<std::uint32_t> closed;  // sequence of the authenticated end

  static ReceiverState Begin(SessionKeys keys);
  ReceiverState Clone() const;
};

// Deterministic CBOR; holds a key, so the caller wraps it before it is stored.
Result<Bytes> EncodeState(const ReceiverState& state, MutableBytes out);
Result<ReceiverState> ParseState(Bytes in);

struct ReceiveContext {
  Suite suite;
  // From the token and the service's clock, for rule "plain type, mi, t".
  std::uint64_t token_uptime_ms = 0;
  std::uint64_t nonce_issued_ms = 0;  // Unix ms
  std::uint64_t now_ms = 0;           // Unix ms
  std::uint16_t component_count = 1;  // entries of claim 273
};

struct Received {
  std::uint32_t sequence = 0;
  bool seen = false;        // the window has it: compare with the stored row
  Plain plain;              // a Reading's output points into `scratch`
  crypto::Digest digest{};  // SHA-256 of the plaintext
  ReceiverState next;       // commit this with the row, then use it
};

// The rules after the session is found, in order: alg == suite
// (kWireWrongSuite)
// -> not behind the window (kWireTooLate), not after the end (kWireClosed) ->
// e - e_top <= 256 (kWireTooFarAhead) -> AEAD on a copy (kCryptoBadTag) ->
// plain, model index, time. `state` never changes. `scratch` needs
// ciphertext.size() bytes.
Result<Received> Receive(const ReceiverState& state,
                         const ReceiveContext& context,
                         const SealedMessage& message, MutableBytes scratch);

// When a reading was taken, in Unix ms: [nonce issued, token received] +
// (t - uptime), widened by the drift of the device's clock and by the second
// that the token's uptime is rounded to.
constexpr std::uint64_t kDriftPpm = 500;
struct TimeBounds {
  std::uint64_t low_ms;
  std::uint64_t high_ms;
};
TimeBounds BoundsOf(std::uint64_t time_ms, std::uint64_t token_uptime_ms,
                    std::uint64_t nonce_issued_ms,
                    std::uint64_t token_received_ms);

}  // namespace cai::wire
