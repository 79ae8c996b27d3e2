#include "host/mqtt/link.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <deque>
#include <random>

namespace cai::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kConnectTime{10};
constexpr std::chrono::seconds kGoodByeTime{1};
// Of a PUBLISH: fixed header, lengths, packet id, no properties.
constexpr std::size_t kOverhead = 16;

std::uint64_t Now() {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  return static_cast<std::uint64_t>(
      duration_cast<milliseconds>(Clock::now().time_since_epoch()).count());
}

struct Queued {
  std::string topic;
  Blob payload;
  bool retain;
};

}  // namespace

struct MqttLink::State : std::enable_shared_from_this<MqttLink::State> {
  State(asio::io_context& context, MqttConfig settings,
        TlsContextPtr tls_context, OnMessage message, OnState change)
      : io(context),
        config(std::move(settings)),
        tls(tls_context.release()),
        on_message(std::move(message)),
        on_state(std::move(change)),
        wake(context),
        pause(context),
        input(config.max_packet),
        output(2 * config.max_packet),
        in_flight(mqtt::Client::kMaxInFlight * config.max_packet),
        client({.client_id = config.client_id,
                .session_expiry_s = config.session_expiry_s,
                .keep_alive_s = config.keep_alive_s,
                .receive_maximum = config.receive_maximum},
               {input, output, in_flight, mqtt::Client::kMaxInFlight}) {}

  asio::awaitable<void> Run();
  asio::awaitable<void> Attempt();
  asio::awaitable<error_code> Connect(Stream& stream);
  asio::awaitable<void> Read(Stream& stream);
  asio::awaitable<void> Write(std::shared_ptr<Stream> stream);
  bool Take(Bytes bytes);
  bool HandleEvents();
  void Handle(const mqtt::Event& event);
  void OnConnected();
  void SubscribeNext();
  void Drain();
  void Wake() { wake.cancel(); }
  void Report(MqttState change, const std::string& why) {
    if (on_state) on_state(change, why);
  }
  std::chrono::milliseconds NextPause();

  asio::io_context& io;
  MqttConfig config;
  asio::ssl::context tls;
  OnMessage on_message;
  OnState on_state;
  asio::steady_timer wake;   // of the writer: something to send, or a deadline
  asio::steady_timer pause;  // between attempts
  Blob input, output, in_flight;
  mqtt::Client client;
  std::deque<Queued> queue;
  std::size_t next_filter = 0;
  int attempts = 0;      // since the last connection
  bool live = false;     // of the current transport
  bool writing = false;  // its writer has not ended yet
  bool stopping = false;
  std::string ended = "";  // why the last connection ended
  std::shared_ptr<Stream> transport;
  std::minstd_rand jitter{std::random_device{}()};
};

// Doubling, and spread by a quarter either way: many clients do not return to a
// restarted broker in step.
std::chrono::milliseconds MqttLink::State::NextPause() {
  const int doublings = std::min(attempts++, 16);
  const auto full = std::min<std::int64_t>(
      std::int64_t{config.first_pause_ms} << doublings, config.last_pause_ms);
  std::uniform_int_distribution<std::int64_t> spread(full * 3 / 4,
                                                     full * 5 / 4);
  return std::chrono::milliseconds(spread(jitter));
}

