#include "device/ns/link/link.h"

namespace cai::ns {
namespace {

constexpr std::uint32_t kSessionExpiryS = 24 * 3600;
constexpr std::uint16_t kKeepAliveS = 60;
// Long enough that the broker did not close for a reason it had at the start.
constexpr std::uint64_t kStableMs = 30'000;

bool RefusesUs(mqtt::Reason reason) {
  return reason == mqtt::Reason::kBadUserNameOrPassword ||
         reason == mqtt::Reason::kNotAuthorized ||
         reason == mqtt::Reason::kBanned;
}

}  // namespace

Link::Topic Link::MakeTopic(std::string_view uuid, char last) {
  Topic out;
  const auto put = [&](std::string_view text) {
    for (const char c : text)
      if (out.size < sizeof(out.text)) out.text[out.size++] = c;
  };
  put("cai/");
  put(uuid.substr(0, 36));
  put("/");
  put({&last, 1});
  return out;
}

Link::Link(Stream& stream, LinkListener& listener, std::string_view uuid)
    : stream_(stream),
      listener_(listener),
      session_(MakeTopic(uuid, 's')),
      reading_(MakeTopic(uuid, 'r')),
      downlink_(MakeTopic(uuid, 'd')),
      client_({.client_id = uuid,
               .clean_start = true,
               .session_expiry_s = kSessionExpiryS,
               .keep_alive_s = kKeepAliveS,
               .receive_maximum = 8,
               .response_timeout_ms = 20'000},
              {input_, output_, in_flight_, kInFlight}) {}

void Link::Start(const Endpoint& broker, std::uint64_t now_ms) {
  Stop();
  broker_ = broker;
  refusals_ = 0;
  backoff_.Reset();
  state_ = State::kWaiting;
  retry_at_ms_ = now_ms;
}

void Link::Stop() {
  if (client_.connected()) {
    (void)client_.Disconnect();
    SendSome(since_ms_);
  }
  client_.Close();
  stream_.Close();
  state_ = State::kStopped;
  retry_pending_ = false;
}

std::uint64_t Link::Deadline() const {
  switch (state_) {
    case State::kStopped:
      return UINT64_MAX;
    case State::kWaiting:
      return retry_at_ms_;
    case State::kDialling:
      return since_ms_ + 45'000;  // the stream's own is less
    default:
      return client_.Deadline();
  }
}

bool Link::Advance(std::uint64_t now_ms, std::uint32_t random) {
  if (retry_pending_) {
    retry_pending_ = false;
    retry_at_ms_ = now_ms + backoff_.Next(random);
  }
  switch (state_) {
    case State::kStopped:
      return false;
    case State::kWaiting:
      if (now_ms < retry_at_ms_) return false;
      Dial(now_ms);
      return true;
    default:
      return Exchange(now_ms);
  }
}

void Link::Dial(std::uint64_t now_ms) {
  const Status opened = stream_.Open(broker_, now_ms);
  since_ms_ = now_ms;
  if (!opened.ok()) return Drop(opened.error());
  state_ = State::kDialling;
}

bool Link::Exchange(std::uint64_t now_ms) {
  bool moved = stream_.Step(now_ms);
  if (state_ == State::kDialling && stream_.state() == Stream::State::kOpen) {
    if (!client_.Open(now_ms).ok()) {
      Drop(Error::kMqttNoRoom);
      return true;
    }
    state_ = State::kGreeting;
    moved = true;
  }
  if (state_ > State::kDialling) {
    moved |= SendSome(now_ms);
    moved |= ReceiveSome(now_ms);
    moved |= HandleEvents(now_ms);
  }
  if (state_ == State::kWaiting || state_ == State::kStopped) return moved;
  if (stream_.state() == Stream::State::kFailed) {
    // TLS 1.3 tells of a refused certificate only after the handshake.
    if (stream_.error() == Error::kNsPeerAlert && state_ <= State::kGreeting)
      ++refusals_;
    Drop(stream_.error());
    return true;
  }
  if (ready() && now_ms - since_ms_ >= kStableMs) backoff_.Reset();
  return moved;
}

bool Link::SendSome(std::uint64_t now_ms) {
  const std::size_t sent = stream_.Send(client_.Output());
  if (sent != 0) client_.Sent(sent, now_ms);
  return sent != 0;
}

bool Link::ReceiveSome(std::uint64_t now_ms) {
  ByteArray<512> some;
  const MutableBytes room =
      MutableBytes(some).first(std::min(some.size(), client_.input_room()));
  const std::size_t got = stream_.Receive(room);
  if (got != 0) client_.Input(Bytes(some).first(got), now_ms);
  return got != 0;
}

bool Link::HandleEvents(std::uint64_t now_ms) {
  bool moved = false;
  while (state_ > State::kDialling) {
    const auto event = client_.Poll(now_ms);
    if (!event.ok()) {
      SendSome(now_ms);  // DISCONNECT, which says why
      Drop(event.error());
      return true;
    }
    if (!*event) return moved;
    Handle(**event);
    moved = true;
  }
  return moved;
}

void Link::Handle(const mqtt::Event& event) {
  using Kind = mqtt::Event::Kind;
  switch (event.kind) {
    case Kind::kConnected:
      refusals_ = 0;
      ++connections_;
      state_ = State::kSubscribing;
      if (!client_.Subscribe(downlink_.view(), 1).ok())
        Drop(Error::kMqttNoRoom);
      return;
    case Kind::kRefused:
      if (RefusesUs(event.reason)) ++refusals_;
      reason_ = event.reason;
      return Drop(Error::kMqttRefused);
    case Kind::kSubscribed:
      if (mqtt::Failed(event.reason)) {
        reason_ = event.reason;
        return Drop(Error::kMqttRefused);
      }
      state_ = State::kReady;
      return listener_.OnReady();
    case Kind::kMessage:
      if (event.message.topic == downlink_.view())
        listener_.OnDownlink(event.message.payload);
      return client_.Acknowledge(event.receipt);
    case Kind::kPublished:
      return listener_.OnPublished(event.id, event.reason);
    case Kind::kDisconnected:
      reason_ = event.reason;
      return Drop(Error::kNsConnection);
  }
}

void Link::Drop(Error error) {
  error_ = error;
  client_.Close();
  stream_.Close();
  state_ = State::kWaiting;
  retry_at_ms_ = UINT64_MAX;
  retry_pending_ = true;
}

Result<std::uint16_t> Link::Publish(Channel channel, Bytes message) {
  if (full()) return Error::kNsUplinkFull;
  const Topic& topic = channel == Channel::kSession ? session_ : reading_;
  return client_.Publish(topic.view(), message, 1);
}

}  // namespace cai::ns
