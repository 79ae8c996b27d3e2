#include "lib/mqtt/client.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cai::mqtt {
namespace {

using Kind = Event::Kind;

// A client with memory of the sizes asked, and the server's end of the wire.
class ClientTest : public testing::Test {
 protected:
  ClientTest() { Make({}); }

  void Make(Config config, std::size_t output = 512, std::size_t slots = 4) {
    config.client_id = "dev";
    output_.resize(output);
    in_flight_.resize(slots * 128);
    client_.emplace(config, Storage{input_, output_, in_flight_, slots});
  }

  // All that the client wants to send, cut into packets.
  std::vector<std::string> Drain() {
    std::string all;
    while (!client_->Output().empty()) {
      const Bytes some = client_->Output();
      all += AsText(some);
      client_->Sent(some.size(), now_);
    }
    std::vector<std::string> packets;
    for (Bytes rest = AsBytes(all); !rest.empty();) {
      const auto frame = NextFrame(rest, 4096);
      EXPECT_TRUE(frame.ok() && *frame);
      packets.emplace_back(AsText(rest.first((*frame)->size)));
      rest = rest.subspan((*frame)->size);
    }
    return packets;
  }

  template <typename Packet>
  void FromServer(const Packet& packet) {
    ByteArray<1024> buffer;
    const auto bytes = Encode(packet, buffer);
    ASSERT_TRUE(bytes.ok());
    ASSERT_EQ(client_->Input(*bytes, now_), bytes->size());
  }

  void MessageFromServer(std::uint16_t id, std::string_view payload) {
    Publish publish;
    publish.topic = "d";
    publish.payload = AsBytes(payload);
    publish.qos = 1;
    publish.id = id;
    FromServer(publish);
  }

  Event Expect(Kind kind) {
    const auto event = client_->Poll(now_);
    EXPECT_TRUE(event.ok() && event->has_value());
    if (!event.ok() || !*event) return {};
    EXPECT_EQ((*event)->kind, kind);
    return **event;
  }

  void ExpectNothing() {
    const auto event = client_->Poll(now_);
    ASSERT_TRUE(event.ok());
    EXPECT_FALSE(event->has_value());
  }

  void ExpectDead(Error error) {
    const auto event = client_->Poll(now_);
    ASSERT_FALSE(event.ok());
    EXPECT_EQ(event.error(), error);
  }

  void Connected(const Connack& connack = {}) {
    ASSERT_TRUE(client_->Open(now_).ok());
    ASSERT_EQ(Drain().size(), 1u);
    FromServer(connack);
    Expect(Kind::kConnected);
  }

  std::uint16_t Send(std::string_view payload) {
    const auto id = client_->Publish("t", AsBytes(payload), 1);
    EXPECT_TRUE(id.ok());
    return id.ok() ? *id : 0;
  }

