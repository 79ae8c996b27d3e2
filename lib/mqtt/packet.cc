#include "lib/mqtt/packet.h"

#include "lib/mqtt/wire.h"

namespace cai::mqtt {
namespace {

constexpr std::string_view kProtocol = "MQTT";
constexpr std::uint8_t kVersion = 5;

// 3.1.2.3: Connect Flags.
constexpr std::uint8_t kCleanStart = 0x02, kWill = 0x3C, kPassword = 0x40,
                       kUserName = 0x80;

// Writes type, remaining length and what `fill(Sink&)` writes.
template <typename Fill>
Result<Bytes> Packet(Type type, std::uint8_t flags, MutableBytes out,
                     Fill fill) {
  Sink measure{MutableBytes{}};
  fill(measure);
  if (!measure.valid() || measure.size() > kMaxVarint)
    return Error::kMqttMalformed;

  Sink sink(out);
  sink.Byte(static_cast<std::uint8_t>(static_cast<int>(type) << 4 | flags));
  sink.Varint(static_cast<std::uint32_t>(measure.size()));
  fill(sink);
  if (!sink.fits()) return Error::kMqttNoRoom;
  return sink.written();
}

void Put(Sink& sink, Property property) {
  sink.Byte(static_cast<std::uint8_t>(property));
}
void PutU16(Sink& sink, Property property, std::uint16_t value) {
  Put(sink, property);
  sink.U16(value);
}
void PutU32(Sink& sink, Property property, std::uint32_t value) {
  Put(sink, property);
  sink.U32(value);
}

void ConnectProperties(Sink& sink, const Connect& packet) {
  if (packet.session_expiry_s != 0)
    PutU32(sink, Property::kSessionExpiry, packet.session_expiry_s);
  if (packet.receive_maximum != 65535)
    PutU16(sink, Property::kReceiveMaximum, packet.receive_maximum);
  if (packet.maximum_packet_size != 0)
    PutU32(sink, Property::kMaximumPacketSize, packet.maximum_packet_size);
}

void ConnackProperties(Sink& sink, const Connack& packet) {
  if (packet.session_expiry_s)
    PutU32(sink, Property::kSessionExpiry, *packet.session_expiry_s);
  if (packet.receive_maximum != 65535)
    PutU16(sink, Property::kReceiveMaximum, packet.receive_maximum);
  if (packet.maximum_qos < 2) {
    Put(sink, Property::kMaximumQos);
    sink.Byte(packet.maximum_qos);
  }
  if (packet.maximum_packet_size != 0)
    PutU32(sink, Property::kMaximumPacketSize, packet.maximum_packet_size);
  if (packet.server_keep_alive_s)
    PutU16(sink, Property::kServerKeepAlive, *packet.server_keep_alive_s);
}

Status Finish(const Source& source) {
  if (!source.empty()) return Error::kMqttMalformed;
  return kDone;
}

Result<std::uint16_t> PacketId(Source& source) {
  CAI_TRY_ASSIGN(const std::uint16_t id, source.U16());
  if (id == 0) return Error::kMqttProtocol;  // 2.2.1
  return id;
}

std::optional<std::uint32_t> Optional(const Properties& properties,
                                      Property property) {
  if (!properties.has(property)) return std::nullopt;
  return properties.get(property, 0);
}

// 2.1.3: reserved flag bits have one valid value.
bool FlagsValid(Type type, std::uint8_t flags) {
  switch (type) {
    case Type::kPublish:
      return true;
    case Type::kPubrel:
    case Type::kSubscribe:
    case Type::kUnsubscribe:
      return flags == 2;
    default:
      return flags == 0;
  }
}

Status CheckTopicText(std::string_view topic) {
  if (topic.size() > 65535 || !ValidText(topic)) return Error::kMqttMalformed;
  return kDone;
}

// `level` is all of one level, between slashes.
bool FilterLevelValid(std::string_view level, bool last) {
  if (level == "#") return last;
  if (level == "+") return true;
  return level.find_first_of("#+") == std::string_view::npos;
}

}  // namespace

bool ValidTopic(std::string_view topic) {
  return !topic.empty() && CheckTopicText(topic).ok() &&
         topic.find_first_of("#+") == std::string_view::npos;
}

bool ValidFilter(std::string_view filter) {
  if (filter.empty() || !CheckTopicText(filter).ok()) return false;
  while (true) {
    const std::size_t slash = filter.find('/');
    const bool last = slash == std::string_view::npos;
    if (!FilterLevelValid(filter.substr(0, slash), last)) return false;
    if (last) return true;
    filter.remove_prefix(slash + 1);
  }
}

Result<std::optional<Frame>> NextFrame(Bytes in, std::size_t maximum) {
  if (in.empty()) return std::optional<Frame>();
  const auto first = std::to_integer<std::uint8_t>(in[0]);
  const auto type = static_cast<Type>(first >> 4);
  const std::uint8_t flags = first & 15;
  if (first >> 4 == 0 || !FlagsValid(type, flags)) return Error::kMqttMalformed;

  Source source(in.subspan(1));
  const Result<std::uint32_t> length = source.Varint();
  if (!length.ok()) {
    // Incomplete if every byte so far says that another follows.
    const Bytes seen = in.subspan(1);
    const bool more = std::ranges::all_of(seen, [](std::byte b) {
      return (b & std::byte{0x80}) != std::byte{0};
    });
    if (seen.size() < 4 && more) return std::optional<Frame>();
    return Error::kMqttMalformed;
  }

  const std::size_t head = in.size() - source.rest().size();
  if (head + *length > maximum) return Error::kMqttTooLarge;
  if (source.rest().size() < *length) return std::optional<Frame>();
  return std::optional<Frame>(
      Frame{type, flags, source.rest().first(*length), head + *length});
}

Result<Bytes> Encode(const Connect& packet, MutableBytes out) {
  if (!ValidText(packet.client_id) ||
      (packet.user_name && !ValidText(*packet.user_name)))
    return Error::kMqttMalformed;
  const auto flags = static_cast<std::uint8_t>(
      (packet.clean_start ? kCleanStart : 0) |
      (packet.password ? kPassword : 0) | (packet.user_name ? kUserName : 0));
  return Packet(Type::kConnect, 0, out, [&](Sink& sink) {
    sink.Text(kProtocol);
    sink.Byte(kVersion);
    sink.Byte(flags);
    sink.U16(packet.keep_alive_s);
    sink.Block([&](Sink& block) { ConnectProperties(block, packet); });
    sink.Text(packet.client_id);
    if (packet.user_name) sink.Text(*packet.user_name);
    if (packet.password) sink.Binary(*packet.password);
  });
}

Result<Bytes> Encode(const Connack& packet, MutableBytes out) {
  return Packet(Type::kConnack, 0, out, [&](Sink& sink) {
    sink.Byte(packet.session_present ? 1 : 0);
    sink.Byte(static_cast<std::uint8_t>(packet.reason));
    sink.Block([&](Sink& block) { ConnackProperties(block, packet); });
  });
}

Result<Bytes> Encode(const Publish& packet, MutableBytes out) {
  if (packet.qos > 1) return Error::kMqttUnsupported;
  if (!ValidTopic(packet.topic) || (packet.qos == 1) != (packet.id != 0) ||
      (packet.dup && packet.qos == 0))
    return Error::kMqttMalformed;
  const auto flags = static_cast<std::uint8_t>(
      (packet.dup ? 8 : 0) | packet.qos << 1 | (packet.retain ? 1 : 0));
  return Packet(Type::kPublish, flags, out, [&](Sink& sink) {
    sink.Text(packet.topic);
    if (packet.qos != 0) sink.U16(packet.id);
    sink.Block([&](Sink& block) {
      if (packet.expiry_s)
        PutU32(block, Property::kMessageExpiry, *packet.expiry_s);
    });
    sink.Raw(packet.payload);
  });
}

Result<Bytes> Encode(const Puback& packet, MutableBytes out) {
  if (packet.id == 0) return Error::kMqttMalformed;
  return Packet(Type::kPuback, 0, out, [&](Sink& sink) {
    sink.U16(packet.id);
    // 3.4.2.1: success may be left out.
    if (packet.reason != Reason::kSuccess)
      sink.Byte(static_cast<std::uint8_t>(packet.reason));
  });
}

Result<Bytes> Encode(const Subscribe& packet, MutableBytes out) {
  if (packet.id == 0 || packet.qos > 1 || packet.retain_handling > 2 ||
      !ValidFilter(packet.filter))
    return Error::kMqttMalformed;
  const auto options = static_cast<std::uint8_t>(
      packet.qos | (packet.no_local ? 4 : 0) |
      (packet.retain_as_published ? 8 : 0) | packet.retain_handling << 4);
  return Packet(Type::kSubscribe, 2, out, [&](Sink& sink) {
    sink.U16(packet.id);
    sink.Varint(0);
    sink.Text(packet.filter);
    sink.Byte(options);
  });
}

Result<Bytes> Encode(const Suback& packet, MutableBytes out) {
  if (packet.id == 0) return Error::kMqttMalformed;
  return Packet(Type::kSuback, 0, out, [&](Sink& sink) {
    sink.U16(packet.id);
    sink.Varint(0);
    sink.Byte(packet.code);
  });
}

Result<Bytes> Encode(const Disconnect& packet, MutableBytes out) {
  return Packet(Type::kDisconnect, 0, out, [&](Sink& sink) {
    if (packet.reason == Reason::kSuccess && !packet.session_expiry_s) return;
    sink.Byte(static_cast<std::uint8_t>(packet.reason));
    if (!packet.session_expiry_s) return;
    sink.Block([&](Sink& block) {
      PutU32(block, Property::kSessionExpiry, *packet.session_expiry_s);
    });
  });
}

Result<Bytes> EncodePingreq(MutableBytes out) {
  return Packet(Type::kPingreq, 0, out, [](Sink&) {});
}

Result<Bytes> EncodePingresp(MutableBytes out) {
  return Packet(Type::kPingresp, 0, out, [](Sink&) {});
}

Result<Connect> DecodeConnect(const Frame& frame) {
  Source source(frame.body);
  CAI_TRY_ASSIGN(const std::string_view protocol, source.Text());
  CAI_TRY_ASSIGN(const std::uint8_t version, source.Byte());
  if (protocol != kProtocol || version != kVersion)
    return Error::kMqttUnsupported;

  CAI_TRY_ASSIGN(const std::uint8_t flags, source.Byte());
  if (flags & 1) return Error::kMqttMalformed;  // 3.1.2.3: reserved
  if (flags & kWill) return Error::kMqttUnsupported;
  Connect out;
  out.clean_start = (flags & kCleanStart) != 0;
  CAI_TRY_ASSIGN(out.keep_alive_s, source.U16());
  CAI_TRY_ASSIGN(const Properties properties,
                 ReadProperties(source, Type::kConnect));
  if (properties.has(Property::kAuthMethod) ||
      properties.has(Property::kAuthData))
    return Error::kMqttUnsupported;
  out.session_expiry_s = properties.get(Property::kSessionExpiry, 0);
  out.receive_maximum = static_cast<std::uint16_t>(
      properties.get(Property::kReceiveMaximum, 65535));
  out.maximum_packet_size = properties.get(Property::kMaximumPacketSize, 0);

  CAI_TRY_ASSIGN(out.client_id, source.Text());
  if (flags & kUserName) {
    CAI_TRY_ASSIGN(out.user_name, source.Text());
  }
  if (flags & kPassword) {
    CAI_TRY_ASSIGN(out.password, source.Binary());
  }
  CAI_TRY(Finish(source));
  return out;
}

Result<Connack> DecodeConnack(const Frame& frame) {
  Source source(frame.body);
  CAI_TRY_ASSIGN(const std::uint8_t flags, source.Byte());
  if (flags > 1) return Error::kMqttMalformed;  // 3.2.2.1
  Connack out;
  out.session_present = flags == 1;
  CAI_TRY_ASSIGN(const std::uint8_t reason, source.Byte());
  out.reason = static_cast<Reason>(reason);
  if (out.session_present && reason != 0)
    return Error::kMqttProtocol;  // 3.2.2.1.1
  CAI_TRY_ASSIGN(const Properties properties,
                 ReadProperties(source, Type::kConnack));
  out.session_expiry_s = Optional(properties, Property::kSessionExpiry);
  if (properties.has(Property::kServerKeepAlive))
    out.server_keep_alive_s = static_cast<std::uint16_t>(
        properties.get(Property::kServerKeepAlive, 0));
  out.receive_maximum = static_cast<std::uint16_t>(
      properties.get(Property::kReceiveMaximum, 65535));
  out.maximum_qos =
      static_cast<std::uint8_t>(properties.get(Property::kMaximumQos, 2));
  out.maximum_packet_size = properties.get(Property::kMaximumPacketSize, 0);
  CAI_TRY(Finish(source));
  return out;
}

Result<Publish> DecodePublish(const Frame& frame) {
  Publish out;
  out.dup = (frame.flags & 8) != 0;
  out.qos = frame.flags >> 1 & 3;
  out.retain = (frame.flags & 1) != 0;
  if (out.qos == 3) return Error::kMqttMalformed;    // 3.3.1.2
  if (out.qos == 2) return Error::kMqttUnsupported;  // nobody asked for it
  if (out.dup && out.qos == 0) return Error::kMqttMalformed;

  Source source(frame.body);
  CAI_TRY_ASSIGN(out.topic, source.Text());
  if (out.qos != 0) {
    CAI_TRY_ASSIGN(out.id, PacketId(source));
  }
  CAI_TRY_ASSIGN(const Properties properties,
                 ReadProperties(source, Type::kPublish));
  if (properties.has(Property::kTopicAlias)) return Error::kMqttProtocol;
  if (!ValidTopic(out.topic)) return Error::kMqttMalformed;
  out.expiry_s = Optional(properties, Property::kMessageExpiry);
  out.payload = source.rest();
  return out;
}

Result<Puback> DecodePuback(const Frame& frame) {
  Source source(frame.body);
  Puback out;
  CAI_TRY_ASSIGN(out.id, PacketId(source));
  if (source.empty()) return out;
  CAI_TRY_ASSIGN(const std::uint8_t reason, source.Byte());
  out.reason = static_cast<Reason>(reason);
  if (source.empty()) return out;  // 3.4.2.2.1
  CAI_TRY(ReadProperties(source, Type::kPuback));
  CAI_TRY(Finish(source));
  return out;
}

Result<Subscribe> DecodeSubscribe(const Frame& frame) {
  Source source(frame.body);
  Subscribe out;
  CAI_TRY_ASSIGN(out.id, PacketId(source));
  CAI_TRY(ReadProperties(source, Type::kSubscribe));
  CAI_TRY_ASSIGN(out.filter, source.Text());
  if (!ValidFilter(out.filter)) return Error::kMqttMalformed;
  CAI_TRY_ASSIGN(const std::uint8_t options, source.Byte());
  out.qos = options & 3;
  out.no_local = (options & 4) != 0;
  out.retain_as_published = (options & 8) != 0;
  out.retain_handling = options >> 4 & 3;
  if (out.qos == 3 || out.retain_handling == 3 || (options & 0xC0) != 0)
    return Error::kMqttProtocol;  // 3.8.3.1
  if (out.qos == 2 || !source.empty()) return Error::kMqttUnsupported;
  return out;
}

Result<Suback> DecodeSuback(const Frame& frame) {
  Source source(frame.body);
  Suback out;
  CAI_TRY_ASSIGN(out.id, PacketId(source));
  CAI_TRY(ReadProperties(source, Type::kSuback));
  CAI_TRY_ASSIGN(out.code, source.Byte());
  CAI_TRY(Finish(source));  // one filter asked, one code back
  return out;
}

Result<Disconnect> DecodeDisconnect(const Frame& frame) {
  Source source(frame.body);
  Disconnect out;
  if (source.empty()) return out;  // 3.14.2.1
  CAI_TRY_ASSIGN(const std::uint8_t reason, source.Byte());
  out.reason = static_cast<Reason>(reason);
  if (source.empty()) return out;
  CAI_TRY_ASSIGN(const Properties properties,
                 ReadProperties(source, Type::kDisconnect));
  out.session_expiry_s = Optional(properties, Property::kSessionExpiry);
  CAI_TRY(Finish(source));
  return out;
}

Status DecodePing(const Frame& frame) {
  if (!frame.body.empty()) return Error::kMqttMalformed;
  return kDone;
}

}  // namespace cai::mqtt
