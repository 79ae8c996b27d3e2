// One TCP connection over lwIP's raw API.
#pragma once

#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

struct tcp_pcb;
struct pbuf;

namespace cai::ns {

class TcpConnection {
 public:
  enum class State : std::uint8_t { kClosed, kConnecting, kOpen, kEnded };

  TcpConnection() = default;
  ~TcpConnection() { Close(); }
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // Begins; kNsNoMemory if lwIP has no connection to spare.
  Status Connect(const ByteArray<4>& ipv4, std::uint16_t port);
  void Close();

  // What was queued, what was taken out; 0 if nothing can be now.
  std::size_t Write(Bytes bytes);
  std::size_t Read(MutableBytes out);

  // kEnded: the peer closed or reset, or the connection was refused; received
  // bytes can still be read.
  State state() const { return state_; }
  bool readable() const { return received_ != nullptr; }

 private:
  friend struct TcpCallbacks;  // lwIP's, in the .cc

  tcp_pcb* pcb_ = nullptr;
  pbuf* received_ = nullptr;
  State state_ = State::kClosed;
};

}  // namespace cai::ns
