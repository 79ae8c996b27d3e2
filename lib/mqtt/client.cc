#include "lib/mqtt/client.h"

#include <limits>

namespace cai::mqtt {
namespace {

constexpr std::byte kDup{0x08};

// What a DISCONNECT says about our own error (4.13).
Reason ReasonFor(Error error) {
  switch (error) {
    case Error::kMqttMalformed:
      return Reason::kMalformedPacket;
    case Error::kMqttTooLarge:
      return Reason::kPacketTooLarge;
    case Error::kMqttTimeout:
      return Reason::kKeepAliveTimeout;
    case Error::kMqttProtocol:
      return Reason::kProtocolError;
    default:
      return Reason::kUnspecified;
  }
}

// Orders a few numbers that wrap.
bool Before(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(a - b) < 0;
}

}  // namespace

Client::Client(const Config& config, const Storage& storage)
    : config_(config),
      input_(storage.input),
      output_(storage.output),
      in_flight_memory_(storage.in_flight),
      in_flight_count_(std::min(storage.in_flight_count, kMaxInFlight)) {
  config_.receive_maximum = std::clamp<std::uint16_t>(
      config_.receive_maximum, 1, static_cast<std::uint16_t>(kMaxReceive));
}

MutableBytes Client::Slot(std::size_t index) const {
  const std::size_t size = in_flight_memory_.size() / in_flight_count_;
  return in_flight_memory_.subspan(index * size, size);
}

Status Client::Open(std::uint64_t now_ms) {
  Close();
  if (++connection_ == 0) connection_ = 1;
  Connect connect;
  connect.client_id = config_.client_id;
  connect.clean_start = config_.clean_start && !opened_before_;
  connect.keep_alive_s = config_.keep_alive_s;
  connect.session_expiry_s = config_.session_expiry_s;
  connect.receive_maximum = config_.receive_maximum;
  connect.maximum_packet_size = static_cast<std::uint32_t>(input_.size());
  CAI_TRY_ASSIGN(const Bytes packet, Encode(connect, output_));
  output_size_ = packet.size();
  state_ = State::kConnecting;
  waiting_ = true;
  waiting_since_ms_ = last_sent_ms_ = last_received_ms_ = now_ms;
  return kDone;
}

void Client::Close() {
  state_ = State::kClosed;
  failure_ = Error::kMqttNotConnected;
  input_size_ = consumed_ = output_size_ = 0;
  in_first_ = in_used_ = 0;
  awaiting_ack_ = 0;
  subscribe_id_ = 0;
  waiting_ = false;
  for (Outgoing& one : out_) {
    one.tried |= one.sent;
    one.sent = false;
  }
}

std::size_t Client::Input(Bytes bytes, std::uint64_t now_ms) {
  if (state_ == State::kClosed || state_ == State::kDead) return 0;
  DropConsumed();
  const std::size_t taken = CopyInto(input_.subspan(input_size_), bytes).size();
  input_size_ += taken;
  if (taken == 0) return 0;
  last_received_ms_ = now_ms;
  // Any byte shows that the server lives; CONNACK alone opens the connection.
  if (state_ == State::kConnected) waiting_ = false;
  return taken;
}

void Client::DropConsumed() {
  if (consumed_ == 0) return;
  std::copy(input_.begin() + static_cast<std::ptrdiff_t>(consumed_),
            input_.begin() + static_cast<std::ptrdiff_t>(input_size_),
            input_.begin());
  input_size_ -= consumed_;
  consumed_ = 0;
}

Result<std::optional<Event>> Client::Poll(std::uint64_t now_ms) {
  if (state_ == State::kClosed) return MaybeEvent();
  if (state_ == State::kDead) return failure_;
  while (true) {
    const auto frame = NextFrame(
        input_.subspan(consumed_, input_size_ - consumed_), input_.size());
    if (!frame.ok()) return Failed(frame.error());
    if (!*frame) break;
    consumed_ += (*frame)->size;
    Result<MaybeEvent> event = Handle(**frame);
    if (!event.ok()) return Failed(event.error());
    if (*event) return event;
  }
  CAI_TRY(KeepAlive(now_ms));
  return MaybeEvent();
}

Result<std::optional<Event>> Client::Failed(Error error) {
  // Fail() may have come first, with a better reason.
  if (state_ == State::kDead) return failure_;
  CAI_TRY(Fail(error, ReasonFor(error)));
  return error;
}

Status Client::Fail(Error error, Reason reason) {
  if (state_ == State::kConnected)
    Queue(Encode(mqtt::Disconnect{.reason = reason}, Room()));
  state_ = State::kDead;
  failure_ = error;
  return error;
}

// True if the packet, encoded into Room(), is there.
bool Client::Queue(Result<Bytes> encoded) {
  if (!encoded.ok()) return false;
  output_size_ += encoded->size();
  return true;
}

std::uint64_t Client::QuietSince() const {
  return std::min(last_sent_ms_, last_received_ms_);
}

Status Client::KeepAlive(std::uint64_t now_ms) {
  if (waiting_) {
    if (now_ms - waiting_since_ms_ < config_.response_timeout_ms) return kDone;
    return Fail(Error::kMqttTimeout, Reason::kKeepAliveTimeout);
  }
  if (state_ != State::kConnected || keep_alive_ms_ == 0) return kDone;
  if (now_ms - QuietSince() < keep_alive_ms_) return kDone;
  // Without room the output has been stuck all this time: wait the same way.
  Queue(EncodePingreq(Room()));
  waiting_ = true;
  waiting_since_ms_ = now_ms;
  return kDone;
}

std::uint64_t Client::Deadline() const {
  if (state_ == State::kDead) return 0;
  if (waiting_) return waiting_since_ms_ + config_.response_timeout_ms;
  if (state_ == State::kConnected && keep_alive_ms_ != 0)
    return QuietSince() + keep_alive_ms_;
  return std::numeric_limits<std::uint64_t>::max();
}

Bytes Client::Output() const { return output_.first(output_size_); }

void Client::Sent(std::size_t size, std::uint64_t now_ms) {
  size = std::min(size, output_size_);
  std::copy(output_.begin() + static_cast<std::ptrdiff_t>(size),
            output_.begin() + static_cast<std::ptrdiff_t>(output_size_),
            output_.begin());
  output_size_ -= size;
  last_sent_ms_ = now_ms;
  Refill();
}

void Client::Refill() {
  if (state_ != State::kConnected) return;
  SendAcknowledgements();
  SendPublishes();
}

// In order of arrival: 4.6.
void Client::SendAcknowledgements() {
  while (in_used_ != 0 && in_[in_first_].acknowledged) {
    const Incoming& first = in_[in_first_];
    const Puback puback{first.id, first.reason};
    if (!Queue(Encode(puback, Room()))) return;
    in_first_ = (in_first_ + 1) % kMaxReceive;
    --in_used_;
  }
}

// In order of publishing, within the server's Receive Maximum (4.9).
void Client::SendPublishes() {
  while (awaiting_ack_ < send_maximum_) {
    const auto index = NextToSend();
    if (!index || Room().size() < out_[*index].size) return;
    CopyInto(Room(), Slot(*index).first(out_[*index].size));
    output_size_ += out_[*index].size;
    out_[*index].sent = true;
    ++awaiting_ack_;
  }
}

std::optional<std::size_t> Client::NextToSend() const {
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < in_flight_count_; ++i) {
    if (out_[i].id == 0 || out_[i].sent) continue;
    if (!next || Before(out_[i].order, out_[*next].order)) next = i;
  }
  return next;
}

