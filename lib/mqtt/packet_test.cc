#include "lib/mqtt/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cai::mqtt {
namespace {

using namespace std::string_view_literals;

ByteArray<1024> buffer;

Frame Cut(Bytes in) {
  const auto frame = NextFrame(in, 1 << 20);
  EXPECT_TRUE(frame.ok() && frame->has_value());
  if (!frame.ok() || !*frame) return {Type::kAuth, 0, {}, 0};
  EXPECT_EQ((*frame)->size, in.size());
  return **frame;
}

std::string Text(const Result<Bytes>& bytes) {
  EXPECT_TRUE(bytes.ok());
  return bytes.ok() ? std::string(AsText(*bytes)) : std::string();
}

Connect FullConnect() {
  Connect out;
  out.client_id = "dev";
  out.clean_start = true;
  out.keep_alive_s = 60;
  out.session_expiry_s = 3600;
  out.receive_maximum = 8;
  out.maximum_packet_size = 4096;
  out.user_name = "u";
  out.password = AsBytes("pw");
  return out;
}

// Bytes written out by hand from the tables of the standard.
TEST(Packet, EncodeConnect_MatchesTheStandardsLayout) {
  EXPECT_EQ(Text(Encode(FullConnect(), buffer)),
            "\x10\x24\x00\x04MQTT\x05\xC2\x00\x3C\x0D\x11\x00\x00\x0E\x10"
            "\x21\x00\x08\x27\x00\x00\x10\x00\x00\x03"
            "dev\x00\x01u\x00\x02pw"sv);
}

TEST(Packet, EncodePublish_MatchesTheStandardsLayout) {
  Publish publish;
  publish.topic = "a/b";
  publish.payload = AsBytes("hi");
  publish.qos = 1;
  publish.id = 10;
  publish.retain = true;
  EXPECT_EQ(Text(Encode(publish, buffer)),
            "\x33\x0A\x00\x03"
            "a/b\x00\x0A\x00hi"sv);
}

TEST(Packet, EncodeSmallPackets_MatchTheStandardsLayout) {
  EXPECT_EQ(Text(Encode(Puback{5, Reason::kSuccess}, buffer)),
            "\x40\x02\x00\x05"sv);
  EXPECT_EQ(Text(Encode(Puback{5, Reason::kQuotaExceeded}, buffer)),
            "\x40\x03\x00\x05\x97"sv);
  Subscribe subscribe;
  subscribe.id = 2;
  subscribe.filter = "x/#";
  EXPECT_EQ(Text(Encode(subscribe, buffer)),
            "\x82\x09\x00\x02\x00\x00\x03x/#\x01"sv);
  EXPECT_EQ(Text(EncodePingreq(buffer)), "\xC0\x00"sv);
  EXPECT_EQ(Text(EncodePingresp(buffer)), "\xD0\x00"sv);
  EXPECT_EQ(Text(Encode(Disconnect{}, buffer)), "\xE0\x00"sv);
}

TEST(Packet, Connect_RoundTrips) {
  const auto encoded = Encode(FullConnect(), buffer);
  ASSERT_TRUE(encoded.ok());
  const auto decoded = DecodeConnect(Cut(*encoded));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->client_id, "dev");
  EXPECT_TRUE(decoded->clean_start);
  EXPECT_EQ(decoded->keep_alive_s, 60);
  EXPECT_EQ(decoded->session_expiry_s, 3600u);
  EXPECT_EQ(decoded->receive_maximum, 8);
  EXPECT_EQ(decoded->maximum_packet_size, 4096u);
  EXPECT_EQ(decoded->user_name, "u");
  EXPECT_EQ(AsText(*decoded->password), "pw");
}

