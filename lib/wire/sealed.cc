#include "lib/wire/sealed.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/cose/algorithms.h"
#include "lib/wire/fields.h"

namespace cai::wire {
namespace {

constexpr std::int64_t kAlgorithmKey = 1, kKeyIdKey = 4, kPartialIvKey = 6;
static_assert(kMaxPlain + crypto::kTagSize <= Frame::kMaxCiphertext);

Result<std::uint32_t> ParsePartialIv(Bytes piv) {
  if (piv.empty() || piv.size() > 3) return Error::kWireMalformed;
  if (piv.size() > 1 && piv[0] == std::byte{0}) return Error::kWireMalformed;
  std::uint32_t sequence = 0;
  for (const std::byte b : piv)
    sequence = sequence << 8 | std::to_integer<std::uint32_t>(b);
  if (sequence >= kMaxSequence) return Error::kWireMalformed;
  return sequence;
}

Status ParseProtected(Bytes in, SealedMessage& message) {
  cbor::Reader reader(in);
  CAI_TRY(ExpectMap(reader, 3));
  CAI_TRY(ExpectKey(reader, kAlgorithmKey));
  CAI_TRY(ReadUint(reader, message.algorithm));
  CAI_TRY(ExpectKey(reader, kKeyIdKey));
  CAI_TRY_ASSIGN(const auto key_id, reader.BstrOf<2>());
  message.key_id =
      static_cast<std::uint16_t>(std::to_integer<unsigned>(key_id[0]) << 8 |
                                 std::to_integer<unsigned>(key_id[1]));
  CAI_TRY(ExpectKey(reader, kPartialIvKey));
  CAI_TRY_ASSIGN(const Bytes piv, reader.Bstr());
  CAI_TRY_ASSIGN(message.sequence, ParsePartialIv(piv));
  return reader.Finish();
}

Bytes KeyOf(const EpochKeys& keys, Suite suite) {
  return Bytes(keys.key.bytes()).first(crypto::KeySize(AeadOf(suite)));
}

// Oldest sequence number that the window still takes.
std::uint32_t WindowStart(std::uint32_t top) {
  return top < kWindow ? 0 : top - kWindow + 1;
}

std::uint64_t BitOf(std::uint32_t sequence) {
  return std::uint64_t{1} << (sequence % 64);
}
std::size_t WordOf(std::uint32_t sequence) { return sequence % kWindow / 64; }

// Above the top, a bit still stands for the sequence number 1024 before.
bool Seen(const ReceiverState& state, std::uint32_t sequence) {
  return state.top && sequence <= *state.top &&
         (state.seen[WordOf(sequence)] & BitOf(sequence)) != 0;
}

// A place in the window is cleared when `top` passes it.
void Mark(ReceiverState& state, std::uint32_t sequence) {
  if (state.top && sequence > *state.top) {
    const std::uint32_t passed = sequence - *state.top;
    if (passed >= kWindow) state.seen.fill(0);
    for (std::uint32_t s = *state.top + 1; passed < kWindow && s <= sequence;
         ++s)
      state.seen[WordOf(s)] &= ~BitOf(s);
  }
  if (!state.top || sequence > *state.top) state.top = sequence;
  state.seen[WordOf(sequence)] |= BitOf(sequence);
}

void RaiseFloor(ReceiverState& state) {
  const std::uint32_t epoch = EpochOf(WindowStart(*state.top));
  while (state.floor_epoch < epoch)
    Ratchet(state.chain_floor, state.floor_epoch++);
}

// Rules before any key is touched.
Status CheckOrder(const ReceiverState& state, std::uint32_t sequence) {
  if (state.top && sequence < WindowStart(*state.top))
    return Error::kWireTooLate;
  if (state.closed && sequence > *state.closed) return Error::kWireClosed;
  const std::uint32_t epoch_top = state.top ? EpochOf(*state.top) : 0;
  const std::uint32_t epoch = EpochOf(sequence);
  if (epoch > epoch_top && epoch - epoch_top > kMaxEpochJump)
    return Error::kWireTooFarAhead;
  return kDone;
}

// t is not before the token, and not later than now: with the earliest start
// that is possible, a reading of the future proves a lie.
Status CheckTime(std::uint64_t time_ms, const ReceiveContext& context) {
  if (time_ms < context.token_uptime_ms || time_ms > kMaxTimeMs)
    return Error::kWireTime;
  const TimeBounds bounds = BoundsOf(time_ms, context.token_uptime_ms,
                                     context.nonce_issued_ms, context.now_ms);
  if (bounds.low_ms > context.now_ms) return Error::kWireTime;
  return kDone;
}

Status CheckPlain(const Plain& plain, std::uint32_t sequence,
                  const ReceiveContext& context) {
  if (const auto* reading = std::get_if<Reading>(&plain)) {
    if (reading->model_index == 0 ||
        reading->model_index >= context.component_count)
      return Error::kWireModelIndex;
    return CheckTime(reading->time_ms, context);
  }
  if (const auto* event = std::get_if<Event>(&plain))
    return CheckTime(event->time_ms, context);
  if (const auto* close = std::get_if<Close>(&plain))
    if (close->last != sequence) return Error::kWireMalformed;
  return kDone;
}

void WriteOptional(std::optional<std::uint32_t> value, cbor::Writer& writer) {
  if (value) return writer.Uint(*value);
  writer.Null();
}

Status ReadOptional(cbor::Reader& reader, std::optional<std::uint32_t>& out) {
  CAI_TRY_ASSIGN(const cbor::Type type, reader.Peek());
  if (type == cbor::Type::kNull) return reader.Null();
  std::uint32_t value = 0;
  CAI_TRY(ReadUint(reader, value));
  if (value >= kMaxSequence) return Error::kCborOutOfRange;
  out = value;
  return kDone;
}

}  // namespace

void Sealer::Open(Suite suite, std::uint16_t key_id, SessionKeys keys) {
  Resume(suite, key_id, std::move(keys.chain), 0);
}

void Sealer::Resume(Suite suite, std::uint16_t key_id, ChainKey chain,
                    std::uint32_t next) {
  Close();
  open_ = true;
  suite_ = suite;
  frame_ = Frame(suite, key_id);
  next_ = next;
  chain_ = std::move(chain);
  Enter(EpochOf(next));
}

void Sealer::Close() {
  open_ = false;
  next_ = 0;
  epoch_ = 0;
  key_.Clear();
  Wipe(iv_.mutable_bytes());
  Wipe(chain_.mutable_bytes());
}

// chain_ is CK_epoch on entry and CK_{epoch + 1} after: what opens this epoch
// is its own key alone.
void Sealer::Enter(std::uint32_t epoch) {
  EpochKeys keys;
  DeriveEpoch(chain_, epoch, suite_, keys);
  Ratchet(chain_, epoch);
  epoch_ = epoch;
  iv_ = std::move(keys.iv);
  // Of the right size, so it cannot be refused; if it were, nothing would be
  // sealed.
  (void)key_.Set(AeadOf(suite_), KeyOf(keys, suite_));
}

Result<Bytes> Sealer::Seal(Bytes plain, MutableBytes out) {
  if (!open_) return Error::kWireUnknownSession;
  if (exhausted()) return Error::kWireExhausted;
  const std::uint32_t sequence = next_++;
  if (EpochOf(sequence) != epoch_) Enter(EpochOf(sequence));

  if (plain.size() > kMaxPlain) return Error::kWireTooLarge;
  frame_.SetSequence(sequence);
  const std::size_t size = plain.size() + crypto::kTagSize;
  if (out.size() < frame_.HeadSize(size) + size) return Error::kCborNoRoom;
  const std::size_t head = frame_.Write(size, out);
  CAI_TRY(key_.Seal(NonceOf(iv_.bytes(), sequence), frame_.aad(), plain,
                    out.subspan(head)));
  return Bytes(out.first(head + size));
}

namespace {

// The reader's word on a message that is not in the usual form.
Result<SealedMessage> ReadSealed(Bytes message) {
  cbor::Reader reader(message);
  SealedMessage sealed;
  CAI_TRY(reader.TagOf(cose::kTagEncrypt0));
  CAI_TRY(reader.ArrayOf(3));
  CAI_TRY_ASSIGN(sealed.protected_header, reader.Bstr());
  CAI_TRY(ExpectMap(reader, 0));
  CAI_TRY_ASSIGN(sealed.ciphertext, reader.Bstr());
  CAI_TRY(reader.Finish());
  CAI_TRY(ParseProtected(sealed.protected_header, sealed));
  if (sealed.ciphertext.size() < crypto::kTagSize) return Error::kWireMalformed;
  return sealed;
}

}  // namespace

Result<SealedMessage> ParseSealed(Bytes message) {
  if (message.size() > kMaxMessage) return Error::kWireTooLarge;
  if (const auto usual = MatchFrame(message)) return *usual;
  return ReadSealed(message);
}

ReceiverState ReceiverState::Begin(SessionKeys keys) {
  ReceiverState state;
  state.chain_floor = std::move(keys.chain);
  return state;
}

ReceiverState ReceiverState::Clone() const {
  ReceiverState copy;
  copy.floor_epoch = floor_epoch;
  CopyInto(copy.chain_floor.mutable_bytes(), chain_floor.bytes());
  copy.top = top;
  copy.seen = seen;
  copy.closed = closed;
  return copy;
}

Result<Bytes> EncodeState(const ReceiverState& state, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(5);
  writer.Uint(state.floor_epoch);
  writer.Bstr(state.chain_floor.bytes());
  WriteOptional(state.top, writer);
  writer.BstrHead(kWindow / 8);
  for (const std::uint64_t word : state.seen) writer.Raw(BigEndian(word));
  WriteOptional(state.closed, writer);
  return writer.Finish();
}

Result<ReceiverState> ParseState(Bytes in) {
  cbor::Reader reader(in);
  ReceiverState state;
  CAI_TRY(reader.ArrayOf(5));
  CAI_TRY(ReadUint(reader, state.floor_epoch));
  if (state.floor_epoch > EpochOf(kMaxSequence)) return Error::kCborOutOfRange;
  CAI_TRY_ASSIGN(const auto chain, reader.BstrOf<32>());
  CopyInto(state.chain_floor.mutable_bytes(), chain);
  CAI_TRY(ReadOptional(reader, state.top));
  CAI_TRY_ASSIGN(const auto window, reader.BstrOf<kWindow / 8>());
  for (std::size_t i = 0; i < window.size(); ++i)
    state.seen[i / 8] =
        state.seen[i / 8] << 8 | std::to_integer<std::uint64_t>(window[i]);
  CAI_TRY(ReadOptional(reader, state.closed));
  CAI_TRY(reader.Finish());
  return state;
}

void LiveSession::Replace(ReceiverState next) {
  state_ = std::move(next);
  ForgetErasedKeys();
}

void LiveSession::Accept(std::uint32_t sequence) {
  Mark(state_, sequence);
  RaiseFloor(state_);
  ForgetErasedKeys();
}

// The epoch after the last one is the usual case; any other is reached by
// ratcheting a copy of the floor's chain key.
void LiveSession::Enter(std::uint32_t epoch) {
  if (keys_epoch_ == epoch) return;
  if (!keys_epoch_ || *keys_epoch_ + 1 != epoch) {
    CopyInto(next_.mutable_bytes(), state_.chain_floor.bytes());
    for (std::uint32_t e = state_.floor_epoch; e < epoch; ++e)
      Ratchet(next_, e);
  }
  DeriveEpoch(next_, epoch, suite_, keys_);
  Ratchet(next_, epoch);
  keys_epoch_ = epoch;
}

void LiveSession::ForgetErasedKeys() {
  if (!keys_epoch_ || *keys_epoch_ >= state_.floor_epoch) return;
  Wipe(keys_.key.mutable_bytes());
  Wipe(keys_.iv.mutable_bytes());
  Wipe(next_.mutable_bytes());
  keys_epoch_.reset();
}

void LiveSession::Prefetch(std::uint32_t sequence) const {
  __builtin_prefetch(this, 1);
  __builtin_prefetch(&state_.top, 1);
  __builtin_prefetch(&state_.seen[WordOf(sequence)], 1);
}

crypto::AeadKey& Opener::ReadyFor(LiveSession& session, std::uint32_t epoch) {
  session.Enter(epoch);
  crypto::AeadKey& key = session.suite_ == Suite::kAes128Gcm ? gcm_ : chacha_;
  // Of the right size, so it cannot be refused.
  (void)key.Set(AeadOf(session.suite_), KeyOf(session.keys_, session.suite_));
  return key;
}

Result<Bytes> Opener::Open(LiveSession& session, const SealedMessage& message,
                           MutableBytes scratch) {
  if (message.algorithm != static_cast<std::uint8_t>(session.suite_))
    return Error::kWireWrongSuite;
  CAI_TRY(CheckOrder(session.state_, message.sequence));
  crypto::AeadKey& key = ReadyFor(session, EpochOf(message.sequence));
  ByteArray<kMaxAad> room;
  return key.Open(NonceOf(session.keys_.iv.bytes(), message.sequence),
                  AadOf(message.protected_header, room), message.ciphertext,
                  scratch);
}

Result<Received> Receive(Opener& opener, LiveSession& session,
                         const ReceiveContext& context,
                         const SealedMessage& message, MutableBytes scratch) {
  CAI_TRY_ASSIGN(const Bytes plaintext, opener.Open(session, message, scratch));
  CAI_TRY_ASSIGN(const Plain plain, ParsePlain(plaintext));
  CAI_TRY(CheckPlain(plain, message.sequence, context));

  const ReceiverState& state = session.state();
  Received received{message.sequence, Seen(state, message.sequence), plain,
                    crypto::Sha256::Of(plaintext), state.Clone()};
  Mark(received.next, message.sequence);
  RaiseFloor(received.next);
  if (std::holds_alternative<Close>(plain))
    received.next.closed = message.sequence;
  return received;
}

Result<Received> Receive(const ReceiverState& state,
                         const ReceiveContext& context,
                         const SealedMessage& message, MutableBytes scratch) {
  Opener opener;
  LiveSession session(context.suite, state.Clone());
  return Receive(opener, session, context, message, scratch);
}

TimeBounds BoundsOf(std::uint64_t time_ms, std::uint64_t token_uptime_ms,
                    std::uint64_t nonce_issued_ms,
                    std::uint64_t token_received_ms) {
  constexpr std::uint64_t kRounding = 1000, kMillion = 1'000'000;
  const std::uint64_t since =
      time_ms > token_uptime_ms ? time_ms - token_uptime_ms : 0;
  // Split so that it cannot overflow for any `since`.
  const std::uint64_t drift =
      since / kMillion * kDriftPpm + since % kMillion * kDriftPpm / kMillion;
  const std::uint64_t earlier = drift + kRounding;
  const std::uint64_t low = nonce_issued_ms + since;
  return {low > earlier ? low - earlier : 0, token_received_ms + since + drift};
}

}  // namespace cai::wire