std::optional<std::size_t> Client::FreeSlot() const {
  for (std::size_t i = 0; i < in_flight_count_; ++i)
    if (out_[i].id == 0) return i;
  return std::nullopt;
}

bool Client::IdInUse(std::uint16_t id) const {
  if (id == subscribe_id_) return true;
  return std::ranges::any_of(out_,
                             [&](const Outgoing& o) { return o.id == id; });
}

// At most kMaxInFlight + 2 tries: no more ids are in use (0 counts as one).
std::uint16_t Client::NewId() {
  while (next_id_ == 0 || IdInUse(next_id_)) ++next_id_;
  return next_id_++;
}

Result<std::uint16_t> Client::Publish(std::string_view topic, Bytes payload,
                                      std::uint8_t qos, bool retain) {
  mqtt::Publish packet;
  packet.topic = topic;
  packet.payload = payload;
  packet.qos = qos;
  packet.retain = retain;
  return qos == 0 ? PublishNow(packet) : PublishQueued(packet);
}

Result<std::uint16_t> Client::PublishNow(const mqtt::Publish& packet) {
  if (state_ != State::kConnected) return Error::kMqttNotConnected;
  const Result<Bytes> encoded = Encode(packet, Room());
  if (!encoded.ok()) {
    if (encoded.error() != Error::kMqttNoRoom) return encoded.error();
    return output_size_ == 0 ? Error::kMqttTooLarge : Error::kMqttBusy;
  }
  if (send_size_ != 0 && encoded->size() > send_size_)
    return Error::kMqttTooLarge;
  Queue(encoded);
  return std::uint16_t{0};
}