  std::uint64_t now_ = 1000;
  std::vector<std::byte> input_ = std::vector<std::byte>(256);
  std::vector<std::byte> output_, in_flight_;
  std::optional<Client> client_;
};

Frame FrameOf(const std::string& packet) {
  return **NextFrame(AsBytes(packet), 4096);
}

TEST_F(ClientTest, Open_AnnouncesItsLimits) {
  Make({.session_expiry_s = 600, .keep_alive_s = 30, .receive_maximum = 5});
  ASSERT_TRUE(client_->Open(now_).ok());
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  const auto connect = DecodeConnect(FrameOf(packets[0]));
  ASSERT_TRUE(connect.ok());
  EXPECT_EQ(connect->client_id, "dev");
  EXPECT_FALSE(connect->clean_start);
  EXPECT_EQ(connect->keep_alive_s, 30);
  EXPECT_EQ(connect->session_expiry_s, 600u);
  EXPECT_EQ(connect->receive_maximum, 5);
  EXPECT_EQ(connect->maximum_packet_size, input_.size());
}

TEST_F(ClientTest, CleanStart_IsOnlyForTheFirstConnection) {
  Make({.clean_start = true});
  ASSERT_TRUE(client_->Open(now_).ok());
  EXPECT_TRUE(DecodeConnect(FrameOf(Drain()[0]))->clean_start);
  FromServer(Connack{});
  Expect(Kind::kConnected);
  client_->Close();
  ASSERT_TRUE(client_->Open(now_).ok());
  EXPECT_FALSE(DecodeConnect(FrameOf(Drain()[0]))->clean_start);
}

TEST_F(ClientTest, Refused_TellsTheReasonAndIsDead) {
  ASSERT_TRUE(client_->Open(now_).ok());
  Drain();
  FromServer(Connack{.reason = Reason::kNotAuthorized});
  EXPECT_EQ(Expect(Kind::kRefused).reason, Reason::kNotAuthorized);
  ExpectDead(Error::kMqttRefused);
}

TEST_F(ClientTest, AnythingBeforeConnack_IsAProtocolError) {
  ASSERT_TRUE(client_->Open(now_).ok());
  Drain();
  FromServer(Puback{1, Reason::kSuccess});
  ExpectDead(Error::kMqttProtocol);
  EXPECT_TRUE(client_->Output().empty());  // not connected: no DISCONNECT
}

TEST_F(ClientTest, SecondConnack_IsAProtocolErrorAndSaidSo) {
  Connected();
  FromServer(Connack{});
  ExpectDead(Error::kMqttProtocol);
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(DecodeDisconnect(FrameOf(packets[0]))->reason,
            Reason::kProtocolError);
}

TEST_F(ClientTest, Message_IsAcknowledgedOnlyByTheApplication) {
  Connected();
  MessageFromServer(7, "hello");
  const Event event = Expect(Kind::kMessage);
  EXPECT_EQ(event.message.topic, "d");
  EXPECT_EQ(AsText(event.message.payload), "hello");
  ExpectNothing();
  EXPECT_TRUE(Drain().empty());
  client_->Acknowledge(event.receipt);
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(DecodePuback(FrameOf(packets[0]))->id, 7);
}

TEST_F(ClientTest, Acknowledgements_LeaveInOrderOfArrival) {
  Connected();
  MessageFromServer(7, "a");
  MessageFromServer(8, "b");
  const Receipt first = Expect(Kind::kMessage).receipt;
  const Receipt second = Expect(Kind::kMessage).receipt;
  client_->Acknowledge(second);
  EXPECT_TRUE(Drain().empty());
  client_->Acknowledge(first);
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(DecodePuback(FrameOf(packets[0]))->id, 7);
  EXPECT_EQ(DecodePuback(FrameOf(packets[1]))->id, 8);
}

TEST_F(ClientTest, Acknowledge_OfAnEarlierConnectionIsIgnored) {
  Connected();
  MessageFromServer(7, "a");
  const Receipt stale = Expect(Kind::kMessage).receipt;
  client_->Close();
  Connected({.session_present = true});
  MessageFromServer(7, "other");
  Expect(Kind::kMessage);
  client_->Acknowledge(stale);
  EXPECT_TRUE(Drain().empty());
}

TEST_F(ClientTest, MoreThanReceiveMaximum_IsRefused) {
  Make({.receive_maximum = 2});
  Connected();
  for (std::uint16_t id = 1; id <= 3; ++id) MessageFromServer(id, "x");
  Expect(Kind::kMessage);
  Expect(Kind::kMessage);
  ExpectDead(Error::kMqttProtocol);
  EXPECT_EQ(DecodeDisconnect(FrameOf(Drain().at(0)))->reason,
            Reason::kReceiveMaximumExceeded);
}

TEST_F(ClientTest, SameIdTwiceUnacknowledged_IsRefused) {
  Connected();
  MessageFromServer(9, "x");
  MessageFromServer(9, "y");
  Expect(Kind::kMessage);
  ExpectDead(Error::kMqttProtocol);
}

TEST_F(ClientTest, PacketLargerThanInput_IsRefused) {
  Connected();
  const std::string payload(300, 'x');
  ByteArray<512> wire;
  Publish publish;
  publish.topic = "d";
  publish.payload = AsBytes(payload);
  const Bytes bytes = *Encode(publish, wire);
  client_->Input(bytes, now_);
  ExpectDead(Error::kMqttTooLarge);
}

TEST_F(ClientTest, Input_ByteByByte_GivesTheSame) {
  Connected();
  ByteArray<64> wire;
  Publish publish;
  publish.topic = "d";
  publish.payload = AsBytes("slow");
  const Bytes bytes = *Encode(publish, wire);
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    client_->Input(bytes.subspan(i, 1), now_);
    ExpectNothing();
  }
  client_->Input(bytes.last(1), now_);
  EXPECT_EQ(AsText(Expect(Kind::kMessage).message.payload), "slow");
}

