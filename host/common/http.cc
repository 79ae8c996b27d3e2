#include "host/common/http.h"

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <ctime>
#include <exception>
#include <set>

namespace cai::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::seconds kEventKeepAlive{15};
constexpr std::chrono::milliseconds kDrainTime{500};
constexpr std::size_t kDrainBytes = 65536;
constexpr const char* kTextType = "text/plain; charset=utf-8";

// A connection, plain or TLS. Not a template: the protocol above is compiled
// once, and compiling it is what costs.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual asio::awaitable<std::size_t> Read(asio::mutable_buffer into,
                                            error_code& error) = 0;
  virtual asio::awaitable<void> Write(asio::const_buffer bytes,
                                      error_code& error) = 0;
  virtual beast::tcp_stream& socket() = 0;
  bool idle = true;  // Stop() may end it
};

template <typename Stream>
class TransportOver : public Transport {
 public:
  template <typename... Args>
  explicit TransportOver(Args&&... args)
      : stream(std::forward<Args>(args)...) {}
  asio::awaitable<std::size_t> Read(asio::mutable_buffer into,
                                    error_code& error) override {
    co_return co_await stream.async_read_some(
        into, asio::redirect_error(asio::use_awaitable, error));
  }
  asio::awaitable<void> Write(asio::const_buffer bytes,
                              error_code& error) override {
    co_await asio::async_write(
        stream, bytes, asio::redirect_error(asio::use_awaitable, error));
  }
  beast::tcp_stream& socket() override {
    return beast::get_lowest_layer(stream);
  }
  Stream stream;
};

std::string DateText() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

HttpRequest ToRequest(const Parser::value_type& message, const TlsPeer& peer) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  for (const auto& field : message)
    request.headers.emplace_back(field.name_string(), field.value());
  request.content_type = request.Header("Content-Type");
  request.body = message.body();
  request.peer = peer;
  return request;
}

HttpResponse Call(const HttpHandler& handler, const HttpRequest& request) {
  // The request boundary: what a library throws ends here.
  try {
    return handler(request);
  } catch (const std::exception&) {
    return {500, kTextType, "internal error\n"};
  }
}

enum class Ending { kKeep, kClose, kStream };

// Status line and header. The order is LITE's: Content-Type, Date,
// Content-Length.
std::string Head(const HttpResponse& response, Ending ending) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += HttpReason(response.status);
  const auto field = [&head](std::string_view name, std::string_view value) {
    head += "\r\n";
    head += name;
    head += ": ";
    head += value;
  };
  if (!response.content_type.empty())
    field("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) field(name, value);
  field("Date", DateText());
  if (ending != Ending::kKeep) field("Connection", "close");
  if (ending != Ending::kStream)
    field("Content-Length", std::to_string(response.body.size()));
  return head + "\r\n\r\n";
}

// The answer to what is not a request, or too large a one; then we close.
HttpResponse Refusal(const error_code& error) {
  if (error == http::error::body_limit)
    return {413, kTextType, "the body is too large\n"};
  if (error == http::error::header_limit)
    return {431, kTextType, "the header is too large\n"};
  return {400, kTextType, "400 Bad Request\n"};
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(asio::io_context& context, HttpHandler handle, HttpLimits bounds,
        TlsContextPtr tls_context, std::function<bool(const TlsPeer&)> allow)
      : io(context),
        handler(std::move(handle)),
        limits(bounds),
        accept(std::move(allow)),
        acceptor(context) {
    if (tls_context != nullptr) tls.emplace(tls_context.release());
  }

  asio::awaitable<void> AcceptLoop();
  asio::awaitable<void> ServePlain(tcp::socket socket);
  asio::awaitable<void> ServeTls(tcp::socket socket);
  asio::awaitable<void> Serve(Transport& transport, TlsPeer peer);
  asio::awaitable<bool> ServeOne(Transport& transport,
                                 beast::flat_buffer& buffer,
                                 const TlsPeer& peer);
  asio::awaitable<bool> AwaitRequest(Transport& transport,
                                     beast::flat_buffer& buffer);
  asio::awaitable<bool> ReadRequest(Transport& transport,
                                    beast::flat_buffer& buffer, Parser& parser,
                                    error_code& refused);
  asio::awaitable<bool> Refuse(Transport& transport, const error_code& error);
  asio::awaitable<void> StreamEvents(Transport& transport,
                                     HttpResponse& response);
  bool AcceptPeer(bool verified, asio::ssl::verify_context& context);

  asio::io_context& io;
  HttpHandler handler;
  HttpLimits limits;
  std::function<bool(const TlsPeer&)> accept;
  std::optional<asio::ssl::context> tls;
  tcp::acceptor acceptor;
  std::set<Transport*> connections;
  bool stopping = false;
};

