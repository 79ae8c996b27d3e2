// The device's MQTT connection: dials the broker as itself, for ever, with
// growing pauses; subscribes to its downlink; takes messages to publish.
//
// Session: kept by the broker for a day, so that after a lost connection what
// the service said meanwhile arrives, and what was published and not yet
// acknowledged is sent again (lib/mqtt/client.h). The first connection of a
// boot starts clean: a challenge or command of an earlier boot means nothing in
// this one, and hello asks anew. A downlink message is
// acknowledged when the listener has returned.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/ns/backoff.h"
#include "device/ns/stream.h"
#include "lib/mqtt/client.h"

namespace cai::ns {

// Where a message goes: cai/<uuid>/s, /r.
enum class Channel : std::uint8_t { kSession, kReading };

// What the uplink needs of a link.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Connected and subscribed.
  virtual bool ready() const = 0;
  // No room for another message now.
  virtual bool full() const = 0;
  // QoS 1, kept until the broker has it, connected or not. Returns its number,
  // which the listener hears of again. kNsUplinkFull if full().
  virtual Result<std::uint16_t> Publish(Channel channel, Bytes message) = 0;
};

class LinkListener {
 public:
  virtual ~LinkListener() = default;
  virtual void OnReady() = 0;
  virtual void OnDownlink(Bytes message) = 0;
  // The broker has it, or refused it: its reason.
  virtual void OnPublished(std::uint16_t number, mqtt::Reason reason) = 0;
};

class Link final : public Publisher {
 public:
  static constexpr std::size_t kMaxMessage = 2048;
  static constexpr std::size_t kInFlight = 32;

  enum class State : std::uint8_t {
    kStopped,
    kWaiting,
    kDialling,
    kGreeting,
    kSubscribing,
    kReady,
  };

  // All three outlive the link. `uuid`: lower case with hyphens.
  Link(Stream& stream, LinkListener& listener, std::string_view uuid);

  // Dials at once. The endpoint's memory outlives the connection.
  void Start(const Endpoint& broker, std::uint64_t now_ms);
  // Drops the connection; keeps what is in flight.
  void Stop();

  // True if it got anywhere: call again before sleeping. `random`: fresh, for
  // jitter.
  bool Advance(std::uint64_t now_ms, std::uint32_t random);
  std::uint64_t Deadline() const;

  bool ready() const override { return state_ == State::kReady; }
  bool full() const override { return client_.in_flight_full(); }
  Result<std::uint16_t> Publish(Channel channel, Bytes message) override;

  State state() const { return state_; }
  // Why the last connection ended, and the broker's reason if it gave one.
  Error error() const { return error_; }
  mqtt::Reason reason() const { return reason_; }
  std::size_t in_flight() const { return client_.in_flight(); }
  std::uint32_t connections() const { return connections_; }

  // How often in a row the broker turned us away for who we are: by a fatal
  // alert after the handshake, or by CONNACK. A sign to enrol again.
  int refusals() const { return refusals_; }

 private:
  struct Topic {
    char text[48];  // "cai/" + 36 + "/x"
    std::size_t size = 0;
    std::string_view view() const { return {text, size}; }
  };
  static Topic MakeTopic(std::string_view uuid, char last);

  void Dial(std::uint64_t now_ms);
  bool Exchange(std::uint64_t now_ms);
  bool SendSome(std::uint64_t now_ms);
  bool ReceiveSome(std::uint64_t now_ms);
  bool HandleEvents(std::uint64_t now_ms);
  void Handle(const mqtt::Event& event);
  void Drop(Error error);

  Stream& stream_;
  LinkListener& listener_;
  Topic session_, reading_, downlink_;
  Endpoint broker_;
  State state_ = State::kStopped;
  bool retry_pending_ = false;  // dropped; the pause is yet to be drawn
  std::uint64_t since_ms_ = 0, retry_at_ms_ = 0;
  Backoff backoff_{1'000, 60'000};
  Error error_ = Error::kNsNotReady;
  mqtt::Reason reason_ = mqtt::Reason::kSuccess;
  int refusals_ = 0;
  std::uint32_t connections_ = 0;

  // A message, its topic, and what MQTT puts around them.
  static constexpr std::size_t kSlot = kMaxMessage + 64;
  ByteArray<4096> input_{};
  ByteArray<2 * kSlot> output_{};
  ByteArray<kInFlight * kSlot> in_flight_{};
  mqtt::Client client_;
};

}  // namespace cai::ns