TEST(Packet, Connack_RoundTrips) {
  Connack in;
  in.session_present = true;
  in.session_expiry_s = 7;
  in.server_keep_alive_s = 30;
  in.receive_maximum = 20;
  in.maximum_qos = 1;
  in.maximum_packet_size = 9000;
  const auto encoded = Encode(in, buffer);
  ASSERT_TRUE(encoded.ok());
  const auto out = DecodeConnack(Cut(*encoded));
  ASSERT_TRUE(out.ok());
  EXPECT_TRUE(out->session_present);
  EXPECT_EQ(out->session_expiry_s, 7u);
  EXPECT_EQ(out->server_keep_alive_s, 30);
  EXPECT_EQ(out->receive_maximum, 20);
  EXPECT_EQ(out->maximum_qos, 1);
  EXPECT_EQ(out->maximum_packet_size, 9000u);
}

// As a broker sends it: topic alias maximum, assigned id, reason, user pairs.
TEST(Packet, DecodeConnack_AcceptsPropertiesItDoesNotUse) {
  const auto wire =
      "\x20\x18\x00\x00\x15\x22\x00\x0A\x12\x00\x01x\x1F\x00\x02ok"
      "\x26\x00\x01k\x00\x01v\x2A\x01"sv;
  const auto out = DecodeConnack(Cut(AsBytes(wire)));
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->receive_maximum, 65535);
}

TEST(Packet, Publish_RoundTrips) {
  Publish in;
  in.topic = "cai/x/r";
  in.payload = AsBytes("sealed");
  in.qos = 1;
  in.id = 65535;
  in.dup = true;
  in.expiry_s = 9;
  const auto encoded = Encode(in, buffer);
  ASSERT_TRUE(encoded.ok());
  const auto out = DecodePublish(Cut(*encoded));
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(out->topic, in.topic);
  EXPECT_EQ(AsText(out->payload), "sealed");
  EXPECT_EQ(out->id, 65535);
  EXPECT_TRUE(out->dup);
  EXPECT_EQ(out->expiry_s, 9u);
}

TEST(Packet, SubscribeSubackDisconnect_RoundTrip) {
  Subscribe subscribe;
  subscribe.id = 3;
  subscribe.filter = "cai/+/s";
  subscribe.no_local = true;
  subscribe.retain_handling = 2;
  const auto a = DecodeSubscribe(Cut(*Encode(subscribe, buffer)));
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(a->filter, "cai/+/s");
  EXPECT_TRUE(a->no_local);
  EXPECT_EQ(a->retain_handling, 2);

  const auto b = DecodeSuback(Cut(*Encode(Suback{3, 0x87}, buffer)));
  ASSERT_TRUE(b.ok());
  EXPECT_EQ(b->code, 0x87);

  const auto c = DecodeDisconnect(
      Cut(*Encode(Disconnect{Reason::kServerBusy, 4}, buffer)));
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->reason, Reason::kServerBusy);
  EXPECT_EQ(c->session_expiry_s, 4u);
}

TEST(Packet, Encode_RefusesEveryBufferTooShort) {
  const std::size_t needed = Encode(FullConnect(), buffer)->size();
  for (std::size_t size = 0; size < needed; ++size) {
    std::vector<std::byte> small(size);
    const auto encoded = Encode(FullConnect(), small);
    ASSERT_FALSE(encoded.ok()) << size;
    EXPECT_EQ(encoded.error(), Error::kMqttNoRoom);
  }
}

TEST(Packet, Encode_RefusesWhatCannotBeSaid) {
  Publish publish;
  publish.topic = "a/+";
  EXPECT_EQ(Encode(publish, buffer).error(), Error::kMqttMalformed);
  publish.topic = "a";
  publish.qos = 1;
  EXPECT_EQ(Encode(publish, buffer).error(), Error::kMqttMalformed);  // id 0
  publish.id = 1;
  publish.qos = 2;
  EXPECT_EQ(Encode(publish, buffer).error(), Error::kMqttUnsupported);
  Connect connect;
  const std::string large(65536, 'x');
  connect.client_id = large;
  EXPECT_EQ(Encode(connect, buffer).error(), Error::kMqttMalformed);
  connect.client_id = "\0"sv;
  EXPECT_EQ(Encode(connect, buffer).error(), Error::kMqttMalformed);
}

