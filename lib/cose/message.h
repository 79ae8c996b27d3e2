// The frame of any COSE message (RFC 9052, 2): read without any key.
#pragma once

#include <optional>

#include "lib/cbor/reader.h"
#include "lib/cose/headers.h"

namespace cai::cose {

enum class MessageType : std::uint8_t {
  kEncrypt0 = kTagEncrypt0,
  kMac0 = kTagMac0,
  kSign1 = kTagSign1,
  kEncrypt = kTagEncrypt,
  kMac = kTagMac,
  kSign = kTagSign,
};
constexpr bool IsSigned(MessageType t) {
  return t == MessageType::kSign1 || t == MessageType::kSign;
}
constexpr bool IsMaced(MessageType t) {
  return t == MessageType::kMac0 || t == MessageType::kMac;
}
constexpr bool IsEncrypted(MessageType t) {
  return t == MessageType::kEncrypt0 || t == MessageType::kEncrypt;
}

enum class Tagging : std::uint8_t { kTagged, kUntagged, kEither };

// Views into the message.
struct Message {
  MessageType type;
  Headers headers = {};
  std::optional<Bytes> content = {};  // payload or ciphertext; none if detached
  Bytes authenticator = {};           // Sign1: signature; Mac0 and Mac: tag
  Bytes layers = {};  // Sign: signatures; Encrypt, Mac: recipients; one array
};

// kCoseWrongType if it is tagged as another type than the one the caller
// expects, or tagged or not against `tagging`. Any well-formed CBOR will do,
// but for byte strings in pieces. kCoseMalformed also for a list of no
// signatures or recipients. Nothing is verified.
Result<Message> ParseMessage(Bytes message, MessageType expected,
                             Tagging tagging = Tagging::kTagged);

// What the tag says it is, for those who explain messages.
Result<MessageType> TypeOf(Bytes message);

// A COSE_Signature, a COSE_Countersignature or a COSE_recipient.
struct Layer {
  Headers headers = {};
  std::optional<Bytes> content = {};  // signature or wrapped key; none if nil
  Bytes layers = {};                  // recipients of this recipient, or empty
};

// The signatures of a Sign message, or the recipients of a message or of a
// recipient. At least one, at most kMaxLayers (kCoseTooMany).
class Layers {
 public:
  static constexpr std::size_t kMaxLayers = 64;
  enum class Kind : std::uint8_t { kSignatures, kRecipients };

  static Result<Layers> Open(Bytes layers, Kind kind);
  std::size_t size() const { return size_; }
  bool more() const { return left_ != 0; }
  Result<Layer> Next();

 private:
  Layers(cbor::AnyReader reader, std::size_t size, Kind kind)
      : reader_(reader), size_(size), left_(size), kind_(kind) {}
  cbor::AnyReader reader_;
  std::size_t size_, left_;
  Kind kind_;
};

// One COSE_Signature: [protected, unprotected, signature].
Result<Layer> ParseSignature(Bytes item);

}  // namespace cai::cose
