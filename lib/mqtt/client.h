// An MQTT 5 client without I/O and without a clock: bytes in, bytes out, time
// as a parameter. The caller owns the transport.
//
//   client.Open(now);                          // the transport is up
//   loop:
//     write client.Output(), then client.Sent(n)
//     client.Input(bytes just read, now)       // returns how many it took
//     while (auto event = client.Poll(now)) …  // until nullopt or an error
//     sleep until client.Deadline() at most
//   client.Close();                            // the transport is gone
//
// QoS 1 both ways. A message that came is acknowledged by Acknowledge(), which
// the application calls once it has committed the message, in any order; the
// PUBACKs leave in order of arrival (4.6). A message that goes stays in the
// in-flight table, encoded, until its PUBACK; after Close() and Open() it is
// sent again: as a duplicate if the server kept the session, else as new. So
// nothing published is lost while the object lives.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/mqtt/packet.h"

namespace cai::mqtt {

struct Config {
  std::string_view client_id = {};  // outlives the client
  bool clean_start = false;         // first Open() only
  std::uint32_t session_expiry_s = 0;
  std::uint16_t keep_alive_s = 60;            // 0: none
  std::uint16_t receive_maximum = 16;         // at most kMaxReceive
  std::uint32_t response_timeout_ms = 20000;  // CONNACK, PINGRESP
};

// Memory lent for the client's life. `input` bounds the packets the server may
// send (announced as Maximum Packet Size); `output` and each of the equal parts
// of `in_flight` bound the packets we send.
struct Storage {
  MutableBytes input;
  MutableBytes output;
  MutableBytes in_flight;
  std::size_t in_flight_count;  // at most kMaxInFlight
};

// Names one received message; stale (and ignored) once its connection ended,
// for then the server sends the message again.
struct Receipt {
  std::uint16_t connection = 0;
  std::uint16_t id = 0;  // 0: QoS 0, nothing to acknowledge
};

struct Event {
  enum class Kind : std::uint8_t {
    kConnected,     // session_present; reason is success
    kRefused,       // reason; close the transport
    kMessage,       // message, receipt
    kPublished,     // id, reason: the server owns it now, or failed it
    kSubscribed,    // id, reason (granted QoS, or a failure)
    kDisconnected,  // reason: by the server; close the transport
  };
  Kind kind;
  bool session_present = false;
  Reason reason = Reason::kSuccess;
  std::uint16_t id = 0;
  Receipt receipt = {};
  mqtt::Publish message =
      {};  // its bytes last until the next call of Poll or Input
};

class Client {
 public:
  static constexpr std::size_t kMaxReceive = 256;
  static constexpr std::size_t kMaxInFlight = 32;

  Client(const Config& config, const Storage& storage);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Queues CONNECT. Forgets unacknowledged receipts, keeps what is in flight.
  Status Open(std::uint64_t now_ms);
  void Close();
  bool connected() const { return state_ == State::kConnected; }

  // Takes what fits and returns how many; Poll() makes room for the rest.
  std::size_t Input(Bytes bytes, std::uint64_t now_ms);

  // How many bytes Input() would take now.
  std::size_t input_room() const {
    return input_.size() - (input_size_ - consumed_);
  }

  // The next thing that happened, or nullopt. Also keeps the connection alive:
  // call it at least at Deadline(). After an error (protocol violation or
  // time-out) the connection is dead: send Output(), which says why, and close.
  Result<std::optional<Event>> Poll(std::uint64_t now_ms);

  // What to send now. Valid until the next call of any other method.
  Bytes Output() const;
  void Sent(std::size_t size, std::uint64_t now_ms);