TEST(NextFrame, EveryPrefixNeedsMore) {
  const Bytes whole = *Encode(FullConnect(), buffer);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto frame = NextFrame(whole.first(size), 1024);
    ASSERT_TRUE(frame.ok()) << size;
    EXPECT_FALSE(frame->has_value()) << size;
  }
}

TEST(NextFrame, RefusesReservedBitsAndType) {
  for (const auto wire :
       {"\x00\x00"sv, "\x11\x00"sv, "\x80\x00"sv, "\xC1\x00"sv, "\x60\x00"sv})
    EXPECT_EQ(NextFrame(AsBytes(wire), 99).error(), Error::kMqttMalformed);
}

TEST(NextFrame, RefusesLengthsNotShortestOrTooLong) {
  EXPECT_EQ(NextFrame(AsBytes("\xC0\x80\x00"sv), 99).error(),
            Error::kMqttMalformed);
  EXPECT_EQ(NextFrame(AsBytes("\xC0\xFF\xFF\xFF\xFF"sv), 99).error(),
            Error::kMqttMalformed);
}

TEST(NextFrame, RefusesMoreThanTheMaximumBeforeItArrives) {
  EXPECT_EQ(NextFrame(AsBytes("\x30\x61"sv), 98).error(), Error::kMqttTooLarge);
  EXPECT_TRUE(NextFrame(AsBytes("\x30\x61"sv), 99).ok());
}

struct Wrong {
  std::string_view wire;
  Error error;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  for (const char c : wrong.wire)
    *out << std::hex << (static_cast<unsigned>(c) & 0xFF) << ' ';
}

class WrongByOneThing : public testing::TestWithParam<Wrong> {};

Result<Done> DecodeAny(const Frame& frame) {
  switch (frame.type) {
    case Type::kConnect:
      CAI_TRY(DecodeConnect(frame));
      break;
    case Type::kConnack:
      CAI_TRY(DecodeConnack(frame));
      break;
    case Type::kPublish:
      CAI_TRY(DecodePublish(frame));
      break;
    case Type::kPuback:
      CAI_TRY(DecodePuback(frame));
      break;
    case Type::kSubscribe:
      CAI_TRY(DecodeSubscribe(frame));
      break;
    case Type::kSuback:
      CAI_TRY(DecodeSuback(frame));
      break;
    case Type::kDisconnect:
      CAI_TRY(DecodeDisconnect(frame));
      break;
    default:
      CAI_TRY(DecodePing(frame));
  }
  return kDone;
}

TEST_P(WrongByOneThing, IsRefused) {
  const auto result = DecodeAny(Cut(AsBytes(GetParam().wire)));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), GetParam().error);
}

constexpr Error kBad = Error::kMqttMalformed;
constexpr Error kProto = Error::kMqttProtocol;
constexpr Error kNo = Error::kMqttUnsupported;

