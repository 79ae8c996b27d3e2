// Everything that comes from outside: what decodes re-encodes to the same
// bytes. The first byte chooses the message, so that the fuzzer can dwell on
// one. Payloads of signed messages are signed here, to get past the signature.
#include <cstdlib>
#include <vector>

#include "lib/cose/sign1.h"
#include "lib/crypto/hash.h"
#include "lib/wire/configuration.h"
#include "lib/wire/downlink.h"
#include "lib/wire/sealed.h"
#include "lib/wire/service_key.h"

namespace cai::wire {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Same(const Result<Bytes>& encoded, Bytes in) {
  Require(encoded.ok() && Equal(*encoded, in));
}

struct Signer {
  Signer()
      : key(*crypto::ImportScalar(crypto::Sha256::Of(AsBytes("fuzz")))),
        public_key(*crypto::PublicKey(key)),
        kid(KeyIdOf(public_key)) {}
  std::vector<std::byte> Sign(std::uint16_t type, Bytes kid_bytes,
                              Bytes payload) const {
    std::vector<std::byte> out(payload.size() + 128);
    const auto made = cose::MakeSign1({type, kid_bytes}, payload, key, out);
    Require(made.ok());
    out.resize(made->size());
    return out;
  }
  crypto::P256Private key;
  crypto::P256Public public_key;
  KeyId kid;
};
const Signer& TheSigner() {
  static const Signer signer;
  return signer;
}

void ServiceKeyPayload(Bytes in) {
  const Signer& signer = TheSigner();
  const auto message = signer.Sign(kServiceKeyType, signer.kid, in);
  Svc svc{};
  if (in.size() > 11) CopyInto(svc, in.subspan(3));
  const auto key = OpenServiceKey(message, signer.public_key, svc);
  if (!key.ok()) return;
  std::array<std::byte, ServiceKey::kMaxEncoded> out;
  Same(MakeServiceKey(*key, signer.key, signer.public_key, out), message);
}

void CommandPayload(Bytes in) {
  const Signer& signer = TheSigner();
  CommandContext context{.svc = {}, .uuid = {}, .boot_count = 300};
  if (in.size() > 30) {
    CopyInto(context.svc, in.subspan(2));
    CopyInto(context.uuid, in.subspan(11));
  }
  const auto message = signer.Sign(kCommandType, context.svc, in);
  const auto command = OpenCommand(message, signer.public_key, context);
  if (!command.ok()) return;
  std::array<std::byte, Command::kMaxEncoded> out;
  Same(MakeCommand(*command, signer.key, out), message);
}

void SessionMessageBytes(Bytes in) {
  const auto message = ParseSession(in);
  if (!message.ok()) return;
  std::array<std::byte, SessionHeader::kMaxEncoded> out;
  Same(EncodeSessionHeader(message->header, out), message->protected_header);
  Require(message->recipient_count <= kMaxRecipients);
}

void SealedMessageBytes(Bytes in) {
  const auto message = ParseSealed(in);
  if (!message.ok()) return;
  Require(message->sequence < kMaxSequence);
  SessionKeys keys;
  ReceiverState state = ReceiverState::Begin(std::move(keys));
  std::vector<std::byte> scratch(message->ciphertext.size());
  const auto received = Receive(
      state, {.suite = Suite::kAes128Gcm, .now_ms = 1}, *message, scratch);
  Require(!received.ok() || received->next.top == message->sequence);
}

void PlainBytes(Bytes in) {
  const auto plain = ParsePlain(in);
  if (!plain.ok()) return;
  std::array<std::byte, kMaxPlain> out;
  Same(EncodePlain(*plain, out, in.size()), in);
}

void StateBytes(Bytes in) {
  const auto state = ParseState(in);
  if (!state.ok()) return;
  std::array<std::byte, ReceiverState::kMaxEncoded> out;
  Same(EncodeState(*state, out), in);
}

void ConfigurationBytes(Bytes in) {
  const auto configuration = ParseConfiguration(in);
  if (!configuration.ok()) return;
  std::vector<std::byte> out(Configuration::kMaxPayload);
  Same(EncodeConfiguration(*configuration, out), in);
}

void SmallMessages(Bytes in) {
  std::array<std::byte, Challenge::kEncoded> out;
  if (const auto hello = ParseHello(in); hello.ok())
    Same(EncodeHello(*hello, out), in);
  if (const auto challenge = ParseChallenge(in); challenge.ok())
    Same(EncodeChallenge(*challenge, out), in);
  (void)KindOfDownlink(in);
  (void)IsServiceKey(in);
  (void)TokenId(in);
}

}  // namespace
}  // namespace cai::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace cai::wire;
  if (size == 0) return 0;
  constexpr void (*kTargets[])(cai::Bytes) = {
      ServiceKeyPayload,  CommandPayload, SessionMessageBytes,
      SealedMessageBytes, PlainBytes,     StateBytes,
      ConfigurationBytes, SmallMessages};
  kTargets[data[0] % std::size(kTargets)](cai::AsBytes(data + 1, size - 1));
  return 0;
}
