// Any message of any type: what is parsed and was deterministic is framed again
// to the same bytes, and every question that a caller can ask of it is
// answered. The first byte chooses the type.
#include <cstdlib>
#include <vector>

#include "lib/cbor/deterministic.h"
#include "lib/cose/certificate.h"
#include "lib/cose/countersign.h"
#include "lib/cose/recipient.h"

namespace cai::cose {
namespace {

constexpr ByteArray<16> kSecret{};
const Key kKey{.k = kSecret, .base_iv = Bytes(kSecret).first(12)};
constexpr MessageType kTypes[] = {
    MessageType::kSign1, MessageType::kSign,     MessageType::kMac0,
    MessageType::kMac,   MessageType::kEncrypt0, MessageType::kEncrypt};

void Require(bool holds) {
  if (!holds) std::abort();
}

void FrameAgain(Bytes in, const Message& message) {
  // An empty protected header has two encodings, of which one is written.
  if (!cbor::CheckDeterministic(in).ok() ||
      message.headers.protected_header().empty())
    return;
  std::vector<std::byte> out(in.size());
  const auto again = WithUnprotected(message, message.headers.unprotected(),
                                     TypeOf(in).ok(), out);
  Require(again.ok() && Equal(*again, in));
}

void Ask(const Headers& headers) {
  (void)headers.CheckAlgorithm(Algorithm::kHmac256, true);
  (void)headers.CheckCritical({});
  (void)CheckKeyId(headers, kKey);
  (void)CheckX5t(headers, kSecret);
  const auto leaf = LeafOf(headers);
  ByteArray<crypto::kPublicRoom> room;
  if (leaf.ok()) (void)KeyOf(*leaf, room);
}

// Depth: what CBOR may nest.
void Walk(Bytes layers, Layers::Kind kind) {
  auto opened = Layers::Open(layers, kind);
  if (!opened.ok()) return;
  while (opened->more()) {
    const auto layer = opened->Next();
    if (!layer.ok()) return;
    Ask(layer->headers);
    ByteArray<kMaxKdfContext> room;
    (void)EncodeKdfContext(Algorithm::kA128Kw, 16, layer->headers, {}, room);
    if (!layer->layers.empty()) Walk(layer->layers, kind);
  }
}

void Open(const Message& message) {
  std::vector<std::byte> plaintext(message.content ? message.content->size()
                                                   : 0);
  Expected expected{.algorithm = Algorithm::kHmac256};
  if (!message.content) expected.detached = kSecret;
  (void)VerifyMaced(message, kKey, expected);
  expected.algorithm = Algorithm::kA128Gcm;
  (void)OpenEncrypted(message, kKey, expected, plaintext);
  expected.algorithm = Algorithm::kEdDsa;
  for (const auto version : {CountersignVersion::kV1, CountersignVersion::kV2})
    if (const auto target = TargetOf(message, expected.detached); target.ok()) {
      (void)VerifyCountersignature(*target, message.headers, version, kKey,
                                   expected);
      (void)VerifyCountersignature0(*target, message.headers, version, kKey,
                                    expected);
    }
}

void FindKeys(const Message& message) {
  constexpr Algorithm kPaths[][2] = {
      {Algorithm::kDirect},
      {Algorithm::kDirectHkdfSha256},
      {Algorithm::kDirectHkdfAes128},
      {Algorithm::kA128Kw},
      {Algorithm::kA128Kw, Algorithm::kDirectHkdfSha256}};
  for (const auto& path : kPaths) {
    const std::size_t levels = path[1] == Algorithm{} ? 1 : 2;
    const Route route{.algorithms = std::span(path).first(levels)};
    (void)FindContentKey(message, Algorithm::kA128Gcm, kKey, route);
  }
}

}  // namespace
}  // namespace cai::cose

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai::cose;
  if (size == 0) return 0;
  const cai::Bytes in = cai::AsBytes(data, size).subspan(1);
  const auto message =
      ParseMessage(in, kTypes[data[0] % std::size(kTypes)], Tagging::kEither);
  if (!message.ok()) return 0;
  FrameAgain(in, *message);
  Ask(message->headers);
  if (!message->layers.empty())
    Walk(message->layers, message->type == MessageType::kSign
                              ? Layers::Kind::kSignatures
                              : Layers::Kind::kRecipients);
  Open(*message);
  FindKeys(*message);
  return 0;
}