TEST_F(ClientTest, Publish_StaysInFlightUntilPuback) {
  Connected();
  const std::uint16_t id = Send("one");
  EXPECT_EQ(client_->in_flight(), 1u);
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(DecodePublish(FrameOf(packets[0]))->id, id);
  FromServer(Puback{id, Reason::kSuccess});
  EXPECT_EQ(Expect(Kind::kPublished).id, id);
  EXPECT_EQ(client_->in_flight(), 0u);
}

TEST_F(ClientTest, Publish_RefusesWhenTheTableIsFull) {
  Connected();
  for (int i = 0; i < 4; ++i) Send("x");
  EXPECT_EQ(client_->Publish("t", AsBytes("y"), 1).error(), Error::kMqttBusy);
  EXPECT_TRUE(client_->in_flight_full());
}

TEST_F(ClientTest, Publish_TellsWhatWillNeverFit) {
  Connected({.maximum_packet_size = 40});
  const std::string large(120, 'x'), medium(60, 'x');
  EXPECT_EQ(client_->Publish("t", AsBytes(large), 1).error(),
            Error::kMqttTooLarge);  // the slot
  EXPECT_EQ(client_->Publish("t", AsBytes(medium), 1).error(),
            Error::kMqttTooLarge);  // the server
  EXPECT_EQ(client_->Publish("t", AsBytes(medium), 0).error(),
            Error::kMqttTooLarge);
}

TEST_F(ClientTest, ServersReceiveMaximum_HoldsPublishesBack) {
  Connected({.receive_maximum = 1});
  const std::uint16_t first = Send("a");
  Send("b");
  EXPECT_EQ(Drain().size(), 1u);
  FromServer(Puback{first, Reason::kSuccess});
  Expect(Kind::kPublished);
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(AsText(DecodePublish(FrameOf(packets[0]))->payload), "b");
}

TEST_F(ClientTest, Resume_WithTheSession_SendsDuplicatesInOrder) {
  Connected();
  const std::uint16_t a = Send("a");
  const std::uint16_t b = Send("b");
  Drain();
  client_->Close();
  Connected({.session_present = true});
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 2u);
  const auto first = DecodePublish(FrameOf(packets[0]));
  const auto second = DecodePublish(FrameOf(packets[1]));
  EXPECT_EQ(first->id, a);
  EXPECT_TRUE(first->dup);
  EXPECT_EQ(second->id, b);
  EXPECT_EQ(AsText(second->payload), "b");
}

TEST_F(ClientTest, Resume_WithoutTheSession_SendsAsNew) {
  Connected();
  Send("a");
  Drain();
  client_->Close();
  Connected();
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_FALSE(DecodePublish(FrameOf(packets[0]))->dup);
}

TEST_F(ClientTest, PublishWhileAway_WaitsAndIsNoDuplicate) {
  Send("early");
  EXPECT_TRUE(client_->Output().empty());
  Connected({.session_present = true});
  const auto packets = Drain();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_FALSE(DecodePublish(FrameOf(packets[0]))->dup);
}

