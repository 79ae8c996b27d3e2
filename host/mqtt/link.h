// A connection to an MQTT 5 broker over mutual TLS that mends itself.
//
// One thread, the one of the io_context. QoS 1 both ways: a message that comes
// is acknowledged by the application once it has committed it, so a crash in
// between brings it again; a message that goes is kept until the broker has it,
// also over reconnects. The heavy headers stay in link.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/common/tls.h"
#include "lib/mqtt/client.h"

namespace boost::asio {
class io_context;
}

namespace cai::host {

struct MqttConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string verify_name = "broker.cai.local";  // in the broker's certificate
  std::string client_id;
  // Subscribed anew at each connection; QoS 1.
  std::vector<std::string> filters = {};
  // How long the broker keeps our session (and queues for us) while we are
  // away.
  std::uint32_t session_expiry_s = 0;
  std::uint16_t keep_alive_s = 30;
  std::uint16_t receive_maximum = 64;  // unacknowledged at a time
  std::size_t max_packet = 8192;       // either way
  std::size_t max_queued = 1024;       // to go, beyond those in flight
  int first_pause_ms = 250;            // between attempts, doubling
  int last_pause_ms = 10'000;
};

// Views that last during the call.
struct MqttMessage {
  std::string_view topic;
  Bytes payload;
  bool retain = false;
  mqtt::Receipt receipt;  // for Acknowledge; may be kept
};

enum class MqttState { kConnected, kLost, kRefused };

class MqttLink {
 public:
  using OnMessage = std::function<void(const MqttMessage&)>;
  // `why` is for a log.
  using OnState = std::function<void(MqttState, const std::string& why)>;

  MqttLink(boost::asio::io_context& io, MqttConfig config, TlsContextPtr tls,
           OnMessage on_message, OnState on_state = nullptr);
  ~MqttLink();

  // Connects, and again whenever the connection is lost, until Stop().
  void Start();
  // Says good-bye, at most one second long.
  void Stop();
  bool connected() const;

  // After the message was committed. A receipt of an earlier connection is
  // ignored: the broker sends that message again.
  void Acknowledge(mqtt::Receipt receipt);

  // QoS 1 is queued while there is no connection; kMqttBusy if the queue is
  // full, kMqttTooLarge. QoS 0 is for now or never (kMqttNotConnected).
  Status Publish(std::string_view topic, Bytes payload, std::uint8_t qos = 1,
                 bool retain = false);
  // Messages that the broker has not taken yet.
  std::size_t pending() const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cai::host