Result<std::uint16_t> Client::PublishQueued(mqtt::Publish& packet) {
  const auto index = FreeSlot();
  if (!index) return Error::kMqttBusy;
  packet.id = NewId();
  const Result<Bytes> encoded = Encode(packet, Slot(*index));
  if (!encoded.ok())
    return encoded.error() == Error::kMqttNoRoom ? Error::kMqttTooLarge
                                                 : encoded.error();
  if (encoded->size() > output_.size() ||
      (send_size_ != 0 && encoded->size() > send_size_))
    return Error::kMqttTooLarge;

  out_[*index] = {packet.id, false, false, next_order_++, encoded->size()};
  ++in_flight_used_;
  Refill();
  return packet.id;
}

Result<std::uint16_t> Client::Subscribe(std::string_view filter,
                                        std::uint8_t qos) {
  if (state_ != State::kConnected) return Error::kMqttNotConnected;
  if (subscribe_id_ != 0) return Error::kMqttBusy;
  mqtt::Subscribe packet;
  packet.id = NewId();
  packet.filter = filter;
  packet.qos = qos;
  const Result<Bytes> encoded = Encode(packet, Room());
  if (!encoded.ok())
    return encoded.error() == Error::kMqttNoRoom ? Error::kMqttBusy
                                                 : encoded.error();
  Queue(encoded);
  subscribe_id_ = packet.id;
  return packet.id;
}

void Client::Acknowledge(Receipt receipt, Reason reason) {
  if (receipt.id == 0 || receipt.connection != connection_) return;
  for (std::size_t i = 0; i < in_used_; ++i) {
    Incoming& one = in_[(in_first_ + i) % kMaxReceive];
    if (one.id != receipt.id) continue;
    one.acknowledged = true;
    one.reason = reason;
  }
  Refill();
}

Status Client::Disconnect(Reason reason) {
  if (state_ != State::kConnected) return Error::kMqttNotConnected;
  const mqtt::Disconnect packet{.reason = reason};
  if (!Queue(Encode(packet, Room()))) return Error::kMqttBusy;
  state_ = State::kDead;
  failure_ = Error::kMqttNotConnected;
  return kDone;
}

Result<std::optional<Event>> Client::Handle(const Frame& frame) {
  // 3.2: the server's first packet is CONNACK, and only that one is.
  if ((frame.type == Type::kConnack) != (state_ == State::kConnecting))
    return Error::kMqttProtocol;
  switch (frame.type) {
    case Type::kConnack:
      return OnConnack(frame);
    case Type::kPublish:
      return OnPublish(frame);
    case Type::kPuback:
      return OnPuback(frame);
    case Type::kSuback:
      return OnSuback(frame);
    case Type::kDisconnect:
      return OnDisconnect(frame);
    case Type::kPingresp:
      CAI_TRY(DecodePing(frame));
      return MaybeEvent();
    default:
      return Error::kMqttProtocol;
  }
}

