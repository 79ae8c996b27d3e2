#include "device/ns/link/link.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "device/ns/testing/fake_stream.h"

namespace cai::ns {
namespace {

using testing::FakeStream;

constexpr std::string_view kUuid = "01234567-89ab-cdef-0123-456789abcdef";

struct Listener : LinkListener {
  void OnReady() override { ++ready; }
  void OnDownlink(Bytes message) override {
    downlinks.emplace_back(AsText(message));
  }
  void OnPublished(std::uint16_t number, mqtt::Reason reason) override {
    published.emplace_back(number, reason);
  }
  int ready = 0;
  std::vector<std::string> downlinks;
  std::vector<std::pair<std::uint16_t, mqtt::Reason>> published;
};

class LinkTest : public ::testing::Test {
 protected:
  void Run() {
    while (link_.Advance(now_, 0)) {
    }
  }
  // The packets that the device sent since the last call.
  std::vector<std::string> Packets() {
    Run();
    std::vector<std::string> out;
    while (true) {
      const auto frame = mqtt::NextFrame(AsBytes(stream_.from_device), 8192);
      EXPECT_TRUE(frame.ok());
      if (!frame.ok() || !*frame) return out;
      out.push_back(stream_.from_device.substr(0, (*frame)->size));
      stream_.from_device.erase(0, (*frame)->size);
    }
  }
  // Keeps the packet, which what is decoded points into.
  mqtt::Frame FrameOf(const std::string& packet) {
    kept_.push_back(packet);
    return **mqtt::NextFrame(AsBytes(kept_.back()), 8192);
  }
  template <typename Packet>
  void Broker(const Packet& packet) {
    ByteArray<4096> memory;
    const auto bytes = mqtt::Encode(packet, memory);
    ASSERT_TRUE(bytes.ok());
    stream_.to_device += AsText(*bytes);
    Run();
  }
  void Connect(bool session_present = false) {
    ASSERT_EQ(Packets().size(), 1u);  // CONNECT
    Broker(mqtt::Connack{.session_present = session_present});
    const auto packets = Packets();
    std::uint16_t id = 0;
    for (const std::string& packet : packets)
      if (FrameOf(packet).type == mqtt::Type::kSubscribe)
        id = mqtt::DecodeSubscribe(FrameOf(packet))->id;
    ASSERT_NE(id, 0);
    Broker(mqtt::Suback{id, 1});
    ASSERT_TRUE(link_.ready());
  }
  void Start() { link_.Start({}, now_); }
  void Downlink(std::string_view topic, std::uint16_t id) {
    mqtt::Publish publish;
    publish.topic = topic;
    publish.payload = AsBytes("message");
    publish.qos = 1;
    publish.id = id;
    Broker(publish);
  }

