// HTTP/1.1 (RFC 9112) as the bootstrap server needs it: one request at a time
// on a connection that stays open; responses with Content-Length only, into
// memory of fixed size. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::ns::http {

// A whole request with an optional CBOR body; kNsHttpNoRoom if it does not fit.
// `host` has no port, as the LITE contract has it.
Result<Bytes> MakeRequest(std::string_view method, std::string_view path,
                          std::string_view host, Bytes body, MutableBytes out);

struct Response {
  int status = 0;
  Bytes body;          // in the parser's memory
  bool close = false;  // the server will close the connection
  std::string_view content_type;
};

// Collects a response. A header or body too large for the memory, chunked
// coding, conflicting lengths, or anything that is no response is refused.
class ResponseParser {
 public:
  explicit ResponseParser(MutableBytes memory) : memory_(memory) {}

  void Reset() { size_ = 0; }

  // Room for bytes to receive; Received() says how many came. Empty if full.
  MutableBytes Room() const { return memory_.subspan(size_); }
  void Received(std::size_t size) { size_ += size; }

  // nullopt: more is needed.
  Result<std::optional<Response>> Parse() const;

 private:
  MutableBytes memory_;
  std::size_t size_ = 0;
};

}  // namespace cai::ns::http
