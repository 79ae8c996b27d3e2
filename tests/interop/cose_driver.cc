// Opens and makes COSE messages for tests in other languages: one JSON object a
// line in, one a line out. Bytes are hexadecimal, keys are COSE_Key.
//   {"op": "open", "type": 97, "message": …, "key": …, "algorithm": 5,
//    "recipient": -3, "sender": …, "external": …}  ->  {"payload": …}
//   {"op": "make", …, "payload": …, "kid": …, "iv": …}  ->  {"message": …}
// An error is {"error": "CoseBadTag"}.
#include <boost/json.hpp>
#include <deque>
#include <iostream>
#include <string>

#include "lib/base/error.h"
#include "lib/cose/recipient.h"
#include "tests/hex.h"

namespace cai::cose {
namespace {

using Object = boost::json::object;
using Blob = std::vector<std::byte>;

constexpr std::size_t kRoom = 1 << 16;

struct Request {
  explicit Request(const Object& from) : json(from) {}

  std::optional<Bytes> Find(const char* name) {
    const auto* const value = json.if_contains(name);
    if (value == nullptr) return std::nullopt;
    return kept.emplace_back(testing::FromHex(value->as_string()));
  }
  Bytes At(const char* name) { return Find(name).value_or(Bytes()); }
  Algorithm Named(const char* name) const {
    return static_cast<Algorithm>(json.at(name).as_int64());
  }
  bool Has(const char* name) const { return json.contains(name); }
  MessageType type() const {
    return static_cast<MessageType>(json.at("type").as_int64());
  }

  const Object& json;
  std::deque<Blob> kept;
};

Result<Blob> Copied(const Result<Bytes>& bytes) {
  if (!bytes.ok()) return bytes.error();
  return Blob(bytes->begin(), bytes->end());
}

Result<Blob> OpenWith(const Message& message, const Key& key,
                      const Expected& expected) {
  if (IsSigned(message.type))
    return Copied(VerifySigned(message, key, expected));
  if (IsMaced(message.type)) return Copied(VerifyMaced(message, key, expected));
  Blob room(kRoom);
  return Copied(OpenEncrypted(message, key, expected, room));
}

Result<Blob> Open(Request& request) {
  CAI_TRY_ASSIGN(const Message message,
                 ParseMessage(request.At("message"), request.type()));
  CAI_TRY_ASSIGN(const Key key, ParseKey(request.At("key")));
  const Expected expected{.algorithm = request.Named("algorithm"),
                          .external_aad = request.At("external")};
  if (!request.Has("recipient")) return OpenWith(message, key, expected);
  const Algorithm recipient = request.Named("recipient");
  std::optional<Key> sender;
  if (const auto encoded = request.Find("sender")) {
    CAI_TRY_ASSIGN(sender, ParseKey(*encoded));
  }
  const Route route{.algorithms = {&recipient, 1},
                    .sender = sender ? &*sender : nullptr};
  CAI_TRY_ASSIGN(const ContentKey content,
                 FindContentKey(message, expected.algorithm, key, route));
  return OpenWith(message, content.key(), expected);
}

struct Maps {
  ByteArray<64> protected_room;
  ByteArray<256> unprotected_room;
  Bytes protected_header, unprotected;
};

Status WriteMaps(Request& request, bool with_id, Maps& maps) {
  CAI_TRY_ASSIGN(maps.protected_header,
                 HeaderWriter(maps.protected_room)
                     .Algorithm(request.Named("algorithm"))
                     .Finish());
  HeaderWriter writer(maps.unprotected_room);
  if (with_id && request.Has("kid"))
    writer.Bstr(Header::kKeyId, request.At("kid"));
  if (request.Has("iv")) writer.Bstr(Header::kIv, request.At("iv"));
  CAI_TRY_ASSIGN(maps.unprotected, writer.Finish());
  return kDone;
}

Result<Blob> MakeSigned(Request& request, const Key& key, const Draft& draft,
                        MutableBytes room) {
  const Algorithm algorithm = request.Named("algorithm");
  if (request.type() == MessageType::kSign1)
    return Copied(MakeSign1(draft, algorithm, key, room));
  const Signer signer{.protected_header = draft.protected_header,
                      .unprotected = draft.unprotected,
                      .algorithm = algorithm,
                      .key = &key,
                      .external_aad = draft.external_aad};
  return Copied(MakeSign({.payload = draft.payload}, {&signer, 1}, room));
}

Result<Bytes> WriteRecipients(Request& request, const Key& key,
                              ContentKey& content, MutableBytes out) {
  std::optional<Key> sender;
  if (const auto encoded = request.Find("sender")) {
    CAI_TRY_ASSIGN(sender, ParseKey(*encoded));
  }
  const RecipientDraft draft{.algorithm = request.Named("recipient"),
                             .key = &key,
                             .id = request.Find("kid"),
                             .kdf = {.u = {.nonce = request.Find("nonce")}},
                             .send_parties = true,
                             .sender = sender ? &*sender : nullptr};
  return MakeRecipients({&draft, 1}, request.Named("algorithm"), content, out);
}

Result<Blob> Make(Request& request) {
  CAI_TRY_ASSIGN(const Key key, ParseKey(request.At("key")));
  const bool layered = request.Has("recipient");
  Maps maps;
  CAI_TRY(WriteMaps(request, !layered, maps));
  const Draft draft{.protected_header = maps.protected_header,
                    .unprotected = maps.unprotected,
                    .payload = request.At("payload"),
                    .external_aad = request.At("external")};
  Blob room(kRoom), recipients_room(kRoom);
  if (IsSigned(request.type())) return MakeSigned(request, key, draft, room);
  ContentKey content;
  Bytes recipients;
  if (layered) {
    CAI_TRY_ASSIGN(recipients,
                   WriteRecipients(request, key, content, recipients_room));
  }
  const Key used = layered ? content.key() : key;
  const auto make =
      IsMaced(request.type())
          ? MakeMac(draft, request.Named("algorithm"), used, recipients, room)
          : MakeEncrypt(draft, request.Named("algorithm"), used, recipients,
                        room);
  return Copied(make);
}

Object Answer(const std::string& line) {
  const auto json = boost::json::parse(line);
  Request request(json.as_object());
  const bool open = json.at("op").as_string() == "open";
  const Result<Blob> done = open ? Open(request) : Make(request);
  if (!done.ok()) return {{"error", std::string(ErrorName(done.error()))}};
  return {{open ? "payload" : "message", testing::Hex(*done)}};
}

}  // namespace
}  // namespace cai::cose

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << boost::json::serialize(cai::cose::Answer(line)) << std::endl;
}