TEST_F(ClientTest, PubackOfAnUnknownId_IsIgnored) {
  Connected();
  FromServer(Puback{99, Reason::kSuccess});
  ExpectNothing();
}

// Starvation: the output holds one small packet at a time; all still leave.
TEST_F(ClientTest, SmallOutput_DelaysButLosesNothing) {
  Make({}, 40, 4);
  Connected();
  for (std::uint16_t id = 1; id <= 3; ++id) {
    MessageFromServer(id, "x");
    client_->Acknowledge(Expect(Kind::kMessage).receipt);
    Send("0123456789");
  }
  std::size_t pubacks = 0, publishes = 0;
  for (const std::string& packet : Drain()) {
    pubacks += FrameOf(packet).type == Type::kPuback;
    publishes += FrameOf(packet).type == Type::kPublish;
  }
  EXPECT_EQ(pubacks, 3u);
  EXPECT_EQ(publishes, 3u);
}

TEST_F(ClientTest, Subscribe_GivesTheServersCode) {
  Connected();
  const auto id = client_->Subscribe("cai/x/d", 1);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(client_->Subscribe("y", 1).error(), Error::kMqttBusy);
  EXPECT_EQ(FrameOf(Drain().at(0)).type, Type::kSubscribe);
  FromServer(Suback{*id, 0x87});
  EXPECT_TRUE(Failed(Expect(Kind::kSubscribed).reason));
}

TEST_F(ClientTest, KeepAlive_PingsThenGivesUp) {
  Make({.keep_alive_s = 10, .response_timeout_ms = 5000});
  Connected();
  EXPECT_EQ(client_->Deadline(), now_ + 10000);
  now_ += 9999;
  ExpectNothing();
  EXPECT_TRUE(Drain().empty());
  now_ += 1;
  ExpectNothing();
  EXPECT_EQ(FrameOf(Drain().at(0)).type, Type::kPingreq);
  now_ += 5000;
  ExpectDead(Error::kMqttTimeout);
}

TEST_F(ClientTest, KeepAlive_PingrespKeepsTheConnection) {
  Make({.keep_alive_s = 10, .response_timeout_ms = 5000});
  Connected();
  now_ += 10000;
  ExpectNothing();
  Drain();
  ByteArray<2> wire;
  client_->Input(*EncodePingresp(wire), now_);
  ExpectNothing();
  now_ += 5000;
  ExpectNothing();
}

// A server that only takes and never answers is found out too.
TEST_F(ClientTest, KeepAlive_PingsThoughWeSend) {
  Make({.keep_alive_s = 10, .response_timeout_ms = 5000});
  Connected();
  now_ += 9000;
  Send("x");
  Drain();
  now_ += 1000;
  ExpectNothing();
  EXPECT_EQ(FrameOf(Drain().at(0)).type, Type::kPingreq);
}

TEST_F(ClientTest, ServersKeepAlive_Rules) {
  Connected({.server_keep_alive_s = 3});
  EXPECT_EQ(client_->Deadline(), now_ + 3000);
}

TEST_F(ClientTest, MissingConnack_TimesOut) {
  ASSERT_TRUE(client_->Open(now_).ok());
  Drain();
  now_ += 20000;
  ExpectDead(Error::kMqttTimeout);
}

TEST_F(ClientTest, ServersDisconnect_IsAnEvent) {
  Connected();
  FromServer(Disconnect{Reason::kSessionTakenOver});
  EXPECT_EQ(Expect(Kind::kDisconnected).reason, Reason::kSessionTakenOver);
  ExpectDead(Error::kMqttNotConnected);
}

TEST_F(ClientTest, ServerWithoutQos1_IsRefused) {
  ASSERT_TRUE(client_->Open(now_).ok());
  Drain();
  FromServer(Connack{.maximum_qos = 0});
  ExpectDead(Error::kMqttUnsupported);
}

}  // namespace
}  // namespace cai::mqtt
