#include "lib/mqtt/wire.h"

namespace cai::mqtt {
namespace {

enum class Kind : std::uint8_t {
  kNone,
  kByte,
  kU16,
  kU32,
  kVarint,
  kText,
  kBinary,
  kPair
};

constexpr std::uint16_t In(Type type) {
  return static_cast<std::uint16_t>(1u << static_cast<int>(type));
}
constexpr std::uint16_t kConn = In(Type::kConnect);
constexpr std::uint16_t kAck = In(Type::kConnack);
constexpr std::uint16_t kPub = In(Type::kPublish);
constexpr std::uint16_t kSub = In(Type::kSubscribe);
constexpr std::uint16_t kBye = In(Type::kDisconnect);
constexpr std::uint16_t kReplies =
    kAck | kBye | In(Type::kPuback) | In(Type::kSuback) | In(Type::kUnsuback);

struct Rule {
  Kind kind = Kind::kNone;
  std::uint16_t packets = 0;
};

constexpr std::uint32_t kLast =
    static_cast<std::uint32_t>(Property::kSharedAvailable);

// Table 2-4.
constexpr Rule RuleOf(std::uint32_t id) {
  if (id > kLast) return {};
  switch (static_cast<Property>(id)) {
    case Property::kPayloadFormat:
      return {Kind::kByte, kPub};
    case Property::kMessageExpiry:
      return {Kind::kU32, kPub};
    case Property::kContentType:
      return {Kind::kText, kPub};
    case Property::kResponseTopic:
      return {Kind::kText, kPub};
    case Property::kCorrelation:
      return {Kind::kBinary, kPub};
    case Property::kSubscriptionId:
      return {Kind::kVarint, kPub | kSub};
    case Property::kSessionExpiry:
      return {Kind::kU32, kConn | kAck | kBye};
    case Property::kAssignedClientId:
      return {Kind::kText, kAck};
    case Property::kServerKeepAlive:
      return {Kind::kU16, kAck};
    case Property::kAuthMethod:
      return {Kind::kText, kConn | kAck};
    case Property::kAuthData:
      return {Kind::kBinary, kConn | kAck};
    case Property::kRequestProblem:
      return {Kind::kByte, kConn};
    case Property::kRequestResponse:
      return {Kind::kByte, kConn};
    case Property::kResponseInformation:
      return {Kind::kText, kAck};
    case Property::kServerReference:
      return {Kind::kText, kAck | kBye};
    case Property::kReasonString:
      return {Kind::kText, kReplies};
    case Property::kReceiveMaximum:
      return {Kind::kU16, kConn | kAck};
    case Property::kTopicAliasMaximum:
      return {Kind::kU16, kConn | kAck};
    case Property::kTopicAlias:
      return {Kind::kU16, kPub};
    case Property::kMaximumQos:
      return {Kind::kByte, kAck};
    case Property::kRetainAvailable:
      return {Kind::kByte, kAck};
    case Property::kUserProperty:
      return {Kind::kPair, 0xFFFF};
    case Property::kMaximumPacketSize:
      return {Kind::kU32, kConn | kAck};
    case Property::kWildcardAvailable:
      return {Kind::kByte, kAck};
    case Property::kSubscriptionIdAvailable:
      return {Kind::kByte, kAck};
    case Property::kSharedAvailable:
      return {Kind::kByte, kAck};
  }
  return {};
}

// The value as a number; 0 for text, binary and pairs, which are only checked.
Result<std::uint32_t> ReadValue(Source& source, Kind kind) {
  switch (kind) {
    case Kind::kByte: {
      CAI_TRY_ASSIGN(const std::uint32_t value, source.Byte());
      // Every byte property of Table 2-4 is 0 or 1.
      if (value > 1) return Error::kMqttProtocol;
      return value;
    }
    case Kind::kU16: {
      CAI_TRY_ASSIGN(const std::uint32_t value, source.U16());
      return value;
    }
    case Kind::kU32:
      return source.U32();
    case Kind::kVarint:
      return source.Varint();
    case Kind::kText:
      CAI_TRY(source.Text());
      return 0u;
    case Kind::kBinary:
      CAI_TRY(source.Binary());
      return 0u;
    case Kind::kPair:
      CAI_TRY(source.Text());
      CAI_TRY(source.Text());
      return 0u;
    case Kind::kNone:
      break;
  }
  return Error::kMqttMalformed;
}

// A property may come once, but these (2.2.2.2, 3.3.2.3.8).
bool MayRepeat(Property property, Type packet) {
  return property == Property::kUserProperty ||
         (property == Property::kSubscriptionId && packet == Type::kPublish);
}

bool MayBeZero(Property property) {
  return property != Property::kReceiveMaximum &&
         property != Property::kMaximumPacketSize &&
         property != Property::kTopicAlias &&
         property != Property::kSubscriptionId;
}

Status ReadOne(Source& source, Type packet, Properties& out) {
  CAI_TRY_ASSIGN(const std::uint32_t id, source.Varint());
  const Rule rule = RuleOf(id);
  if (rule.kind == Kind::kNone) return Error::kMqttMalformed;
  if ((rule.packets & In(packet)) == 0) return Error::kMqttProtocol;

  const auto property = static_cast<Property>(id);
  if (out.has(property) && !MayRepeat(property, packet))
    return Error::kMqttProtocol;
  CAI_TRY_ASSIGN(const std::uint32_t value, ReadValue(source, rule.kind));
  if (value == 0 && !MayBeZero(property)) return Error::kMqttProtocol;

  out.seen |= std::uint64_t{1} << id;  // id <= 42: it has a rule
  out.number[id] = value;
  return kDone;
}

}  // namespace

Result<Properties> ReadProperties(Source& source, Type packet) {
  CAI_TRY_ASSIGN(const std::uint32_t size, source.Varint());
  CAI_TRY_ASSIGN(const Bytes block, source.Take(size));
  Source in(block);
  Properties out;
  while (!in.empty()) CAI_TRY(ReadOne(in, packet, out));
  return out;
}

}  // namespace cai::mqtt