Result<std::optional<Event>> Client::OnConnack(const Frame& frame) {
  CAI_TRY_ASSIGN(const Connack connack, DecodeConnack(frame));
  waiting_ = false;
  if (mqtt::Failed(connack.reason)) {
    state_ = State::kDead;
    failure_ = Error::kMqttRefused;
    return MaybeEvent(
        Event{.kind = Event::Kind::kRefused, .reason = connack.reason});
  }
  state_ = State::kConnected;
  if (connack.maximum_qos == 0) return Error::kMqttUnsupported;
  opened_before_ = true;
  send_maximum_ = connack.receive_maximum;
  send_size_ = connack.maximum_packet_size;
  keep_alive_ms_ =
      connack.server_keep_alive_s.value_or(config_.keep_alive_s) * 1000ull;
  CAI_TRY(Resume(connack.session_present));
  return MaybeEvent(Event{.kind = Event::Kind::kConnected,
                          .session_present = connack.session_present});
}

// 4.4: with the server's session, what it may have seen is a duplicate under
// its old id. Without, 3.2.2.1.1 ends the session, and the same messages are
// published as new ones.
Status Client::Resume(bool session_present) {
  for (std::size_t i = 0; i < in_flight_count_; ++i) {
    if (out_[i].id == 0) continue;
    if (send_size_ != 0 && out_[i].size > send_size_)
      return Error::kMqttTooLarge;
    std::byte& first = Slot(i)[0];
    first = session_present && out_[i].tried ? first | kDup : first & ~kDup;
  }
  Refill();
  return kDone;
}

Result<std::optional<Event>> Client::OnPublish(const Frame& frame) {
  CAI_TRY_ASSIGN(const mqtt::Publish message, DecodePublish(frame));
  Event event{.kind = Event::Kind::kMessage};
  event.message = message;
  if (message.qos == 0) return MaybeEvent(event);

  for (std::size_t i = 0; i < in_used_; ++i)
    if (in_[(in_first_ + i) % kMaxReceive].id == message.id)
      return Error::kMqttProtocol;
  if (in_used_ == config_.receive_maximum) {
    CAI_TRY(Fail(Error::kMqttProtocol, Reason::kReceiveMaximumExceeded));
  }
  in_[(in_first_ + in_used_) % kMaxReceive] = {message.id, false,
                                               Reason::kSuccess};
  ++in_used_;
  event.receipt = {connection_, message.id};
  return MaybeEvent(event);
}

Result<std::optional<Event>> Client::OnPuback(const Frame& frame) {
  CAI_TRY_ASSIGN(const Puback puback, DecodePuback(frame));
  for (Outgoing& one : out_) {
    if (one.id != puback.id || !one.sent) continue;
    one = {};
    --in_flight_used_;
    --awaiting_ack_;
    Refill();
    return MaybeEvent(Event{.kind = Event::Kind::kPublished,
                            .reason = puback.reason,
                            .id = puback.id});
  }
  return MaybeEvent();  // of a session that we no longer remember
}

Result<std::optional<Event>> Client::OnSuback(const Frame& frame) {
  CAI_TRY_ASSIGN(const Suback suback, DecodeSuback(frame));
  if (suback.id != subscribe_id_) return Error::kMqttProtocol;
  subscribe_id_ = 0;
  return MaybeEvent(Event{.kind = Event::Kind::kSubscribed,
                          .reason = static_cast<Reason>(suback.code),
                          .id = suback.id});
}

Result<std::optional<Event>> Client::OnDisconnect(const Frame& frame) {
  CAI_TRY_ASSIGN(const mqtt::Disconnect packet, DecodeDisconnect(frame));
  state_ = State::kDead;
  failure_ = Error::kMqttNotConnected;
  return MaybeEvent(
      Event{.kind = Event::Kind::kDisconnected, .reason = packet.reason});
}

}  // namespace cai::mqtt
