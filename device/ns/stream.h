// A byte stream to a server, driven from the main loop: nothing here waits.
// TlsStream is the device's; tests bring their own.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::ns {

// Whom to call, whom to expect there, and as whom. All outlive the stream's
// use.
struct Endpoint {
  ByteArray<4> ipv4{};
  std::uint16_t port = 0;
  std::string_view host;      // the certificate must bear this name
  Bytes ca_certificate;       // DER
  Bytes own_certificate;      // DER
  std::uint32_t own_key = 0;  // PSA key identifier
};

class Stream {
 public:
  enum class State : std::uint8_t { kClosed, kOpening, kOpen, kFailed };

  virtual ~Stream() = default;

  // From kClosed or kFailed. An error leaves it closed.
  virtual Status Open(const Endpoint& endpoint, std::uint64_t now_ms) = 0;

  // Does some of what there is to do. True if it got anywhere: then call again
  // before sleeping.
  virtual bool Step(std::uint64_t now_ms) = 0;

  // How many bytes were taken or given; 0 if none now, or not open.
  virtual std::size_t Send(Bytes bytes) = 0;
  virtual std::size_t Receive(MutableBytes out) = 0;

  virtual void Close() = 0;

  virtual State state() const = 0;
  virtual Error error() const = 0;  // if kFailed
};

}  // namespace cai::ns