asio::awaitable<void> MqttLink::State::Run() {
  const auto self = shared_from_this();
  while (!stopping) {
    co_await Attempt();
    client.Close();
    if (stopping) break;
    Report(MqttState::kLost, ended);
    pause.expires_after(NextPause());
    error_code ignored;
    co_await pause.async_wait(
        asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<error_code> MqttLink::State::Connect(Stream& stream) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  // The certificate must be for the name; the address may be any.
  SSL_set1_host(stream.native_handle(), config.verify_name.c_str());
  SSL_set_tlsext_host_name(stream.native_handle(), config.verify_name.c_str());
  const tcp::endpoint endpoint(asio::ip::make_address(config.address, error),
                               config.port);
  if (error) co_return error;
  auto& socket = beast::get_lowest_layer(stream);
  socket.expires_after(kConnectTime);
  co_await socket.async_connect(endpoint, token);
  if (error) co_return error;
  socket.socket().set_option(tcp::no_delay(true), error);
  co_await stream.async_handshake(asio::ssl::stream_base::client, token);
  // From here on the client's own deadlines hold.
  socket.expires_never();
  co_return error;
}

asio::awaitable<void> MqttLink::State::Attempt() {
  const auto stream = std::make_shared<Stream>(io, tls);
  transport = stream;
  const error_code error = co_await Connect(*stream);
  ended = error.message();
  if (error || stopping || !client.Open(Now()).ok()) {
    transport.reset();
    co_return;
  }
  live = true;
  writing = true;
  asio::co_spawn(io, Write(stream), asio::detached);
  co_await Read(*stream);
  live = false;
  Wake();
  // The writer sends what is left, a DISCONNECT with its reason perhaps.
  asio::steady_timer grace(io);
  for (int i = 0; writing && i < 100; ++i) {
    grace.expires_after(std::chrono::milliseconds(10));
    error_code ignored;
    co_await grace.async_wait(
        asio::redirect_error(asio::use_awaitable, ignored));
  }
  transport.reset();
  beast::get_lowest_layer(*stream).close();
}

asio::awaitable<void> MqttLink::State::Read(Stream& stream) {
  Blob buffer(config.max_packet);
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (live) {
    const std::size_t size = co_await stream.async_read_some(
        asio::buffer(buffer.data(), buffer.size()), token);
    // After Stop() nobody is told anything.
    if (!live) co_return;
    if (error) {
      ended = error.message();
      co_return;
    }
    if (!Take(Bytes(buffer).first(size))) co_return;
    Wake();
  }
}

asio::awaitable<void> MqttLink::State::Write(std::shared_ptr<Stream> stream) {
  const auto self = shared_from_this();
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  for (;;) {
    const Blob bytes = ToBlob(client.Output());
    if (!bytes.empty()) {
      co_await asio::async_write(
          *stream, asio::buffer(bytes.data(), bytes.size()), token);
      if (error) break;
      client.Sent(bytes.size(), Now());
      Drain();
      continue;
    }
    if (!live) break;
    const std::uint64_t now = Now();
    const std::uint64_t left =
        client.Deadline() > now ? client.Deadline() - now : 0;
    wake.expires_after(
        std::chrono::milliseconds(std::min<std::uint64_t>(left, 60'000)));
    co_await wake.async_wait(token);
    error = {};
    // Keep-alive; a dead connection has its last words sent, then ends.
    if (live && !HandleEvents()) live = false;
  }
  writing = false;
  // Wakes the reader.
  beast::get_lowest_layer(*stream).cancel();
}

// Everything that came; false if the connection is dead.
bool MqttLink::State::Take(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t taken = client.Input(bytes, Now());
    bytes = bytes.subspan(taken);
    if (!HandleEvents()) return false;
    // No room although nothing is left to handle: cannot be, unless dead.
    if (taken == 0 && client.input_room() == 0) return false;
  }
  return true;
}

bool MqttLink::State::HandleEvents() {
  for (;;) {
    const auto event = client.Poll(Now());
    if (!event.ok()) {
      ended = std::string(ErrorWords(event.error()));
      return false;
    }
    if (!*event) return true;
    Handle(**event);
    if (!live) return false;
  }
}

void MqttLink::State::Handle(const mqtt::Event& event) {
  using Kind = mqtt::Event::Kind;
  switch (event.kind) {
    case Kind::kConnected:
      return OnConnected();
    case Kind::kMessage:
      return on_message({event.message.topic, event.message.payload,
                         event.message.retain, event.receipt});
    case Kind::kSubscribed:
      if (mqtt::Failed(event.reason))
        Report(MqttState::kRefused, config.filters[next_filter - 1]);
      return SubscribeNext();
    case Kind::kPublished:
      return Drain();
    case Kind::kRefused:
    case Kind::kDisconnected:
      ended = "the broker ended it, reason " +
              std::to_string(static_cast<unsigned>(event.reason));
      Report(MqttState::kRefused, ended);
      live = false;
      return;
  }
}

void MqttLink::State::OnConnected() {
  attempts = 0;
  next_filter = 0;
  Report(MqttState::kConnected, config.address);
  SubscribeNext();
  Drain();
}

// One at a time, as the client holds one pending SUBSCRIBE.
void MqttLink::State::SubscribeNext() {
  if (next_filter >= config.filters.size()) return;
  if (client.Subscribe(config.filters[next_filter], 1).ok()) ++next_filter;
}

// Into the client's table what fits now.
void MqttLink::State::Drain() {
  while (!queue.empty()) {
    const Queued& first = queue.front();
    const auto sent =
        client.Publish(first.topic, first.payload, 1, first.retain);
    if (!sent.ok() && sent.error() == Error::kMqttBusy) return;
    queue.pop_front();
  }
}

MqttLink::MqttLink(asio::io_context& io, MqttConfig config, TlsContextPtr tls,
                   OnMessage on_message, OnState on_state)
    : state_(std::make_shared<State>(io, std::move(config), std::move(tls),
                                     std::move(on_message),
                                     std::move(on_state))) {}

MqttLink::~MqttLink() { Stop(); }

void MqttLink::Start() {
  asio::co_spawn(state_->io, state_->Run(), asio::detached);
}

void MqttLink::Stop() {
  State& state = *state_;
  if (state.stopping) return;
  state.stopping = true;
  state.pause.cancel();
  if (state.transport == nullptr) return;
  if (state.live && state.client.connected()) {
    // The writer sends it and ends, which ends the reader.
    (void)state.client.Disconnect();
    state.live = false;
    state.Wake();
    beast::get_lowest_layer(*state.transport).expires_after(kGoodByeTime);
  } else {
    beast::get_lowest_layer(*state.transport).cancel();
  }
}

bool MqttLink::connected() const { return state_->client.connected(); }

void MqttLink::Acknowledge(mqtt::Receipt receipt) {
  state_->client.Acknowledge(receipt);
  state_->Wake();
}

Status MqttLink::Publish(std::string_view topic, Bytes payload,
                         std::uint8_t qos, bool retain) {
  State& state = *state_;
  // What could never go may not wait either.
  if (topic.size() + payload.size() + kOverhead > state.config.max_packet)
    return Error::kMqttTooLarge;
  // Behind those that wait already: order is kept.
  if (qos == 0 || state.queue.empty()) {
    const auto sent = state.client.Publish(topic, payload, qos, retain);
    state.Wake();
    if (sent.ok()) return kDone;
    if (qos == 0 || sent.error() != Error::kMqttBusy) return sent.error();
  }
  if (state.queue.size() >= state.config.max_queued) return Error::kMqttBusy;
  state.queue.push_back({std::string(topic), ToBlob(payload), retain});
  return kDone;
}

std::size_t MqttLink::pending() const {
  return state_->queue.size() + state_->client.in_flight();
}

}  // namespace cai::host