namespace {

// Keeps the set of connections true, however a coroutine ends.
class Registered {
 public:
  Registered(std::shared_ptr<HttpServer::State> state, Transport& transport)
      : state_(std::move(state)), transport_(transport) {
    state_->connections.insert(&transport_);
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  ~Registered() { state_->connections.erase(&transport_); }

 private:
  std::shared_ptr<HttpServer::State> state_;
  Transport& transport_;
};

}  // namespace

asio::awaitable<void> HttpServer::State::AcceptLoop() {
  const auto self = shared_from_this();
  while (!stopping) {
    error_code error;
    tcp::socket socket = co_await acceptor.async_accept(
        asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, most likely: wait for connections to end.
      asio::steady_timer pause(io, std::chrono::milliseconds(100));
      co_await pause.async_wait(
          asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (connections.size() >= limits.connections) continue;  // closes it
    socket.set_option(tcp::no_delay(true), error);
    if (tls) {
      asio::co_spawn(io, ServeTls(std::move(socket)), asio::detached);
    } else {
      asio::co_spawn(io, ServePlain(std::move(socket)), asio::detached);
    }
  }
}

asio::awaitable<void> HttpServer::State::ServePlain(tcp::socket socket) {
  const auto self = shared_from_this();
  TransportOver<beast::tcp_stream> transport(std::move(socket));
  const Registered registered(self, transport);
  co_await Serve(transport, TlsPeer());
}

bool HttpServer::State::AcceptPeer(bool verified,
                                   asio::ssl::verify_context& context) {
  X509_STORE_CTX* store = context.native_handle();
  if (!verified || X509_STORE_CTX_get_error_depth(store) != 0) return verified;
  if (!accept || accept(PeerOf(X509_STORE_CTX_get_current_cert(store))))
    return true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return false;
}

asio::awaitable<void> HttpServer::State::ServeTls(tcp::socket socket) {
  const auto self = shared_from_this();
  TransportOver<TlsStream> transport(std::move(socket), *tls);
  TlsStream& stream = transport.stream;
  const Registered registered(self, transport);
  error_code error;
  stream.set_verify_callback(
      [this](bool verified, asio::ssl::verify_context& context) {
        return AcceptPeer(verified, context);
      },
      error);
  transport.socket().expires_after(limits.handshake);
  co_await stream.async_handshake(
      asio::ssl::stream_base::server,
      asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  const CertificatePtr certificate(
      SSL_get1_peer_certificate(stream.native_handle()));
  if (certificate == nullptr) co_return;
  co_await Serve(transport, PeerOf(certificate.get()));
  transport.socket().expires_after(std::chrono::seconds(1));
  co_await stream.async_shutdown(
      asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<void> HttpServer::State::Serve(Transport& transport,
                                               TlsPeer peer) {
  beast::flat_buffer buffer(limits.header_bytes + limits.body_bytes);
  bool more = true;
  while (more && !stopping) more = co_await ServeOne(transport, buffer, peer);
}

// The first byte of a request; false if none comes.
asio::awaitable<bool> HttpServer::State::AwaitRequest(
    Transport& transport, beast::flat_buffer& buffer) {
  if (buffer.size() != 0) co_return true;  // sent ahead
  error_code error;
  transport.idle = true;
  transport.socket().expires_after(limits.idle);
  const auto room = buffer.prepare(1024);
  buffer.commit(co_await transport.Read(room, error));
  transport.idle = false;
  co_return !error;
}

// The rest of it, into `parser`; false if the client left. `refused` says what
// is wrong with it.
asio::awaitable<bool> HttpServer::State::ReadRequest(Transport& transport,
                                                     beast::flat_buffer& buffer,
                                                     Parser& parser,
                                                     error_code& refused) {
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(limits.body_bytes);
  bool told_to_go_on = false;
  for (;;) {
    error_code error;
    buffer.consume(parser.put(buffer.data(), error));
    if (error && error != http::error::need_more) {
      refused = error;
      co_return true;
    }
    if (parser.is_done()) co_return true;
    const bool asks =
        parser.is_header_done() &&
        beast::iequals(parser.get()[http::field::expect], "100-continue");
    if (asks && !std::exchange(told_to_go_on, true))
      co_await transport.Write(
          asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")),
          error);
    if (buffer.size() >= limits.header_bytes) {
      refused = http::error::header_limit;
      co_return true;
    }
    const auto room = buffer.prepare(2048);
    buffer.commit(co_await transport.Read(room, error));
    if (error) co_return false;
  }
}

// One request and its response; false if the connection shall end.
asio::awaitable<bool> HttpServer::State::ServeOne(Transport& transport,
                                                  beast::flat_buffer& buffer,
                                                  const TlsPeer& peer) {
  const bool begun = co_await AwaitRequest(transport, buffer);
  if (!begun) co_return false;

  // The whole request has one deadline, so that a client which sends a byte now
  // and then cannot stay.
  transport.socket().expires_after(limits.request);
  Parser parser;
  error_code error;
  const bool whole = co_await ReadRequest(transport, buffer, parser, error);
  if (!whole) co_return false;
  if (error) co_return co_await Refuse(transport, error);

  const Parser::value_type& message = parser.get();
  const bool keep_alive = message.keep_alive() && !stopping;
  HttpResponse response = Call(handler, ToRequest(message, peer));
  transport.socket().expires_after(limits.response);
  if (response.events) {
    co_await StreamEvents(transport, response);
    co_return false;
  }
  std::string text =
      Head(response, keep_alive ? Ending::kKeep : Ending::kClose);
  if (message.method() != http::verb::head) text += response.body;
  co_await transport.Write(asio::buffer(text), error);
  co_return !error && keep_alive;
}

asio::awaitable<bool> HttpServer::State::Refuse(Transport& transport,
                                                const error_code& why) {
  error_code error;
  const HttpResponse response = Refusal(why);
  transport.socket().expires_after(limits.response);
  const std::string text = Head(response, Ending::kClose) + response.body;
  co_await transport.Write(asio::buffer(text), error);
  // Take what the client still sends: with unread bytes the system would reset
  // the connection, and our answer could get lost.
  transport.socket().expires_after(kDrainTime);
  std::array<char, 4096> rest;
  for (std::size_t all = 0; !error && all < kDrainBytes;)
    all += co_await transport.Read(asio::buffer(rest), error);
  co_return false;
}

asio::awaitable<void> HttpServer::State::StreamEvents(Transport& transport,
                                                      HttpResponse& response) {
  error_code error;
  response.headers.emplace_back("Cache-Control", "no-store");
  std::string text = Head(response, Ending::kStream) + response.body;
  auto last_sent = std::chrono::steady_clock::now();
  while (!error && !stopping) {
    const auto now = std::chrono::steady_clock::now();
    if (text.empty() && now - last_sent > kEventKeepAlive) text = ": alive\n\n";
    if (!text.empty()) {
      transport.socket().expires_after(limits.response);
      co_await transport.Write(asio::buffer(text), error);
      last_sent = now;
    }
    asio::steady_timer pause(io, std::chrono::milliseconds(response.poll_ms));
    error_code ignored;
    co_await pause.async_wait(
        asio::redirect_error(asio::use_awaitable, ignored));
    text = response.events();
  }
}

HttpServer::HttpServer(asio::io_context& io, HttpHandler handler,
                       HttpLimits limits, TlsContextPtr tls,
                       std::function<bool(const TlsPeer&)> accept)
    : state_(std::make_shared<State>(io, std::move(handler), limits,
                                     std::move(tls), std::move(accept))) {}

HttpServer::~HttpServer() { Stop(); }

Outcome<std::uint16_t> HttpServer::Listen(const std::string& address,
                                          std::uint16_t port) {
  const std::string where = address + ":" + std::to_string(port);
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (error) return Problem(Error::kHostUsage, "the address " + address);
  auto& acceptor = state_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use)
    return Problem(Error::kHostInUse, "port " + where,
                   "stop what listens there, or give another port");
  if (error == asio::error::access_denied)
    return Problem(Error::kHostNetwork, "port " + where + " needs privileges",
                   "give a port above 1023");
  if (error)
    return Problem(Error::kHostNetwork, where + ": " + error.message());
  const std::uint16_t bound = acceptor.local_endpoint().port();
  asio::co_spawn(state_->io, state_->AcceptLoop(), asio::detached);
  return bound;
}

void HttpServer::Stop() {
  if (state_->stopping) return;
  state_->stopping = true;
  error_code error;
  state_->acceptor.close(error);
  for (Transport* transport : state_->connections)
    if (transport->idle) transport->socket().cancel();
}

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (beast::iequals(key, name)) return value;
  return {};
}

std::string_view HttpReason(int status) {
  return http::obsolete_reason(static_cast<http::status>(status));
}

}  // namespace cai::host