  // kMqttNotConnected, kMqttBusy (table or window full: retry after an event),
  // kMqttTooLarge (never will fit). QoS 1 returns the packet id that
  // kPublished will carry; QoS 0 returns 0. Copies topic and payload.
  // A QoS 1 message may be published while not connected: it waits.
  Result<std::uint16_t> Publish(std::string_view topic, Bytes payload,
                                std::uint8_t qos, bool retain = false);
  std::size_t in_flight() const { return in_flight_used_; }
  bool in_flight_full() const { return in_flight_used_ == in_flight_count_; }

  Result<std::uint16_t> Subscribe(std::string_view filter, std::uint8_t qos);

  // Commits one received message. Unknown or stale receipts are ignored.
  void Acknowledge(Receipt receipt, Reason reason = Reason::kSuccess);

  // Queues DISCONNECT; send Output(), then close the transport.
  Status Disconnect(Reason reason = Reason::kSuccess);

  // When Poll() must be called at the latest; UINT64_MAX if never.
  std::uint64_t Deadline() const;

 private:
  enum class State : std::uint8_t { kClosed, kConnecting, kConnected, kDead };
  struct Outgoing {
    std::uint16_t id = 0;  // 0: free
    bool sent = false;     // on this connection
    bool tried = false;    // on an earlier one
    std::uint16_t order = 0;
    std::size_t size = 0;
  };
  struct Incoming {
    std::uint16_t id = 0;
    bool acknowledged = false;
    Reason reason = Reason::kSuccess;
  };
  using MaybeEvent = std::optional<Event>;

  MutableBytes Slot(std::size_t index) const;
  MutableBytes Room() const { return output_.subspan(output_size_); }
  std::uint16_t NewId();
  Result<std::uint16_t> PublishNow(const mqtt::Publish& packet);
  Result<std::uint16_t> PublishQueued(mqtt::Publish& packet);
  bool IdInUse(std::uint16_t id) const;
  Status Fail(Error error, Reason reason);
  Status KeepAlive(std::uint64_t now_ms);
  std::uint64_t QuietSince() const;
  void Refill();
  void SendAcknowledgements();
  void SendPublishes();
  std::optional<std::size_t> NextToSend() const;
  std::optional<std::size_t> FreeSlot() const;
  bool Queue(Result<Bytes> encoded);
  void DropConsumed();
  Result<MaybeEvent> Handle(const Frame& frame);
  Result<MaybeEvent> OnConnack(const Frame& frame);
  Result<MaybeEvent> OnPublish(const Frame& frame);
  Result<MaybeEvent> OnPuback(const Frame& frame);
  Result<MaybeEvent> OnSuback(const Frame& frame);
  Result<MaybeEvent> OnDisconnect(const Frame& frame);
  Status Resume(bool session_present);
  Result<MaybeEvent> Failed(Error error);

  Config config_;
  MutableBytes input_, output_, in_flight_memory_;
  std::size_t in_flight_count_;

  State state_ = State::kClosed;
  Error failure_ = Error::kMqttNotConnected;
  bool opened_before_ = false;
  std::uint16_t connection_ = 0;
  std::size_t input_size_ = 0, consumed_ = 0, output_size_ = 0;

  std::array<Outgoing, kMaxInFlight> out_{};
  std::size_t in_flight_used_ = 0;
  std::size_t awaiting_ack_ = 0;  // sent on this connection, not yet acked
  std::uint16_t next_id_ = 1, next_order_ = 0;
  std::uint16_t subscribe_id_ = 0;  // 0: none pending

  std::array<Incoming, kMaxReceive> in_{};  // ring, order of arrival
  std::size_t in_first_ = 0, in_used_ = 0;

  // What the server granted.
  std::uint16_t send_maximum_ = 0;
  std::uint32_t send_size_ = 0;  // 0: no limit
  std::uint64_t keep_alive_ms_ = 0;

  std::uint64_t last_sent_ms_ = 0, last_received_ms_ = 0;
  std::uint64_t waiting_since_ms_ = 0;  // for CONNACK or PINGRESP
  bool waiting_ = false;
};

}  // namespace cai::mqtt