INSTANTIATE_TEST_SUITE_P(
    Packets, WrongByOneThing,
    testing::Values(
        // CONNECT: protocol name, version, reserved flag, will, trailing byte.
        Wrong{"\x10\x0D\x00\x04MQTS\x05\x02\x00\x3C\x00\x00\x00"sv, kNo},
        Wrong{"\x10\x0D\x00\x04MQTT\x04\x02\x00\x3C\x00\x00\x00"sv, kNo},
        Wrong{"\x10\x0D\x00\x04MQTT\x05\x03\x00\x3C\x00\x00\x00"sv, kBad},
        Wrong{"\x10\x0D\x00\x04MQTT\x05\x06\x00\x3C\x00\x00\x00"sv, kNo},
        Wrong{"\x10\x0E\x00\x04MQTT\x05\x02\x00\x3C\x00\x00\x00!"sv, kBad},
        // Receive maximum 0, twice, an unknown property, one of another packet.
        Wrong{"\x10\x10\x00\x04MQTT\x05\x02\x00\x3C\x03\x21\x00\x00\x00\x00"sv,
              kProto},
        Wrong{"\x10\x13\x00\x04MQTT\x05\x02\x00\x3C\x06\x21\x00\x01\x21\x00\x01"
              "\x00\x00"sv,
              kProto},
        Wrong{"\x10\x0F\x00\x04MQTT\x05\x02\x00\x3C\x02\x04\x00\x00\x00"sv,
              kBad},
        Wrong{"\x10\x0F\x00\x04MQTT\x05\x02\x00\x3C\x02\x24\x01\x00\x00"sv,
              kProto},
        // Property 0x122, whose low byte is one that belongs here.
        Wrong{
            "\x10\x11\x00\x04MQTT\x05\x02\x00\x3C\x04\xA2\x02\x00\x01\x00\x00"sv,
            kBad},
        // Property block longer than the packet.
        Wrong{"\x10\x0D\x00\x04MQTT\x05\x02\x00\x3C\x05\x00\x00"sv, kBad},
        // CONNACK: flags, session present with a failure, maximum QoS 2.
        Wrong{"\x20\x03\x02\x00\x00"sv, kBad},
        Wrong{"\x20\x03\x01\x87\x00"sv, kProto},
        Wrong{"\x20\x05\x00\x00\x02\x24\x02"sv, kProto},
        // PUBLISH: QoS 3, QoS 2, DUP at QoS 0, id 0, wildcard, empty topic,
        // NUL, overlong UTF-8, surrogate, topic alias.
        Wrong{"\x36\x06\x00\x01"
              "a\x00\x01\x00"sv,
              kBad},
        Wrong{"\x34\x06\x00\x01"
              "a\x00\x01\x00"sv,
              kNo},
        Wrong{"\x38\x04\x00\x01"
              "a\x00"sv,
              kBad},
        Wrong{"\x32\x06\x00\x01"
              "a\x00\x00\x00"sv,
              kProto},
        Wrong{"\x30\x04\x00\x01#\x00"sv, kBad},
        Wrong{"\x30\x03\x00\x00\x00"sv, kBad},
        Wrong{"\x30\x04\x00\x01\x00\x00"sv, kBad},
        Wrong{"\x30\x05\x00\x02\xC0\x80\x00"sv, kBad},
        Wrong{"\x30\x06\x00\x03\xED\xA0\x80\x00"sv, kBad},
        Wrong{"\x30\x07\x00\x01"
              "a\x03\x23\x00\x01"sv,
              kProto},
        // PUBACK: short, id 0, trailing byte.
        Wrong{"\x40\x01\x05"sv, kBad}, Wrong{"\x40\x02\x00\x00"sv, kProto},
        Wrong{"\x40\x05\x00\x05\x00\x00!"sv, kBad},
        // SUBSCRIBE: bad filter, reserved options, QoS 3, two filters.
        Wrong{"\x82\x09\x00\x02\x00\x00\x03x#y\x01"sv, kBad},
        Wrong{"\x82\x07\x00\x02\x00\x00\x01x\x41"sv, kProto},
        Wrong{"\x82\x07\x00\x02\x00\x00\x01x\x03"sv, kProto},
        Wrong{"\x82\x0B\x00\x02\x00\x00\x01x\x01\x00\x01y\x01"sv, kNo},
        // SUBACK with two codes, DISCONNECT with a foreign property, PING with
        // a body.
        Wrong{"\x90\x05\x00\x02\x00\x01\x01"sv, kBad},
        Wrong{"\xE0\x05\x00\x03\x21\x00\x01"sv, kProto},
        Wrong{"\xD0\x01\x00"sv, kBad}));

TEST(Topic, FiltersFollowSection4_7) {
  for (const auto* good : {"#", "+", "a/#", "+/b/#", "/", "a//b", "sport/+"})
    EXPECT_TRUE(ValidFilter(good)) << good;
  for (const auto* bad : {"", "a#", "#/a", "a/b+", "a/#/b"})
    EXPECT_FALSE(ValidFilter(bad)) << bad;
}

}  // namespace
}  // namespace cai::mqtt
