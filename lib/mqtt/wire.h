// How MQTT writes and reads its basic data (1.5) and properties (2.2.2):
// internal to this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/mqtt/packet.h"

namespace cai::mqtt {

constexpr std::uint32_t kMaxVarint = 268'435'455;  // 1.5.5: four bytes

// Past the end it only counts (as cbor::Writer). A text or binary over 65535
// bytes makes it invalid.
class Sink {
 public:
  explicit Sink(MutableBytes out) : out_(out) {}

  void Byte(std::uint8_t value);
  void U16(std::uint16_t value);
  void U32(std::uint32_t value);
  void Varint(std::uint32_t value);
  void Binary(Bytes value);
  void Text(std::string_view value) { Binary(AsBytes(value)); }
  void Raw(Bytes value);

  // Properties: a length, then what `fill(Sink&)` writes.
  template <typename Fill>
  void Block(Fill fill) {
    Sink measure{MutableBytes{}};
    fill(measure);
    Varint(static_cast<std::uint32_t>(measure.size()));
    fill(*this);
  }

  std::size_t size() const { return size_; }
  bool valid() const { return valid_; }
  bool fits() const { return size_ <= out_.size(); }
  Bytes written() const { return out_.first(size_); }

 private:
  MutableBytes out_;
  std::size_t size_ = 0;
  bool valid_ = true;
};

// A view that shrinks. Each getter advances or fails with kMqttMalformed.
class Source {
 public:
  explicit Source(Bytes in) : in_(in) {}

  bool empty() const { return in_.empty(); }
  Bytes rest() const { return in_; }
  Result<std::uint8_t> Byte();
  Result<std::uint16_t> U16();
  Result<std::uint32_t> U32();
  Result<std::uint32_t> Varint();
  Result<Bytes> Binary();
  Result<std::string_view> Text();  // UTF-8 without U+0000 (1.5.4)
  Result<Bytes> Take(std::size_t size);

 private:
  Bytes in_;
};

bool ValidText(std::string_view text);

enum class Property : std::uint8_t {
  kPayloadFormat = 1,
  kMessageExpiry = 2,
  kContentType = 3,
  kResponseTopic = 8,
  kCorrelation = 9,
  kSubscriptionId = 11,
  kSessionExpiry = 17,
  kAssignedClientId = 18,
  kServerKeepAlive = 19,
  kAuthMethod = 21,
  kAuthData = 22,
  kRequestProblem = 23,
  kRequestResponse = 25,
  kResponseInformation = 26,
  kServerReference = 28,
  kReasonString = 31,
  kReceiveMaximum = 33,
  kTopicAliasMaximum = 34,
  kTopicAlias = 35,
  kMaximumQos = 36,
  kRetainAvailable = 37,
  kUserProperty = 38,
  kMaximumPacketSize = 39,
  kWildcardAvailable = 40,
  kSubscriptionIdAvailable = 41,
  kSharedAvailable = 42,
};

// What a packet's properties said, as far as we use them.
struct Properties {
  std::uint64_t seen = 0;  // a bit for each Property
  std::uint32_t number[43] = {};

  bool has(Property p) const { return seen >> static_cast<int>(p) & 1; }
  std::uint32_t get(Property p, std::uint32_t otherwise) const {
    return has(p) ? number[static_cast<int>(p)] : otherwise;
  }
};

// Reads a property block of `packet`: refuses unknown ones, ones that do not
// belong there, repeated ones, values out of range (2.2.2.2).
Result<Properties> ReadProperties(Source& source, Type packet);

}  // namespace cai::mqtt
