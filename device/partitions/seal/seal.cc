#include "device/partitions/seal/seal.h"

#include "device/partitions/seal/events.h"
#include "lib/cbor/writer.h"
#include "lib/crypto/random.h"

namespace cai::seal {
namespace {

using wire::Suite;

// The device's own order of preference, fixed in the image.
constexpr Suite kSuites[] = {Suite::kChaCha20Poly1305, Suite::kAes128Gcm};

Seal::Next Nothing(std::uint64_t wait_ms) {
  constexpr std::uint64_t kLongest = 60'000;
  return {spm::SealKind::kNothing,
          static_cast<std::uint32_t>(std::min(wait_ms, kLongest)),
          {}};
}

// Refused quietly outward, precisely inward.
Status Recorded(Status status) {
  if (!status.ok())
    Record(EventId::kSealRefused, static_cast<std::uint32_t>(status.error()));
  return status;
}

wire::Reading ReadingOf(const infer::InferenceResult& result) {
  wire::Reading reading{.model_index = result.model_index,
                        .time_ms = result.t_ms,
                        .input_count = result.input_count};
  std::ranges::copy(result.inputs, reading.inputs.begin());
  // Safety: int8_t viewed as bytes.
  reading.output = {reinterpret_cast<const std::byte*>(result.output),
                    result.output_size};
  return reading;
}
static_assert(infer::kMaxInputs == wire::Reading::kMaxInputs);
static_assert(infer::kMaxOutput == wire::Reading::kMaxOutput);

}  // namespace

Status Seal::Start(crypto::P256Private cose_sign) {
  cose_sign_ = cose_sign;
  CAI_TRY(spm::TakeKey(hedge_.mutable_bytes()));
  CAI_TRY(spm::GetBootData(boot_));
  enabled_ = boot_.boot_count != 0;
  if (!enabled_) Record(EventId::kSealDisabled);
  return kDone;
}

// The configuration cannot change within a boot; a device without one asks in
// vain, at each request again.
Status Seal::Configure() {
  if (configured_) return kDone;
  CAI_TRY_ASSIGN(const peers::Configured configured,
                 peers::ReadConfiguration(work_));
  CAI_TRY(wire::CheckRoot(configured.root, boot_.service_roots));
  CAI_TRY_ASSIGN(confirmation_, peers::ReadCoseSignKey());
  configured_ = configured;
  return kDone;
}

Status Seal::Ready() {
  if (!enabled_) return Error::kSealDisabled;
  return Configure();
}

// ---- What the service says --------------------------------------------------

// The floor rises in OTP before the key is used: from then on no older one is
// taken, whatever flash is restored.
Status Seal::TakeServiceKey(Bytes message) {
  CAI_TRY(Ready());
  const auto key =
      wire::OpenServiceKey(message, configured_->root, configured_->svc);
  if (!key.ok()) return Recorded(key.error());
  const auto floor = spm::ReadCounter(nv::Counter::kServiceGeneration);
  if (!floor.ok() || key->generation > ~std::uint32_t{0})
    return Recorded(Error::kSealCounter);
  CAI_TRY(Recorded(wire::CheckGeneration(*key, *floor)));
  if (!spm::AdvanceCounter(nv::Counter::kServiceGeneration,
                           static_cast<std::uint32_t>(key->generation))
           .ok())
    return Recorded(Error::kSealCounter);

  const bool news =
      !service_key_ || service_key_->generation != key->generation;
  service_key_ = *key;
  if (news)
    Record(EventId::kSealServiceKey,
           static_cast<std::uint32_t>(key->generation));
  if (!sealer_.open()) return kDone;
  if (key->min_generation > session_.generation) {
    // The old key is known to others: not one more message under it.
    sealer_.Close();
    renew_.reset();
    Record(EventId::kSealSessionEnded,
           static_cast<std::uint32_t>(Reason::kServiceKey));
  } else if (key->generation != session_.generation) {
    Renew(Reason::kServiceKey);
  }
  return kDone;
}

Status Seal::TakeDownlink(Bytes message) {
  CAI_TRY(Ready());
  switch (wire::KindOfDownlink(message)) {
    case wire::DownlinkKind::kChallenge:
      return Recorded(TakeChallenge(message));
    case wire::DownlinkKind::kSigned:
      return Recorded(TakeCommand(message));
    default:
      return Recorded(Error::kWireMalformed);
  }
}

// Unauthenticated: it can cost a token and a session, so it is rationed. One
// that was answered already costs nothing.
Status Seal::TakeChallenge(Bytes message) {
  CAI_TRY_ASSIGN(const wire::Challenge challenge,
                 wire::ParseChallenge(message));
  if (challenge.svc != configured_->svc) return Error::kWireWrongService;
  if (nonce_ == challenge.nonce) return kDone;
  if (held_ && held_->nonce == challenge.nonce) return kDone;
  if (!bucket_.Take(spm::UptimeMs())) return Error::kSealThrottled;
  nonce_ = challenge.nonce;
  at_once_ = true;
  if (sealer_.open()) Renew(Reason::kChallenge);
  return kDone;
}

Status Seal::TakeCommand(Bytes message) {
  if (!service_key_) return Error::kSealNoServiceKey;
  CAI_TRY_ASSIGN(const wire::Command command,
                 wire::OpenCommand(message, service_key_->signing,
                                   {configured_->svc, boot_.uuid,
                                    boot_.boot_count, last_command_}));
  last_command_ = command.counter;
  CAI_TRY(Obey(command));
  Record(EventId::kSealCommand, static_cast<std::uint32_t>(command.op));
  return kDone;
}

Status Seal::Obey(const wire::Command& command) {
  switch (command.op) {
    case wire::Command::Op::kNewSession:
      if (sealer_.open()) Renew(Reason::kCommand);
      return kDone;
    case wire::Command::Op::kStopModel:
      return StopModel(*command.model);
    case wire::Command::Op::kAllowModel:
      AllowModel(*command.model);
      return kDone;
    case wire::Command::Op::kReadState:
      state_asked_ = true;
      return kDone;
  }
  return Error::kWireMalformed;
}

Status Seal::StopModel(const crypto::Digest& model) {
  AllowModel(model);  // so that it stands in the list once
  if (stopped_count_ == stopped_.size()) return Error::kSealNoRoom;
  stopped_[stopped_count_++] = model;
  return kDone;
}

void Seal::AllowModel(const crypto::Digest& model) {
  const auto end = stopped_.begin() + stopped_count_;
  stopped_count_ = static_cast<std::size_t>(
      std::remove(stopped_.begin(), end, model) - stopped_.begin());
}

// A model whose hash is not known cannot be shown to be allowed.
bool Seal::Stopped(std::uint16_t model_index) const {
  if (stopped_count_ == 0) return false;
  if (!models_known_ || model_index == 0 || model_index > models_.count)
    return true;
  const auto end = stopped_.begin() + stopped_count_;
  return std::find(stopped_.begin(), end, models_.hashes[model_index - 1]) !=
         end;
}

// ---- The next message
// ---------------------------------------------------------

Result<Seal::Next> Seal::Pull(MutableBytes out) {
  CAI_TRY(Ready());
  if (out.size() < wire::kMaxSession) return Error::kIpcNoRoom;
  const std::uint64_t now = spm::UptimeMs();
  return sealer_.open() ? Continue(now, out) : Begin(now, out);
}

// A token serves several sessions of one boot, while the models are the same
// and it is not a day old.
bool Seal::HasToken(std::uint64_t now) const {
  return held_ && now - held_->made_ms < kMaxSessionMs;
}

std::uint64_t Seal::SessionWait(std::uint64_t now) const {
  const std::uint64_t age = now - session_.started_ms;
  if (at_once_ || age >= kMinSessionMs) return 0;
  return kMinSessionMs - age;
}

Result<Seal::Next> Seal::Begin(std::uint64_t now, MutableBytes out) {
  if (!service_key_ || (!nonce_ && !HasToken(now)))
    return Next{spm::SealKind::kNeedServiceKey, 0, {}};
  if (const std::uint64_t wait = SessionWait(now); wait != 0)
    return Nothing(wait);
  if (nonce_) CAI_TRY(RenewToken(now));
  return OpenSession(now, out);
}

// The nonce is spent even if no token comes of it: a new one is asked for.
Status Seal::RenewToken(std::uint64_t now) {
  const ByteArray<32> nonce = *nonce_;
  nonce_.reset();
  held_.reset();
  CAI_TRY_ASSIGN(
      const peers::Token token,
      peers::RequestToken(configured_->svc, nonce, confirmation_,
                          MutableBytes(work_).first(wire::kMaxToken)));
  held_ = {token.bytes.size(), token.id, nonce, token.measure_gen, now};
  return kDone;
}

Result<Suite> Seal::ChooseSuite() const {
  for (const Suite suite : kSuites)
    if (service_key_->Allows(suite)) return suite;
  return Error::kWireNoSuite;
}

Result<Seal::Next> Seal::OpenSession(std::uint64_t now, MutableBytes out) {
  if (sessions_ >= kMaxSessions) return Error::kWireExhausted;
  CAI_TRY(numbers_.Reserve());
  CAI_TRY_ASSIGN(const Suite suite, ChooseSuite());

  wire::SessionEntropy entropy;
  CAI_TRY(crypto::Random(entropy.draw.mutable_bytes()));
  CopyInto(entropy.hedge.mutable_bytes(), hedge_.bytes());
  const wire::SessionOpening opening{
      .header = {.uuid = boot_.uuid,
                 .suite = suite,
                 .svc = configured_->svc,
                 .generation = service_key_->generation,
                 // The index is spent before it is used.
                 .counter = std::uint64_t{boot_.boot_count} << 8 | sessions_++,
                 .first = numbers_.next(),
                 .token_id = held_->id},
      .ueid = boot_.ueid,
      .service = service_key_->encryption,
      .signer = cose_sign_,
      .token = Bytes(work_).first(held_->size)};
  wire::SessionKeys keys;
  CAI_TRY_ASSIGN(const Bytes message,
                 wire::MakeSession(opening, entropy, keys, out));
  sealer_.Open(suite, opening.header.key_id(), std::move(keys));
  Opened(opening.header, now);
  return Next{spm::SealKind::kSession, 0, message};
}

void Seal::Opened(const wire::SessionHeader& header, std::uint64_t now) {
  session_ = {.measure_gen = held_->measure_gen,
              .generation = header.generation,
              .counter = header.counter,
              .first = header.first,
              .started_ms = now,
              .suite = header.suite,
              .padded = peers::ReadPadding()};
  renew_.reset();
  at_once_ = false;
  next_sample_ms_ = now;
  const auto models = peers::ReadModels();
  models_known_ = models.ok();
  if (models.ok()) models_ = *models;
  Record(EventId::kSealSession, static_cast<std::uint32_t>(header.counter));
}

// The first reason stands.
void Seal::Renew(Reason reason) {
  if (!renew_ || reason == Reason::kModels) renew_ = reason;
}

// The last sequence number is kept for the message that ends the session.
void Seal::Watch(std::uint64_t now) {
  if (sealer_.next() >= wire::kMaxSequence - 1) Renew(Reason::kExhausted);
  if (now - session_.started_ms >= kMaxSessionMs) Renew(Reason::kAge);
}

bool Seal::MayEnd(std::uint64_t now) const {
  const bool patient =
      *renew_ == Reason::kCommand || *renew_ == Reason::kServiceKey;
  return at_once_ || !patient || now - session_.started_ms >= kMinSessionMs;
}

Result<Seal::Next> Seal::Continue(std::uint64_t now, MutableBytes out) {
  Watch(now);
  if (renew_ && MayEnd(now)) return End(out);
  if (state_asked_) {
    state_asked_ = false;
    return SealPlain(wire::Event{now, wire::Event::kState, dropped_}, out);
  }
  return Sample(now, out);
}

// The authenticated end, so that a cut tail shows. Keys go, also if it fails.
Result<Seal::Next> Seal::End(MutableBytes out) {
  const Reason reason = *renew_;
  renew_.reset();
  if (reason == Reason::kModels || reason == Reason::kChallenge)
    at_once_ = true;
  const auto last = SealPlain(wire::Close{sealer_.next(), reason}, out);
  sealer_.Close();
  Record(EventId::kSealSessionEnded, static_cast<std::uint32_t>(reason));
  return last;
}

// The cadence is ours alone: asking more often gives nothing.
Result<Seal::Next> Seal::Sample(std::uint64_t now, MutableBytes out) {
  if (now < next_sample_ms_) return Nothing(next_sample_ms_ - now);
  next_sample_ms_ += configured_->interval_ms;
  if (next_sample_ms_ <= now) next_sample_ms_ = now + configured_->interval_ms;

  const auto result = peers::RunInference();
  if (!result.ok()) {
    ++failures_;
    if (!failing_)
      Record(EventId::kSealInferFailed,
             static_cast<std::uint32_t>(result.error()));
    failing_ = true;
    return Nothing(configured_->interval_ms);
  }
  if (failing_) Record(EventId::kSealRecovered, failures_);
  failing_ = false;
  if (!MayUse(*result)) {
    ++dropped_;
    return Nothing(renew_ ? 1 : configured_->interval_ms);
  }
  return SealPlain(ReadingOf(*result), out);
}

// A result that was computed under other measurements than the token names is
// sealed under neither (H3).
bool Seal::MayUse(const infer::InferenceResult& result) {
  if (result.measure_gen != session_.measure_gen) {
    held_.reset();
    Renew(Reason::kModels);
    Record(EventId::kSealDropped,
           static_cast<std::uint32_t>(Error::kSealModelChanged));
    return false;
  }
  if (Stopped(result.model_index)) {
    Record(EventId::kSealDropped,
           static_cast<std::uint32_t>(Error::kSealModelStopped));
    return false;
  }
  return true;
}

// Lifetime numbers and sequence numbers go together: whatever the sealer
// spends, is spent here too.
Result<Seal::Next> Seal::SealPlain(const wire::Plain& plain, MutableBytes out) {
  ByteArray<wire::kMaxPlain> room;
  CAI_TRY_ASSIGN(const Bytes encoded,
                 wire::EncodePlain(plain, room, session_.padded));
  CAI_TRY(numbers_.Reserve());
  numbers_.Spend();
  const Result<Bytes> sealed = sealer_.Seal(encoded, out);
  Wipe(room);
  if (!sealed.ok()) return sealed.error();
  return Next{spm::SealKind::kReading, 0, *sealed};
}

Result<Bytes> Seal::Describe(MutableBytes out) const {
  cbor::Writer writer(out);
  const auto number = [&](std::string_view name, std::uint64_t value) {
    writer.Text(name);
    writer.Uint(value);
  };
  const auto flag = [&](std::string_view name, bool value) {
    writer.Text(name);
    writer.Bool(value);
  };
  writer.Map(10);  // in deterministic order: shorter names first
  number("sc", session_.counter);
  number("gen", service_key_ ? service_key_->generation : 0);
  number("seq", sealer_.next());
  flag("open", sealer_.open());
  number("first", session_.first);
  number("suite", static_cast<std::uint64_t>(session_.suite));
  number("dropped", dropped_);
  flag("enabled", enabled_);
  number("failures", failures_);
  number("sessions", sessions_);
  return writer.Finish();
}

}  // namespace cai::seal
