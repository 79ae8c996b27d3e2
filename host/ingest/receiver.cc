#include "host/ingest/receiver.h"

#include "lib/base/secret.h"
#include "lib/crypto/random.h"

namespace cai::ingest {
namespace {

using host::Problem;

// Unacknowledged messages use up what the broker sends ahead (256): parked ones
// never take more than half of it.
constexpr std::size_t kMaxParked = 64;  // for one device
constexpr std::size_t kMaxParkedInAll = 128;
constexpr std::uint64_t kParkedMs = 60'000;
constexpr std::uint64_t kNeedMs = 30'000, kMaxNeedMs = 15 * 60'000;
constexpr std::uint64_t kChallengeMs = 5'000;
// No key of an ended session, or of a destroyed generation, stays in memory for
// longer; a session that goes on is unwrapped once more.
constexpr std::uint64_t kForgetMs = 10 * 60'000;
constexpr std::uint64_t kNonceMs = 10 * 60'000;
constexpr std::uint64_t kTokenMs = 24 * 3'600'000ull;

// Errors of the host's own ('H','S'): the store or a file failed, the message
// is not to blame.
bool IsOurs(Error error) {
  return static_cast<std::uint32_t>(error) >> 16 == ErrorId('H', 'S', 0) >> 16;
}

// cai/<uuid>/<s|r>
struct Topic {
  std::string device;
  char leaf = 0;
};
std::optional<Topic> ParseTopic(std::string_view topic) {
  constexpr std::string_view kPrefix = "cai/";
  if (topic.size() != kPrefix.size() + 36 + 2) return {};
  if (!topic.starts_with(kPrefix) || topic[topic.size() - 2] != '/') return {};
  const auto uuid = host::ParseUuid(topic.substr(kPrefix.size(), 36));
  if (!uuid.ok()) return {};
  const char leaf = topic.back();
  if (leaf != 's' && leaf != 'r') return {};
  return Topic{uuid->Text(), leaf};
}

std::string Downlink(const std::string& device) {
  return "cai/" + device + "/d";
}

// Names the session that a wrapped state belongs to.
Blob ContextOf(const Session& session) {
  Blob context = host::ToBlob(AsBytes(session.device));
  for (const std::byte b : BigEndian(session.counter)) context.push_back(b);
  return context;
}

LiveSessions::Key KeyOf(const Session& session) {
  LiveSessions::Key key{.key_id = static_cast<std::uint16_t>(session.counter)};
  if (const auto uuid = host::ParseUuid(session.device); uuid.ok())
    CopyInto(key.device, uuid->bytes);
  return key;
}

// A wrapped state is never made twice: its tag names it.
LiveSessions::Version VersionOf(const Session& session) {
  LiveSessions::Version version{};
  const Bytes wrapped = session.wrapped;
  if (wrapped.size() >= version.size())
    CopyInto(version, wrapped.last(version.size()));
  return version;
}

// The class with the highest score, if the model's outputs have names.
std::optional<std::string> LabelOf(const Component& model, Bytes output) {
  if (model.labels.empty() || model.labels.size() != output.size()) return {};
  const auto score = [&](std::size_t i) {
    return static_cast<std::int8_t>(output[i]);
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < output.size(); ++i)
    if (score(i) > score(best)) best = i;
  return model.labels[best];
}

// The device signed it, and a new key or nonce is all that it lacks: without
// one it would stay outside for as long as its session lasts
// (protocol.md, 1.5).
bool HelpsToChallenge(Error refusal) {
  return refusal == Error::kEatWrongNonce || refusal == Error::kEatNonceSpent ||
         refusal == Error::kEatNonceExpired ||
         refusal == Error::kWireDeadGeneration;
}

Finished CheckNonce(const std::optional<Nonce>& nonce,
                    const std::string& device, const crypto::Digest& token_id,
                    std::uint64_t now_ms) {
  if (!nonce || nonce->device != device) return Error::kEatWrongNonce;
  if (nonce->spent_by) {
    if (*nonce->spent_by != token_id) return Error::kEatNonceSpent;
    if (now_ms > nonce->issued_ms + kTokenMs) return Error::kEatNonceExpired;
    return kDone;
  }
  if (now_ms > nonce->issued_ms + kNonceMs) return Error::kEatNonceExpired;
  return kDone;
}

}  // namespace

Outcome<Answer> Receiver::Take(std::uint64_t ticket, const std::string& topic,
                               Bytes payload, std::uint64_t now_ms) {
  Answer answer;
  const auto place = ParseTopic(topic);
  if (!place) {
    CAI_TRY(store_.Refuse("", Error::kWireMalformed, topic, now_ms));
    answer.acknowledge.push_back(ticket);
    return answer;
  }
  CAI_TRY_ASSIGN(const auto device, directory_.Find(place->device));
  if (!device) {
    CAI_TRY(Settle(ticket, topic, place->device, Error::kWireUnknownDevice,
                   now_ms, answer));
    return answer;
  }
  Arrival arrival{ticket, topic, payload, now_ms, *device, answer};
  const Finished done =
      place->leaf == 's' ? OnUplink(arrival) : OnReading(arrival);
  CAI_TRY(Settle(ticket, topic, place->device, done, now_ms, answer));
  return answer;
}

// A refusal is recorded and the message acknowledged; one that was parked keeps
// its acknowledgement.
Finished Receiver::Settle(std::uint64_t ticket, const std::string& topic,
                          const std::string& device, const Finished& outcome,
                          std::uint64_t now_ms, Answer& answer) {
  if (!outcome.ok() && outcome.error().error == Error::kWireParked)
    return kDone;
  if (!outcome.ok()) {
    if (IsOurs(outcome.error().error)) return outcome.error();
    CAI_TRY(store_.Refuse(device, outcome.error().error, topic, now_ms));
  }
  answer.acknowledge.push_back(ticket);
  return kDone;
}

Finished Receiver::OnUplink(Arrival& arrival) {
  if (const auto hello = wire::ParseHello(arrival.payload); hello.ok())
    return OnHello(arrival, *hello);
  return OnSession(arrival);
}

// Of two that hold one device's keys, nobody knows which is the device
// (protocol.md, M12).
Finished Receiver::RefuseForked(const Device& device) {
  CAI_TRY_ASSIGN(const DeviceHistory history, store_.History(device.uuid, 0));
  if (history.forked) return Error::kWireFork;
  return kDone;
}

// No authority: it only asks for what anybody may see.
Finished Receiver::OnHello(Arrival& arrival, const wire::Hello& hello) {
  if (hello.svc != keys_.svc()) return Error::kWireWrongService;
  CAI_TRY(RefuseForked(arrival.device));
  return Challenge(arrival);
}

// The service's key and a nonce, at most once in a while.
Finished Receiver::Challenge(Arrival& arrival) {
  Limits& limits = limits_[arrival.device.uuid];
  if (arrival.now_ms < limits.next_challenge_ms) return kDone;
  limits.next_challenge_ms = arrival.now_ms + kChallengeMs;

  wire::Challenge challenge;
  challenge.svc = keys_.svc();
  CAI_TRY(crypto::Random(challenge.nonce));
  CAI_TRY(
      store_.IssueNonce(challenge.nonce, arrival.device.uuid, arrival.now_ms));
  ByteArray<wire::Challenge::kEncoded> buffer;
  CAI_TRY_ASSIGN(const Bytes encoded, wire::EncodeChallenge(challenge, buffer));
  const std::string topic = Downlink(arrival.device.uuid);
  arrival.answer.publish.push_back({topic, host::ToBlob(keys_.statement())});
  arrival.answer.publish.push_back({topic, host::ToBlob(encoded)});
  return kDone;
}

Finished Receiver::OnSession(Arrival& arrival) {
  const Device& device = arrival.device;
  CAI_TRY_ASSIGN(const wire::SessionMessage message,
                 wire::ParseSession(arrival.payload));
  // Whoever else can open a session can forge in it (protocol.md, C8): one
  // service, one recipient.
  if (message.recipient_count != 1) return Error::kWireCoRecipient;
  if (!device.cose_sign) return Error::kWireNotEnrolled;
  CAI_TRY(
      wire::VerifySession(message, device.id, *device.cose_sign, keys_.svc()));
  CAI_TRY_ASSIGN(const DeviceHistory history,
                 store_.History(device.uuid, message.header.counter));
  if (history.forked) return Error::kWireFork;
  const auto decision =
      wire::DecideSession(message.header, message.id, history.sessions);
  if (!decision.ok()) {
    if (decision.error() == Error::kWireFork)
      CAI_TRY(store_.MarkFork(device.uuid));
    return decision.error();
  }
  if (*decision == wire::SessionDecision::kDuplicate) return kDone;
  const Finished admitted = Admit(arrival, message, *decision);
  if (!admitted.ok() && HelpsToChallenge(admitted.error().error))
    CAI_TRY(Challenge(arrival));
  return admitted;
}

Finished Receiver::Admit(Arrival& arrival, const wire::SessionMessage& message,
                         wire::SessionDecision decision) {
  Blob nonce;
  CAI_TRY_ASSIGN(const Session session,
                 OpenSession(arrival, message, nonce, decision));
  CAI_TRY(store_.Install(session, nonce, arrival.now_ms));
  // The back-off ends, the interval stays.
  limits_[session.device].need_wait_ms = 0;
  if (session.state == SessionState::kCurrent)
    CAI_TRY(Command(session, arrival.device, arrival.now_ms, arrival.answer));
  return Replay(session.device, arrival.answer, arrival.now_ms);
}

Outcome<Session> Receiver::OpenSession(const Arrival& arrival,
                                       const wire::SessionMessage& message,
                                       Blob& nonce,
                                       wire::SessionDecision decision) {
  const Device& device = arrival.device;
  const wire::SessionHeader& header = message.header;
  CAI_TRY_ASSIGN(const ServiceKeys::Encryption key,
                 keys_.Find(header.generation));
  Blob plain(message.ciphertext.size());
  CAI_TRY_ASSIGN(wire::SessionPlain opened,
                 wire::UnwrapSession(message, key.key, key.public_key,
                                     device.ueid, plain));
  CAI_TRY_ASSIGN(
      Appraisal appraisal,
      directory_.Appraise(device, keys_.svc(), header, opened.token));
  CAI_TRY_ASSIGN(const auto issued, store_.FindNonce(appraisal.nonce));
  CAI_TRY(CheckNonce(issued, device.uuid, header.token_id, arrival.now_ms));
  nonce = appraisal.nonce;

  Session session;
  session.device = device.uuid;
  session.counter = header.counter;
  session.id = message.id;
  session.first = header.first;
  session.generation = header.generation;
  session.suite = header.suite;
  session.token_id = header.token_id;
  session.token_uptime_ms = appraisal.uptime_ms;
  session.nonce_issued_ms = issued->issued_ms;
  session.token_received_ms = arrival.now_ms;
  session.status = appraisal.status;
  session.components = std::move(appraisal.components);
  session.state = decision == wire::SessionDecision::kLate
                      ? SessionState::kDraining
                      : SessionState::kCurrent;
  CAI_TRY(Wrap(session, wire::ReceiverState::Begin(std::move(opened.keys))));
  return session;
}

Finished Receiver::Wrap(Session& session,
                        const wire::ReceiverState& state) const {
  ByteArray<wire::ReceiverState::kMaxEncoded> buffer;
  CAI_TRY_ASSIGN(const Bytes encoded, wire::EncodeState(state, buffer));
  auto wrapped = keys_.Wrap(session.generation, ContextOf(session), encoded);
  Wipe(buffer);
  CAI_TRY_ASSIGN(session.wrapped, std::move(wrapped));
  return kDone;
}

Outcome<wire::ReceiverState> Receiver::StateOf(const Session& session) const {
  CAI_TRY_ASSIGN(Blob plain, keys_.Unwrap(session.generation,
                                          ContextOf(session), session.wrapped));
  auto state = wire::ParseState(plain);
  Wipe(plain);
  if (!state.ok()) return state.error();
  return std::move(*state);
}

// The store has the say: another process may have moved the session on, or its
// generation may be gone.
Outcome<LiveSessions::Entry*> Receiver::InMemory(const Session& session) {
  CAI_TRY(keys_.Find(session.generation));
  const LiveSessions::Key key = KeyOf(session);
  LiveSessions::Entry* const entry = live_.Find(key);
  if (entry != nullptr && entry->version == VersionOf(session)) return entry;
  CAI_TRY_ASSIGN(wire::ReceiverState state, StateOf(session));
  return &live_.Put(key, VersionOf(session), {session.suite, std::move(state)});
}

Finished Receiver::OnReading(Arrival& arrival) {
  CAI_TRY_ASSIGN(const wire::SealedMessage message,
                 wire::ParseSealed(arrival.payload));
  CAI_TRY(RefuseForked(arrival.device));
  CAI_TRY_ASSIGN(auto session,
                 store_.FindSession(arrival.device.uuid, message.key_id));
  if (!session) return Park(arrival);
  if (session->state == SessionState::kDisputed) return Error::kWireDisputed;
  const auto live = InMemory(*session);
  // Its keys were revoked while the session lived; the device may not know.
  if (!live.ok() && live.error().error == Error::kWireDeadGeneration)
    CAI_TRY(Challenge(arrival));
  if (!live.ok()) return live.error();
  const wire::ReceiveContext context{
      session->suite, session->token_uptime_ms, session->nonce_issued_ms,
      arrival.now_ms, static_cast<std::uint16_t>(session->components.size())};
  Blob scratch(message.ciphertext.size());
  CAI_TRY_ASSIGN(
      const wire::Received received,
      wire::Receive(opener_, (*live)->session, context, message, scratch));
  if (received.seen) return Repeated(*session, received);
  CAI_TRY(Wrap(*session, received.next));
  CAI_TRY(Keep(arrival, *session, received));
  // Only what the store has taken is the session's state.
  (*live)->session.Replace(received.next.Clone());
  (*live)->version = VersionOf(*session);
  return kDone;
}

// Delivered twice (QoS 1) is benign; two valid plaintexts under one number are
// the work of somebody who holds the session's keys (protocol.md, C8).
Finished Receiver::Repeated(const Session& session,
                            const wire::Received& received) {
  CAI_TRY_ASSIGN(const auto stored,
                 store_.FindDigest(session, received.sequence));
  if (!stored || *stored == received.digest) return kDone;
  CAI_TRY(store_.SetState(session, SessionState::kDisputed));
  return Error::kWireDisputed;
}

Finished Receiver::Keep(Arrival& arrival, Session session,
                        const wire::Received& received) {
  if (const auto* r = std::get_if<wire::Reading>(&received.plain)) {
    const Component& model = session.components[r->model_index];
    // The row's status; the session keeps its own.
    if (session.status == "attested" &&
        r->time_ms - session.token_uptime_ms > kTokenMs)
      session.status = "unattested";
    const StoredReading reading{
        received.sequence,
        r->time_ms,
        wire::BoundsOf(r->time_ms, session.token_uptime_ms,
                       session.nonce_issued_ms, session.token_received_ms),
        r->model_index,
        {r->inputs.begin(), r->inputs.begin() + r->input_count},
        host::ToBlob(r->output),
        LabelOf(model, r->output),
        received.digest};
    return store_.Add(session, reading, arrival.now_ms);
  }
  std::string what = "checkpoint";
  if (const auto* event = std::get_if<wire::Event>(&received.plain))
    what = "event " + std::to_string(event->id) + " " +
           std::to_string(event->argument);
  if (std::holds_alternative<wire::Close>(received.plain)) {
    what = "close";
    session.state = SessionState::kClosed;
  }
  return store_.AddOther(session, received.sequence, received.digest, what,
                         arrival.now_ms);
}

// Its session may be on its way, or lost. Unacknowledged until then, so that
// the broker keeps it should we end meanwhile.
Finished Receiver::Park(Arrival& arrival) {
  AskForSession(arrival);
  std::deque<Parked>& parked = parked_[arrival.device.uuid];
  if (parked.size() >= kMaxParked || parked_count_ >= kMaxParkedInAll)
    return Error::kWireUnknownSession;
  ++parked_count_;
  parked.push_back({arrival.ticket, arrival.topic,
                    host::ToBlob(arrival.payload), arrival.now_ms});
  return Error::kWireParked;
}

// The public key id is unknown, so saying so tells nobody anything.
void Receiver::AskForSession(Arrival& arrival) {
  Limits& limits = limits_[arrival.device.uuid];
  if (arrival.now_ms < limits.next_need_ms) return;
  limits.need_wait_ms =
      std::clamp(2 * limits.need_wait_ms, kNeedMs, kMaxNeedMs);
  limits.next_need_ms = arrival.now_ms + limits.need_wait_ms;
  ByteArray<wire::Need::kEncoded> buffer;
  const auto need = wire::EncodeNeed(buffer);
  arrival.answer.publish.push_back(
      {Downlink(arrival.device.uuid), host::ToBlob(*need)});
}

Finished Receiver::Command(const Session& session, const Device& device,
                           std::uint64_t now_ms, Answer& answer) {
  CAI_TRY_ASSIGN(std::vector<Blob> commands,
                 commander_.Due(session, device.id, now_ms));
  for (Blob& command : commands)
    answer.publish.push_back({Downlink(device.uuid), std::move(command)});
  return kDone;
}

// After an order was placed, and after a start.
Finished Receiver::CommandAll(std::uint64_t now_ms, Answer& answer) {
  CAI_TRY_ASSIGN(const std::vector<std::string> names,
                 store_.DevicesInSession());
  for (const std::string& name : names) {
    CAI_TRY_ASSIGN(const auto device, directory_.Find(name));
    CAI_TRY_ASSIGN(const auto session, store_.Current(name));
    if (device && session) CAI_TRY(Command(*session, *device, now_ms, answer));
  }
  return kDone;
}

// A new session may be what parked readings waited for.
Finished Receiver::Replay(const std::string& device, Answer& answer,
                          std::uint64_t now_ms) {
  std::deque<Parked> waiting;
  std::swap(waiting, parked_[device]);
  parked_count_ -= waiting.size();
  for (const Parked& one : waiting) {
    CAI_TRY_ASSIGN(Answer more,
                   Take(one.ticket, one.topic, one.payload, now_ms));
    if (std::deque<Parked>& again = parked_[device];
        !again.empty() && again.back().ticket == one.ticket)
      again.back().since_ms = one.since_ms;
    for (auto& publication : more.publish)
      answer.publish.push_back(std::move(publication));
    for (const auto ticket : more.acknowledge)
      answer.acknowledge.push_back(ticket);
  }
  return kDone;
}

Outcome<Answer> Receiver::Tick(std::uint64_t now_ms) {
  Answer answer;
  if (now_ms >= forget_ms_) {
    live_.Forget();
    forget_ms_ = now_ms + kForgetMs;
  }
  for (auto& [device, parked] : parked_) {
    while (!parked.empty() && now_ms > parked.front().since_ms + kParkedMs) {
      const Parked one = std::move(parked.front());
      parked.pop_front();
      --parked_count_;
      CAI_TRY(Settle(one.ticket, one.topic, device, Error::kWireUnknownSession,
                     now_ms, answer));
    }
  }
  CAI_TRY_ASSIGN(const bool news, commander_.HasNews());
  if (news) CAI_TRY(CommandAll(now_ms, answer));
  CAI_TRY(store_.EndDrained(now_ms));
  return answer;
}

}  // namespace cai::ingest
