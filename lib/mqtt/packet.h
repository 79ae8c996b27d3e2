// MQTT 5.0 control packets (OASIS standard, 7 March 2019), as values over the
// caller's bytes: encode into memory, decode without copying.
//
// Decoders refuse whatever the standard calls malformed or a protocol error:
// reserved bits, lengths, text that is not UTF-8, a property twice or in the
// wrong packet. What they return points into the input. Left out, and refused
// with kMqttUnsupported where a peer could send it: QoS 2, wills, enhanced
// authentication. Topic aliases are refused as a protocol error, since we never
// announce any (3.3.2.3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::mqtt {

enum class Type : std::uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kPubrec = 5,
  kPubrel = 6,
  kPubcomp = 7,
  kSubscribe = 8,
  kSuback = 9,
  kUnsubscribe = 10,
  kUnsuback = 11,
  kPingreq = 12,
  kPingresp = 13,
  kDisconnect = 14,
  kAuth = 15,
};

// 2.4. Others pass through as numbers; >= 0x80 is a failure.
enum class Reason : std::uint8_t {
  kSuccess = 0x00,
  kNoMatchingSubscribers = 0x10,
  kUnspecified = 0x80,
  kMalformedPacket = 0x81,
  kProtocolError = 0x82,
  kBadUserNameOrPassword = 0x86,
  kNotAuthorized = 0x87,
  kServerUnavailable = 0x88,
  kServerBusy = 0x89,
  kBanned = 0x8A,
  kServerShuttingDown = 0x8B,
  kKeepAliveTimeout = 0x8D,
  kSessionTakenOver = 0x8E,
  kReceiveMaximumExceeded = 0x93,
  kPacketTooLarge = 0x95,
  kQuotaExceeded = 0x97,
};
constexpr bool Failed(Reason reason) {
  return static_cast<std::uint8_t>(reason) >= 0x80;
}

// One packet cut out of the stream: fixed header (2.1) and body.
struct Frame {
  Type type;
  std::uint8_t flags;  // low nibble, checked against 2.1.3
  Bytes body;
  std::size_t size;  // of the whole packet on the wire
};

// The first packet of `in`; nullopt if more bytes are needed. A packet larger
// than `maximum` is kMqttTooLarge as soon as its length is known.
Result<std::optional<Frame>> NextFrame(Bytes in, std::size_t maximum);

struct Connect {
  std::string_view client_id;
  bool clean_start = false;
  std::uint16_t keep_alive_s = 0;
  std::uint32_t session_expiry_s = 0;
  std::uint16_t receive_maximum = 65535;
  std::uint32_t maximum_packet_size = 0;  // 0: no limit
  std::optional<std::string_view> user_name;
  std::optional<Bytes> password;
};

struct Connack {
  bool session_present = false;
  Reason reason = Reason::kSuccess;
  std::optional<std::uint32_t> session_expiry_s = {};
  std::optional<std::uint16_t> server_keep_alive_s = {};
  std::uint16_t receive_maximum = 65535;
  std::uint8_t maximum_qos = 2;
  std::uint32_t maximum_packet_size = 0;  // 0: no limit
};

struct Publish {
  std::string_view topic;
  Bytes payload;
  std::uint8_t qos = 0;  // 0 or 1
  std::uint16_t id = 0;  // QoS 1: not 0
  bool retain = false;
  bool dup = false;
  std::optional<std::uint32_t> expiry_s;  // 3.3.2.3.3
};

struct Puback {
  std::uint16_t id = 0;
  Reason reason = Reason::kSuccess;
};

// One filter a packet is all that we need.
struct Subscribe {
  std::uint16_t id = 0;
  std::string_view filter;
  std::uint8_t qos = 1;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;  // 3.8.3.1: 0 send, 1 if new, 2 never
};

struct Suback {
  std::uint16_t id = 0;
  std::uint8_t code = 0;  // granted QoS, or >= 0x80
};

struct Disconnect {
  Reason reason = Reason::kSuccess;
  std::optional<std::uint32_t> session_expiry_s = {};
};

// Each writes one packet and returns it; kMqttNoRoom if it does not fit,
// kMqttMalformed if a field cannot be encoded (a text over 65535 bytes).
Result<Bytes> Encode(const Connect& packet, MutableBytes out);
Result<Bytes> Encode(const Connack& packet, MutableBytes out);
Result<Bytes> Encode(const Publish& packet, MutableBytes out);
Result<Bytes> Encode(const Puback& packet, MutableBytes out);
Result<Bytes> Encode(const Subscribe& packet, MutableBytes out);
Result<Bytes> Encode(const Suback& packet, MutableBytes out);
Result<Bytes> Encode(const Disconnect& packet, MutableBytes out);
Result<Bytes> EncodePingreq(MutableBytes out);
Result<Bytes> EncodePingresp(MutableBytes out);

// Each requires frame.type to be its own.
Result<Connect> DecodeConnect(const Frame& frame);
Result<Connack> DecodeConnack(const Frame& frame);
Result<Publish> DecodePublish(const Frame& frame);
Result<Puback> DecodePuback(const Frame& frame);
Result<Subscribe> DecodeSubscribe(const Frame& frame);
Result<Suback> DecodeSuback(const Frame& frame);
Result<Disconnect> DecodeDisconnect(const Frame& frame);
Status DecodePing(const Frame& frame);  // PINGREQ and PINGRESP

// 4.7: a topic name has no wildcard and is not empty.
bool ValidTopic(std::string_view topic);
bool ValidFilter(std::string_view filter);

}  // namespace cai::mqtt