  std::deque<std::string> kept_;
  std::uint64_t now_ = 100'000;
  FakeStream stream_;
  Listener listener_;
  Link link_{stream_, listener_, kUuid};
};

TEST_F(LinkTest, GreetsAsTheDeviceAndSubscribesToItsDownlink) {
  Start();
  const auto packets = Packets();
  ASSERT_EQ(packets.size(), 1u);
  const auto connect = mqtt::DecodeConnect(FrameOf(packets[0]));
  ASSERT_TRUE(connect.ok());
  EXPECT_EQ(connect->client_id, kUuid);
  EXPECT_TRUE(connect->clean_start);
  EXPECT_EQ(connect->session_expiry_s, 86400u);

  Broker(mqtt::Connack{});
  const auto subscribe = mqtt::DecodeSubscribe(FrameOf(Packets().at(0)));
  ASSERT_TRUE(subscribe.ok());
  EXPECT_EQ(subscribe->filter, "cai/" + std::string(kUuid) + "/d");
  EXPECT_EQ(subscribe->qos, 1);
  EXPECT_EQ(listener_.ready, 0);
  Broker(mqtt::Suback{subscribe->id, 1});
  EXPECT_EQ(listener_.ready, 1);
}

TEST_F(LinkTest, Publish_GoesToTheChannelsTopic) {
  Start();
  Connect();
  ASSERT_TRUE(link_.Publish(Channel::kSession, AsBytes("s")).ok());
  const auto number = link_.Publish(Channel::kReading, AsBytes("r"));
  ASSERT_TRUE(number.ok());
  const auto packets = Packets();
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(mqtt::DecodePublish(FrameOf(packets[0]))->topic,
            "cai/" + std::string(kUuid) + "/s");
  EXPECT_EQ(mqtt::DecodePublish(FrameOf(packets[1]))->topic,
            "cai/" + std::string(kUuid) + "/r");
  Broker(mqtt::Puback{*number, mqtt::Reason::kNoMatchingSubscribers});
  ASSERT_EQ(listener_.published.size(), 1u);
  EXPECT_EQ(listener_.published[0].first, *number);
}

TEST_F(LinkTest, Downlink_IsAcknowledgedAfterTheListener) {
  Start();
  Connect();
  Downlink("cai/" + std::string(kUuid) + "/d", 3);
  EXPECT_EQ(listener_.downlinks, std::vector<std::string>{"message"});
  EXPECT_EQ(mqtt::DecodePuback(FrameOf(Packets().at(0)))->id, 3);
}

TEST_F(LinkTest, AnotherTopic_IsNotHandedOn) {
  Start();
  Connect();
  Downlink("cai/ffffffff-89ab-cdef-0123-456789abcdef/d", 3);
  EXPECT_TRUE(listener_.downlinks.empty());
}

TEST_F(LinkTest, AfterADrop_SendsAgainWhatWasNotAcknowledged) {
  Start();
  Connect();
  ASSERT_TRUE(link_.Publish(Channel::kReading, AsBytes("r")).ok());
  Packets();
  stream_.Fail(Error::kNsConnection);
  Run();
  EXPECT_EQ(link_.state(), Link::State::kWaiting);
  EXPECT_EQ(link_.error(), Error::kNsConnection);
  now_ = link_.Deadline();
  const auto connect = Packets();
  ASSERT_EQ(connect.size(), 1u);
  EXPECT_FALSE(mqtt::DecodeConnect(FrameOf(connect[0]))->clean_start);
  Broker(mqtt::Connack{.session_present = true});
  bool again = false;
  for (const std::string& packet : Packets())
    if (FrameOf(packet).type == mqtt::Type::kPublish)
      again = mqtt::DecodePublish(FrameOf(packet))->dup;
  EXPECT_TRUE(again);
}

TEST_F(LinkTest, PublishesTakenWhileAway_LeaveLater) {
  Start();
  stream_.stuck = true;
  Run();
  for (std::size_t i = 0; i < Link::kInFlight; ++i)
    ASSERT_TRUE(link_.Publish(Channel::kReading, AsBytes("r")).ok());
  EXPECT_TRUE(link_.full());
  EXPECT_EQ(link_.Publish(Channel::kReading, AsBytes("r")).error(),
            Error::kNsUplinkFull);
  stream_.stuck = false;
  Connect();
  EXPECT_EQ(link_.in_flight(), Link::kInFlight);
}

TEST_F(LinkTest, Pauses_GrowUpToAMinute) {
  stream_.open_error = Error::kNsNoMemory;
  Start();
  std::vector<std::uint64_t> pauses;
  for (int i = 0; i < 9; ++i) {
    Run();
    pauses.push_back(link_.Deadline() - now_);
    now_ = link_.Deadline();
  }
  // `random` is 0 here, so each is half of the doubling time.
  EXPECT_EQ(pauses, (std::vector<std::uint64_t>{500, 1000, 2000, 4000, 8000,
                                                16000, 30000, 30000, 30000}));
}

TEST_F(LinkTest, RefusalsInARow_AreCounted) {
  Start();
  for (int i = 1; i <= 3; ++i) {
    Packets();
    Broker(mqtt::Connack{.reason = mqtt::Reason::kNotAuthorized});
    EXPECT_EQ(link_.refusals(), i);
    now_ = link_.Deadline();
  }
  Connect();
  EXPECT_EQ(link_.refusals(), 0);
}

TEST_F(LinkTest, AlertBeforeConnack_IsARefusal) {
  Start();
  Packets();
  stream_.Fail(Error::kNsPeerAlert);
  Run();
  EXPECT_EQ(link_.refusals(), 1);
}

TEST_F(LinkTest, AlertWhileReady_IsNone) {
  Start();
  Connect();
  stream_.Fail(Error::kNsPeerAlert);
  Run();
  EXPECT_EQ(link_.refusals(), 0);
}

TEST_F(LinkTest, BrokerOutOfService_IsNoRefusal) {
  Start();
  Packets();
  Broker(mqtt::Connack{.reason = mqtt::Reason::kServerUnavailable});
  EXPECT_EQ(link_.refusals(), 0);
  EXPECT_EQ(link_.state(), Link::State::kWaiting);
}

TEST_F(LinkTest, Nonsense_IsAnsweredWithDisconnect) {
  Start();
  Connect();
  Packets();
  stream_.to_device = std::string(4, '\0');
  stream_.chunk = 4096;
  link_.Advance(now_, 0);
  EXPECT_EQ(link_.state(), Link::State::kWaiting);
  EXPECT_EQ(link_.error(), Error::kMqttMalformed);
  EXPECT_EQ(static_cast<unsigned char>(stream_.from_device[0]), 0xE0);
}

TEST_F(LinkTest, Stop_SaysGoodbyeAndKeepsWhatIsInFlight) {
  Start();
  Connect();
  ASSERT_TRUE(link_.Publish(Channel::kReading, AsBytes("r")).ok());
  Packets();
  link_.Stop();
  EXPECT_EQ(static_cast<unsigned char>(stream_.from_device[0]), 0xE0);
  EXPECT_EQ(link_.in_flight(), 1u);
  EXPECT_EQ(stream_.state(), Stream::State::kClosed);
}

TEST(Backoff, StaysWithinHalfAndWhole) {
  Backoff backoff(1000, 8000);
  for (const std::uint32_t whole : {1000u, 2000u, 4000u, 8000u, 8000u}) {
    const std::uint32_t wait = backoff.Next(0xDEADBEEF);
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
  }
  backoff.Reset();
  EXPECT_EQ(backoff.Next(0), 500u);
}

}  // namespace
}  // namespace cai::ns
