// TLS 1.3 or 1.2 over TCP, with mutual authentication: Mbed TLS without a
// private key, which stays in the secure side as an opaque PSA key.
// The server's chain must end in the endpoint's CA, bear the endpoint's host
// name and be valid now; without a valid time Open() refuses.
#pragma once

#include "device/ns/net/tcp.h"
#include "device/ns/stream.h"
#include "mbedtls/ssl.h"
#include "mbedtls/x509_crt.h"

namespace cai::ns {

// Once, before the first stream: gives Mbed TLS its memory.
void StartTls();

// How far into the pool any use ever reached, and its size.
struct TlsMemory {
  std::size_t peak, size;
};
TlsMemory tls_memory();

class TlsStream final : public Stream {
 public:
  TlsStream() = default;
  ~TlsStream() override { Close(); }
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Status Open(const Endpoint& endpoint, std::uint64_t now_ms) override;
  bool Step(std::uint64_t now_ms) override;
  std::size_t Send(Bytes bytes) override;
  std::size_t Receive(MutableBytes out) override;
  void Close() override;
  State state() const override { return state_; }
  Error error() const override { return error_; }

  // Of the last handshake: milliseconds, and flags of x509_crt.h if refused.
  std::uint32_t handshake_ms() const { return handshake_ms_; }
  std::uint32_t verify_flags() const { return verify_flags_; }
  int last_code() const { return last_code_; }  // Mbed TLS's

 private:
  static int BioSend(void* self, const unsigned char* data, std::size_t size);
  static int BioReceive(void* self, unsigned char* data, std::size_t size);

  Status Configure(const Endpoint& endpoint);
  bool Connecting(std::uint64_t now_ms);
  bool Handshake(std::uint64_t now_ms);
  void Fail(Error error);
  void FailWith(int code);
  void Release();

  TcpConnection tcp_;
  mbedtls_ssl_context ssl_;
  mbedtls_ssl_config config_;
  mbedtls_x509_crt ca_, own_;
  mbedtls_pk_context key_;
  bool held_ = false;  // the five above are initialised

  State state_ = State::kClosed;
  Error error_ = Error::kNsConnection;
  bool handshaking_ = false;
  std::uint64_t started_ms_ = 0;
  std::uint32_t handshake_ms_ = 0, verify_flags_ = 0;
  int last_code_ = 0;
  std::size_t unfinished_ = 0;  // bytes of a Send() that TLS holds already
};

}  // namespace cai::ns
