#include "device/ns/tls/tls_stream.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "device/ns/platform/clock.h"
#include "device/ns/time.h"
#include "mbedtls/memory_buffer_alloc.h"
#include "mbedtls/platform_time.h"
#include "psa/crypto.h"

namespace cai::ns {
namespace {

// For one connection at a time; the shell's `status` tells the peak.
alignas(8) std::array<unsigned char, 32 * 1024> pool;
constexpr unsigned char kUntouched = 0xA5;

constexpr std::uint32_t kConnectMs = 10'000, kHandshakeMs = 30'000;

int Random(void*, unsigned char* out, std::size_t size) {
  return psa_generate_random(out, size) == PSA_SUCCESS
             ? 0
             : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

bool WouldWait(int code) {
  return code == MBEDTLS_ERR_SSL_WANT_READ ||
         code == MBEDTLS_ERR_SSL_WANT_WRITE ||
         code == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}

Error ErrorOf(int code) {
  switch (code) {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
      return Error::kNsServerCertificate;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return Error::kNsPeerAlert;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return Error::kNsConnection;
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
      return Error::kNsNoMemory;
    default:
      return Error::kNsTls;
  }
}

}  // namespace

void StartTls() {
  mbedtls_memory_buffer_alloc_init(pool.data(), pool.size());
  // Behind the allocator's first header.
  std::ranges::fill(std::span(pool).subspan(64), kUntouched);
}

// The allocator takes the first fit from below, so what lies above all that
// was ever written was never needed.
TlsMemory tls_memory() {
  std::size_t peak = pool.size();
  while (peak != 0 && pool[peak - 1] == kUntouched) --peak;
  return {peak, pool.size()};
}

Status TlsStream::Open(const Endpoint& endpoint, std::uint64_t now_ms) {
  Close();
  if (!UnixTime()) return Error::kNsNoTime;
  const Status configured = Configure(endpoint);
  if (!configured.ok()) {
    Release();
    return configured;
  }
  const Status connecting = tcp_.Connect(endpoint.ipv4, endpoint.port);
  if (!connecting.ok()) {
    Release();
    return connecting;
  }
  state_ = State::kOpening;
  handshaking_ = false;
  started_ms_ = now_ms;
  return kDone;
}

Status TlsStream::Configure(const Endpoint& endpoint) {
  mbedtls_ssl_init(&ssl_);
  mbedtls_ssl_config_init(&config_);
  mbedtls_x509_crt_init(&ca_);
  mbedtls_x509_crt_init(&own_);
  mbedtls_pk_init(&key_);
  held_ = true;
  // mbedtls_ssl_set_hostname() wants a C string.
  std::array<char, 65> host{};
  if (endpoint.host.empty() || endpoint.host.size() >= host.size())
    return Error::kNsConfiguration;
  std::ranges::copy(endpoint.host, host.begin());

  if (mbedtls_x509_crt_parse_der_nocopy(&ca_, AsU8(endpoint.ca_certificate),
                                        endpoint.ca_certificate.size()) != 0)
    return Error::kNsConfiguration;
  if (mbedtls_x509_crt_parse_der_nocopy(&own_, AsU8(endpoint.own_certificate),
                                        endpoint.own_certificate.size()) != 0 ||
      mbedtls_pk_setup_opaque(&key_, endpoint.own_key) != 0)
    return Error::kNsOwnCertificate;

  if (mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT,
                                  MBEDTLS_SSL_TRANSPORT_STREAM,
                                  MBEDTLS_SSL_PRESET_DEFAULT) != 0)
    return Error::kNsTls;
  mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(&config_, &ca_, nullptr);
  mbedtls_ssl_conf_rng(&config_, Random, nullptr);
  // TLS 1.2 tells the server; 1.3 servers here send small records anyway.
  (void)mbedtls_ssl_conf_max_frag_len(&config_, MBEDTLS_SSL_MAX_FRAG_LEN_4096);
  if (mbedtls_ssl_conf_own_cert(&config_, &own_, &key_) != 0 ||
      mbedtls_ssl_setup(&ssl_, &config_) != 0 ||
      mbedtls_ssl_set_hostname(&ssl_, host.data()) != 0)
    return Error::kNsNoMemory;
  mbedtls_ssl_set_bio(&ssl_, this, BioSend, BioReceive, nullptr);
  return kDone;
}

int TlsStream::BioSend(void* self, const unsigned char* data,
                       std::size_t size) {
  // Safety: `self` is what Configure() gave.
  TcpConnection& tcp = static_cast<TlsStream*>(self)->tcp_;
  const std::size_t taken = tcp.Write(AsBytes(data, size));
  if (taken != 0) return static_cast<int>(taken);
  return tcp.state() == TcpConnection::State::kOpen ? MBEDTLS_ERR_SSL_WANT_WRITE
                                                    : MBEDTLS_ERR_SSL_CONN_EOF;
}

int TlsStream::BioReceive(void* self, unsigned char* data, std::size_t size) {
  // Safety: as above; unsigned char viewed as std::byte.
  TcpConnection& tcp = static_cast<TlsStream*>(self)->tcp_;
  const std::size_t got = tcp.Read({reinterpret_cast<std::byte*>(data), size});
  if (got != 0) return static_cast<int>(got);
  return tcp.state() == TcpConnection::State::kOpen ? MBEDTLS_ERR_SSL_WANT_READ
                                                    : MBEDTLS_ERR_SSL_CONN_EOF;
}

bool TlsStream::Step(std::uint64_t now_ms) {
  if (state_ == State::kOpening)
    return handshaking_ ? Handshake(now_ms) : Connecting(now_ms);
  // Receive() finds out about anything else.
  return state_ == State::kOpen && tcp_.readable();
}

bool TlsStream::Connecting(std::uint64_t now_ms) {
  switch (tcp_.state()) {
    case TcpConnection::State::kOpen:
      handshaking_ = true;
      started_ms_ = now_ms;
      return true;
    case TcpConnection::State::kConnecting:
      if (now_ms - started_ms_ < kConnectMs) return false;
      Fail(Error::kNsTimeout);
      return true;
    default:
      Fail(Error::kNsConnection);
      return true;
  }
}

// One step at a time, so that console and timers stay alive between them.
bool TlsStream::Handshake(std::uint64_t now_ms) {
  const int code = mbedtls_ssl_handshake_step(&ssl_);
  if (WouldWait(code)) {
    if (now_ms - started_ms_ < kHandshakeMs) return false;
    Fail(Error::kNsTimeout);
    return true;
  }
  if (code != 0) {
    FailWith(code);
    return true;
  }
  if (mbedtls_ssl_is_handshake_over(&ssl_)) {
    state_ = State::kOpen;
    handshake_ms_ = static_cast<std::uint32_t>(now_ms - started_ms_);
  }
  return true;
}

void TlsStream::FailWith(int code) {
  last_code_ = code;
  verify_flags_ = mbedtls_ssl_get_verify_result(&ssl_);
  Fail(ErrorOf(code));
}

void TlsStream::Fail(Error error) {
  Release();
  state_ = State::kFailed;
  error_ = error;
}

std::size_t TlsStream::Send(Bytes bytes) {
  if (state_ != State::kOpen || bytes.empty()) return 0;
  // A record that could not leave must be finished before another begins, and
  // mbedtls_ssl_write() answers for as many bytes as it is given now.
  const std::size_t size =
      unfinished_ != 0 ? std::min(unfinished_, bytes.size()) : bytes.size();
  const int code = mbedtls_ssl_write(&ssl_, AsU8(bytes), size);
  if (code > 0) {
    unfinished_ = 0;
    return static_cast<std::size_t>(code);
  }
  if (WouldWait(code)) {
    unfinished_ = std::min<std::size_t>(size, MBEDTLS_SSL_OUT_CONTENT_LEN);
  } else {
    FailWith(code);
  }
  return 0;
}

std::size_t TlsStream::Receive(MutableBytes out) {
  if (state_ != State::kOpen || out.empty()) return 0;
  const int code = mbedtls_ssl_read(&ssl_, AsU8(out), out.size());
  if (code > 0) return static_cast<std::size_t>(code);
  if (code == 0) {
    Fail(Error::kNsConnection);
  } else if (!WouldWait(code)) {
    FailWith(code);
  }
  return 0;
}

void TlsStream::Close() {
  if (state_ == State::kOpen) (void)mbedtls_ssl_close_notify(&ssl_);
  Release();
  state_ = State::kClosed;
}

void TlsStream::Release() {
  tcp_.Close();
  unfinished_ = 0;
  if (!held_) return;
  mbedtls_ssl_free(&ssl_);
  mbedtls_ssl_config_free(&config_);
  mbedtls_x509_crt_free(&ca_);
  mbedtls_x509_crt_free(&own_);
  mbedtls_pk_free(&key_);
  held_ = false;
}

}  // namespace cai::ns

// What config_ns.h asks for. -1 is no time: certificates are then not valid.
extern "C" long long cai_ns_time(long long* now) {
  const auto time = cai::ns::UnixTime();
  const long long seconds = time ? static_cast<long long>(*time) : -1;
  if (now != nullptr) *now = seconds;
  return seconds;
}

extern "C" mbedtls_ms_time_t mbedtls_ms_time() {
  return static_cast<mbedtls_ms_time_t>(cai::ns::clock::NowMs());
}
