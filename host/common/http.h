// A small HTTP/1.1 server, plain or mutual TLS, one thread, everything bounded.
//
// The handler is a plain function that runs on the thread of the io_context.
// The heavy headers stay in http.cc.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/common/tls.h"

namespace boost::asio {
class io_context;
}

namespace cai::host {

struct HttpRequest {
  std::string method;        // "GET"
  std::string path;          // as sent, without the query
  std::string query;         // behind the '?', or empty
  std::string content_type;  // as sent, or empty
  std::string body;
  TlsPeer peer;  // empty without TLS
  std::vector<std::pair<std::string, std::string>> headers;

  // Of the first header of that name in any case, or empty.
  std::string_view Header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  // not sent if empty
  std::string body;          // sent with Content-Length, never chunked
  std::vector<std::pair<std::string, std::string>> headers = {};

  // If set, the response is a stream (text/event-stream) without an end: after
  // `body` the server asks every `poll_ms` and sends what it gets, if not
  // empty, and a comment every 15 s. Ends when the client leaves.
  std::function<std::string()> events = {};
  int poll_ms = 200;
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpLimits {
  std::size_t header_bytes = 8192;
  std::size_t body_bytes = 16384;
  std::size_t connections = 256;
  // For the handshake; for a whole request; between two requests; for a client
  // that does not read its response.
  std::chrono::seconds handshake{10};
  std::chrono::seconds request{10};
  std::chrono::seconds idle{60};
  std::chrono::seconds response{10};
};

class HttpServer {
 public:
  // Plain if `tls` is null. `accept` decides in the handshake whether a peer
  // whose certificate verifies may talk here; null takes all.
  HttpServer(boost::asio::io_context& io, HttpHandler handler,
             HttpLimits limits = {}, TlsContextPtr tls = nullptr,
             std::function<bool(const TlsPeer&)> accept = nullptr);
  ~HttpServer();

  // Listens and serves from now on; port 0 takes a free one. Returns the port;
  // kHostInUse if somebody else listens there.
  Outcome<std::uint16_t> Listen(const std::string& address, std::uint16_t port);

  // Takes no new connection, closes idle ones; a request that is being
  // answered gets its answer.
  void Stop();

  struct State;

 private:
  std::shared_ptr<State> state_;
};

// The text of a status line ("Not Found").
std::string_view HttpReason(int status);

}  // namespace cai::host
