// The sealed message, device -> cai/<uuid>/r: `sealed` in sealed.cddl, and both
// ends of its channel. Device: Sealer. Service: ParseSealed, then Receive.
#pragma once

#include <optional>

#include "lib/crypto/aead.h"
#include "lib/wire/frame.h"
#include "lib/wire/plain.h"
#include "lib/wire/session.h"

namespace cai::wire {

constexpr std::size_t kMaxSealed = kMaxPlain + kMaxSealedOverhead;

// ---- Sender ----------------------------------------------------------------

// Holds K_e (ready), IV_e and CK_{e+1}; nothing that opens an earlier epoch.
class Sealer {
 public:
  Sealer() = default;
  // Takes the chain key of a new session.
  void Open(Suite suite, std::uint16_t key_id, SessionKeys keys);
  // Goes on before message `next` with the chain key of its epoch: for a sender
  // whose memory does not last and who spends `next` on disk first.
  void Resume(Suite suite, std::uint16_t key_id, ChainKey chain,
              std::uint32_t next);
  // Wipes everything; before the first message of the next session.
  void Close();

  bool open() const { return open_; }
  std::uint32_t next() const { return next_; }  // sequence of the next message
  bool exhausted() const { return next_ >= kMaxSequence; }

  // The sequence number is spent before the AEAD runs, also if it then fails.
  // kWireExhausted, kWireUnknownSession if not open, kWireTooLarge above
  // kMaxPlain, kCborNoRoom. `out` may not overlap `plain`.
  Result<Bytes> Seal(Bytes plain, MutableBytes out);

 private:
  void Enter(std::uint32_t epoch);

  bool open_ = false;
  Suite suite_ = Suite::kChaCha20Poly1305;
  std::uint32_t next_ = 0;
  std::uint32_t epoch_ = 0;
  Frame frame_;
  Secret<12> iv_;
  crypto::AeadKey key_;
  ChainKey chain_;  // CK_{epoch_ + 1}
};

// ---- Receiver --------------------------------------------------------------

// Rule 1: size, template, minimal PIV. (topic uuid, key_id) finds the session.
Result<SealedMessage> ParseSealed(Bytes message);

constexpr std::uint32_t kWindow = 1024;
constexpr std::uint32_t kMaxEpochJump = 256;

// What a service keeps of one session to receive in it. It changes only by what
// Receive() returned, so a store can write it in the transaction of the row.
struct ReceiverState {
  static constexpr std::size_t kMaxEncoded =
      1 + 3 + (2 + 32) + 5 + (2 + kWindow / 8) + 5;

  std::uint32_t floor_epoch = 0;        // of chain_floor
  std::optional<std::uint32_t> top;     // highest sequence received
  std::optional<std::uint32_t> closed;  // sequence of the authenticated end
  std::array<std::uint64_t, kWindow / 64> seen{};  // bit = sequence % 1024
  ChainKey chain_floor;  // oldest epoch within the window

  static ReceiverState Begin(SessionKeys keys);
  ReceiverState Clone() const;
};

// Deterministic CBOR; holds a key, so the caller wraps it before it is stored.
Result<Bytes> EncodeState(const ReceiverState& state, MutableBytes out);
Result<ReceiverState> ParseState(Bytes in);

// A session in memory: its state, and the keys of the epoch that its last
// message was in, so that most messages derive nothing.
class LiveSession {
 public:
  LiveSession(Suite suite, ReceiverState state)
      : suite_(suite), state_(std::move(state)) {}

  Suite suite() const { return suite_; }
  const ReceiverState& state() const { return state_; }
  // Keys that the new state's window has left behind are wiped.
  void Replace(ReceiverState next);
  // As Replace() with what Receive() would have returned, in place: for a
  // receiver whose state lives in memory alone. `sequence` is of a message that
  // was opened.
  void Accept(std::uint32_t sequence);
  // Starts to load what a message of this number needs. A receiver of many
  // sessions does so some messages ahead.
  void Prefetch(std::uint32_t sequence) const;

 private:
  friend class Opener;
  void Enter(std::uint32_t epoch);
  void ForgetErasedKeys();

  // In this order: what every message needs first, what an epoch needs last.
  EpochKeys keys_;
  std::optional<std::uint32_t> keys_epoch_;
  Suite suite_;
  ReceiverState state_;
  ChainKey next_;  // CK of keys_epoch_ + 1
};

// Opens the messages of any number of sessions, for one thread.
class Opener {
 public:
  // The rules that need no plaintext, in order: alg == suite (kWireWrongSuite)
  // -> not behind the window (kWireTooLate), not after the end (kWireClosed) ->
  // e - e_top <= 256 (kWireTooFarAhead) -> AEAD (kCryptoBadTag). The session's
  // state does not change. The result is in `scratch`, which needs
  // ciphertext.size() bytes.
  Result<Bytes> Open(LiveSession& session, const SealedMessage& message,
                     MutableBytes scratch);

 private:
  crypto::AeadKey& ReadyFor(LiveSession& session, std::uint32_t epoch);

  crypto::AeadKey gcm_, chacha_;  // one each: to change the cipher is dear
};

// Milliseconds that a message may state: sums with them stay small.
constexpr std::uint64_t kMaxTimeMs = std::uint64_t{1} << 48;

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

// All rules after the session is found: Opener::Open, then plain, model index,
// time. The session's state does not change.
Result<Received> Receive(Opener& opener, LiveSession& session,
                         const ReceiveContext& context,
                         const SealedMessage& message, MutableBytes scratch);

// The same for one message of a session that is not in memory.
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
