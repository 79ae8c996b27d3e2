#include "lib/cose/message.h"

namespace cai::cose {
namespace {

using cbor::AnyReader;
using cbor::Type;

constexpr MessageType kTypes[] = {MessageType::kEncrypt0, MessageType::kMac0,
                                  MessageType::kSign1,    MessageType::kEncrypt,
                                  MessageType::kMac,      MessageType::kSign};

// protected, unprotected, content and what the type has beyond that.
std::uint64_t FieldsOf(MessageType type) {
  switch (type) {
    case MessageType::kEncrypt0:
      return 3;
    case MessageType::kMac:
      return 5;
    default:
      return 4;
  }
}

bool HasLayers(MessageType type) {
  return type == MessageType::kEncrypt || type == MessageType::kMac ||
         type == MessageType::kSign;
}

Status ReadTag(AnyReader& reader, MessageType expected, Tagging tagging) {
  CAI_TRY_ASSIGN(const Type type, reader.Peek());
  const bool tagged = type == Type::kTag;
  if (tagged ? tagging == Tagging::kUntagged : tagging == Tagging::kTagged)
    return Error::kCoseWrongType;
  if (!tagged) return kDone;
  CAI_TRY_ASSIGN(const std::uint64_t tag, reader.Tag());
  if (tag != static_cast<std::uint64_t>(expected)) return Error::kCoseWrongType;
  return kDone;
}

Result<Headers> ReadHeaders(AnyReader& reader) {
  CAI_TRY_ASSIGN(const Bytes protected_header, reader.Bstr());
  CAI_TRY_ASSIGN(const Bytes unprotected, reader.Skip());
  return Headers::Parse(protected_header, unprotected);
}

Result<std::optional<Bytes>> ReadContent(AnyReader& reader) {
  CAI_TRY_ASSIGN(const Type type, reader.Peek());
  if (type == Type::kNull) {
    CAI_TRY(reader.Null());
    return std::optional<Bytes>();
  }
  CAI_TRY_ASSIGN(const Bytes content, reader.Bstr());
  return std::optional(content);
}

// Well-formed and an array of one item at least (RFC 9052, 4.1, 5.1, 6.1); what
// is in it, Layers reads.
Result<Bytes> ReadLayers(AnyReader& reader) {
  CAI_TRY_ASSIGN(const Type type, reader.Peek());
  if (type != Type::kArray) return Error::kCoseMalformed;
  AnyReader inside = reader;
  CAI_TRY_ASSIGN(const std::uint64_t count, inside.Array());
  if (count == 0) return Error::kCoseMalformed;
  return reader.Skip();
}

}  // namespace

Result<Message> ParseMessage(Bytes message, MessageType expected,
                             Tagging tagging) {
  AnyReader reader(message);
  CAI_TRY(ReadTag(reader, expected, tagging));
  CAI_TRY(reader.ArrayOf(FieldsOf(expected)));
  Message parsed{.type = expected};
  CAI_TRY_ASSIGN(parsed.headers, ReadHeaders(reader));
  CAI_TRY_ASSIGN(parsed.content, ReadContent(reader));
  if (IsMaced(expected) || expected == MessageType::kSign1) {
    CAI_TRY_ASSIGN(parsed.authenticator, reader.Bstr());
  }
  if (HasLayers(expected)) {
    CAI_TRY_ASSIGN(parsed.layers, ReadLayers(reader));
  }
  CAI_TRY(reader.Finish());
  return parsed;
}

Result<MessageType> TypeOf(Bytes message) {
  AnyReader reader(message);
  CAI_TRY_ASSIGN(const std::uint64_t tag, reader.Tag());
  for (const MessageType type : kTypes)
    if (static_cast<std::uint64_t>(type) == tag) return type;
  return Error::kCoseWrongType;
}

Result<Layers> Layers::Open(Bytes layers, Kind kind) {
  AnyReader reader(layers);
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count == 0) return Error::kCoseMalformed;
  if (count > kMaxLayers) return Error::kCoseTooMany;
  return Layers(reader, static_cast<std::size_t>(count), kind);
}

Result<Layer> Layers::Next() {
  CAI_TRY_ASSIGN(const Bytes item, reader_.Skip());
  --left_;
  if (kind_ == Kind::kSignatures) return ParseSignature(item);
  AnyReader reader(item);
  CAI_TRY_ASSIGN(const std::uint64_t fields, reader.Array());
  if (fields != 3 && fields != 4) return Error::kCoseMalformed;
  Layer layer;
  CAI_TRY_ASSIGN(layer.headers, ReadHeaders(reader));
  CAI_TRY_ASSIGN(layer.content, ReadContent(reader));
  if (fields == 4) {
    CAI_TRY_ASSIGN(layer.layers, ReadLayers(reader));
  }
  CAI_TRY(reader.Finish());
  return layer;
}

Result<Layer> ParseSignature(Bytes item) {
  AnyReader reader(item);
  CAI_TRY(reader.ArrayOf(3));
  Layer layer;
  CAI_TRY_ASSIGN(layer.headers, ReadHeaders(reader));
  CAI_TRY_ASSIGN(layer.content, reader.Bstr());
  CAI_TRY(reader.Finish());
  return layer;
}

}  // namespace cai::cose
