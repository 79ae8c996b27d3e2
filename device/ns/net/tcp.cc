#include "device/ns/net/tcp.h"

#include <algorithm>
#include <cstring>

#include "lwip/pbuf.h"
#include "lwip/tcp.h"

namespace cai::ns {

// Safety: `self` is what tcp_arg() was given, and lwIP forgets it before the
// object dies (Close()).
struct TcpCallbacks {
  static TcpConnection& Of(void* self) {
    return *static_cast<TcpConnection*>(self);
  }

  static err_t Connected(void* self, tcp_pcb*, err_t) {
    Of(self).state_ = TcpConnection::State::kOpen;
    return ERR_OK;
  }

  static err_t Received(void* self, tcp_pcb*, pbuf* packet, err_t) {
    TcpConnection& connection = Of(self);
    if (packet == nullptr) {
      connection.state_ = TcpConnection::State::kEnded;
    } else if (connection.received_ == nullptr) {
      connection.received_ = packet;
    } else {
      pbuf_cat(connection.received_, packet);  // at most TCP_WND
    }
    return ERR_OK;
  }

  // The pcb is gone already.
  static void Failed(void* self, err_t) {
    TcpConnection& connection = Of(self);
    connection.pcb_ = nullptr;
    connection.state_ = TcpConnection::State::kEnded;
  }
};

Status TcpConnection::Connect(const ByteArray<4>& ipv4, std::uint16_t port) {
  Close();
  pcb_ = tcp_new();
  if (pcb_ == nullptr) return Error::kNsNoMemory;
  tcp_arg(pcb_, this);
  tcp_recv(pcb_, TcpCallbacks::Received);
  tcp_err(pcb_, TcpCallbacks::Failed);
  tcp_nagle_disable(pcb_);
  pcb_->so_options |= SOF_KEEPALIVE;

  ip_addr_t address;
  std::memcpy(&address.addr, ipv4.data(), ipv4.size());  // network order
  state_ = State::kConnecting;
  if (tcp_connect(pcb_, &address, port, TcpCallbacks::Connected) != ERR_OK) {
    Close();
    return Error::kNsNoMemory;
  }
  return kDone;
}

void TcpConnection::Close() {
  if (received_ != nullptr) pbuf_free(received_);
  received_ = nullptr;
  state_ = State::kClosed;
  if (pcb_ == nullptr) return;
  tcp_arg(pcb_, nullptr);
  tcp_recv(pcb_, nullptr);
  tcp_err(pcb_, nullptr);
  if (tcp_close(pcb_) != ERR_OK) tcp_abort(pcb_);
  pcb_ = nullptr;
}

std::size_t TcpConnection::Write(Bytes bytes) {
  if (state_ != State::kOpen || pcb_ == nullptr) return 0;
  const std::size_t size =
      std::min<std::size_t>(bytes.size(), tcp_sndbuf(pcb_));
  if (size == 0) return 0;
  if (tcp_write(pcb_, bytes.data(), static_cast<u16_t>(size),
                TCP_WRITE_FLAG_COPY) != ERR_OK)
    return 0;
  tcp_output(pcb_);
  return size;
}

std::size_t TcpConnection::Read(MutableBytes out) {
  if (received_ == nullptr) return 0;
  const auto size =
      static_cast<u16_t>(std::min<std::size_t>(out.size(), received_->tot_len));
  pbuf_copy_partial(received_, out.data(), size, 0);
  received_ = pbuf_free_header(received_, size);
  if (pcb_ != nullptr) tcp_recved(pcb_, size);
  return size;
}

}  // namespace cai::ns
