#include "host/common/http.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
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
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::seconds kEventKeepAlive{15};

// What Stop() needs of a connection.
struct Connection {
  beast::tcp_stream* socket = nullptr;
  bool idle = true;
};

std::string DateText() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

HttpRequest ToRequest(const http::request<http::string_body>& message,
                      const TlsPeer& peer) {
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
    return {500, "text/plain; charset=utf-8", "internal error\n"};
  }
}

http::response<http::string_body> ToMessage(HttpResponse response,
                                            bool keep_alive) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  if (!response.content_type.empty())
    message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.set(http::field::date, DateText());
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

// The answer to what is not a request, or too large a one; then we close.
std::optional<HttpResponse> Refusal(const error_code& error) {
  const std::string text = "text/plain; charset=utf-8";
  if (error == http::error::body_limit)
    return HttpResponse{413, text, "the body is too large\n"};
  if (error == http::error::header_limit)
    return HttpResponse{431, text, "the header is too large\n"};
  if (error.category() ==
          http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream &&
      error != http::error::partial_message)
    return HttpResponse{400, text, "400 Bad Request\n"};
  return std::nullopt;
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
  template <typename Stream>
  asio::awaitable<void> Serve(Stream& stream, Connection& connection,
                              TlsPeer peer);
  template <typename Stream>
  asio::awaitable<bool> ServeOne(Stream& stream, beast::flat_buffer& buffer,
                                 Connection& connection, const TlsPeer& peer);
  template <typename Stream>
  asio::awaitable<void> StreamEvents(Stream& stream, HttpResponse& response);
  bool AcceptPeer(bool verified, asio::ssl::verify_context& context);

  asio::io_context& io;
  HttpHandler handler;
  HttpLimits limits;
  std::function<bool(const TlsPeer&)> accept;
  std::optional<asio::ssl::context> tls;
  tcp::acceptor acceptor;
  std::set<Connection*> connections;
  bool stopping = false;
};

namespace {

// Keeps the set of connections true, however a coroutine ends.
class Registered {
 public:
  Registered(std::shared_ptr<HttpServer::State> state, Connection& connection)
      : state_(std::move(state)), connection_(connection) {
    state_->connections.insert(&connection_);
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  ~Registered() { state_->connections.erase(&connection_); }

 private:
  std::shared_ptr<HttpServer::State> state_;
  Connection& connection_;
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
  PlainStream stream(std::move(socket));
  Connection connection{&stream};
  const Registered registered(self, connection);
  co_await Serve(stream, connection, TlsPeer());
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
  TlsStream stream(std::move(socket), *tls);
  Connection connection{&beast::get_lowest_layer(stream)};
  const Registered registered(self, connection);
  error_code error;
  stream.set_verify_callback(
      [this](bool verified, asio::ssl::verify_context& context) {
        return AcceptPeer(verified, context);
      },
      error);
  beast::get_lowest_layer(stream).expires_after(limits.handshake);
  co_await stream.async_handshake(
      asio::ssl::stream_base::server,
      asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  const CertificatePtr certificate(
      SSL_get1_peer_certificate(stream.native_handle()));
  if (certificate == nullptr) co_return;
  co_await Serve(stream, connection, PeerOf(certificate.get()));
  beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(1));
  co_await stream.async_shutdown(
      asio::redirect_error(asio::use_awaitable, error));
}

template <typename Stream>
asio::awaitable<void> HttpServer::State::Serve(Stream& stream,
                                               Connection& connection,
                                               TlsPeer peer) {
  beast::flat_buffer buffer(limits.header_bytes + limits.body_bytes);
  bool more = true;
  while (more && !stopping)
    more = co_await ServeOne(stream, buffer, connection, peer);
}

// One request and its response; false if the connection shall end.
template <typename Stream>
asio::awaitable<bool> HttpServer::State::ServeOne(Stream& stream,
                                                  beast::flat_buffer& buffer,
                                                  Connection& connection,
                                                  const TlsPeer& peer) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  auto& socket = beast::get_lowest_layer(stream);

  // Idle until the first byte; from then on the whole request has one deadline,
  // so that a client which sends a byte now and then cannot stay.
  connection.idle = true;
  if (buffer.size() == 0) {
    socket.expires_after(limits.idle);
    const auto room = buffer.prepare(1024);
    const std::size_t n = co_await stream.async_read_some(room, token);
    if (error) co_return false;
    buffer.commit(n);
  }
  connection.idle = false;
  socket.expires_after(limits.request);

  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(limits.body_bytes);
  co_await http::async_read_header(stream, buffer, parser, token);
  if (!error && parser.get()[http::field::expect] == "100-continue") {
    http::response<http::empty_body> go_on{http::status::continue_, 11};
    co_await http::async_write(stream, go_on, token);
  }
  if (!error) co_await http::async_read(stream, buffer, parser, token);

  HttpResponse response;
  bool keep_alive = false;
  if (error) {
    auto refusal = Refusal(error);
    if (!refusal) co_return false;
    response = std::move(*refusal);
  } else {
    keep_alive = parser.get().keep_alive() && !stopping;
    response = Call(handler, ToRequest(parser.get(), peer));
  }

  socket.expires_after(limits.response);
  if (response.events) {
    co_await StreamEvents(stream, response);
    co_return false;
  }
  const bool head = !error && parser.get().method() == http::verb::head;
  auto message = ToMessage(std::move(response), keep_alive);
  http::response_serializer<http::string_body> serializer(message);
  if (head) {
    co_await http::async_write_header(stream, serializer, token);
  } else {
    co_await http::async_write(stream, serializer, token);
  }
  co_return !error && keep_alive;
}

template <typename Stream>
asio::awaitable<void> HttpServer::State::StreamEvents(Stream& stream,
                                                      HttpResponse& response) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  auto& socket = beast::get_lowest_layer(stream);
  http::response<http::empty_body> head;
  head.version(11);
  head.result(static_cast<unsigned>(response.status));
  head.set(http::field::content_type, response.content_type);
  head.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : response.headers) head.set(name, value);
  head.set(http::field::date, DateText());
  head.keep_alive(false);
  http::response_serializer<http::empty_body> serializer(head);
  co_await http::async_write_header(stream, serializer, token);

  std::string text = std::move(response.body);
  auto last_sent = std::chrono::steady_clock::now();
  while (!error && !stopping) {
    const auto now = std::chrono::steady_clock::now();
    if (text.empty() && now - last_sent > kEventKeepAlive) text = ": alive\n\n";
    if (!text.empty()) {
      socket.expires_after(limits.response);
      co_await asio::async_write(stream, asio::buffer(text), token);
      last_sent = now;
    }
    asio::steady_timer pause(io, std::chrono::milliseconds(response.poll_ms));
    if (!error) co_await pause.async_wait(token);
    if (!error) text = response.events();
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
  for (Connection* connection : state_->connections)
    if (connection->idle) connection->socket->cancel();
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
