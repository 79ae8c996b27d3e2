// Everything that comes from outside: what decodes re-encodes to the same
// bytes. The first byte chooses the message, so that the fuzzer can dwell on
// one. Payloads of signed messages are signed here, to get past the signature.
#include <cstdlib>
#include <vector>

#include "lib/cose/sign1.h"
#include "lib/crypto/hash.h"
#include "lib/wire/configuration.h"
#include "lib/wire/downlink.h"
#include "lib/wire/package.h"
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

// Where things are encoded anew; two at a time.
MutableBytes Room() {
  static std::array<std::vector<std::byte>, 2> rooms{
      std::vector<std::byte>(1 << 20), std::vector<std::byte>(1 << 20)};
  static std::size_t turn = 0;
  return rooms[++turn % rooms.size()];
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

  cbor::Writer payload(Room());
  payload.Array(4);
  payload.Bstr(ByteArray<3>{std::byte{0xa1}, std::byte{1}, std::byte{1}});
  payload.Map(1);
  payload.Int(5);
  payload.Bstr(message->iv);
  payload.Bstr(message->ciphertext);
  payload.Array(message->recipient_count);
  for (std::size_t i = 0; i < message->recipient_count; ++i)
    cose::WriteRecipient(message->recipients[i], payload);
  Same(payload.Finish(), message->payload);

  cbor::Writer whole(Room());
  whole.Tag(cose::kTagSign1);
  whole.Array(4);
  whole.Bstr(message->protected_header);
  whole.Map(0);
  whole.Bstr(message->payload);
  whole.Bstr(message->signature);
  Same(whole.Finish(), in);
}

// {1: alg, 4: kid, 6: the number without leading zeros}.
Result<Bytes> EncodeSealedHeader(const SealedMessage& message) {
  const ByteArray<4> number = BigEndian(message.sequence);
  std::size_t skip = 0;
  while (skip < 3 && number[skip] == std::byte{0}) ++skip;
  static std::array<std::byte, 32> room;
  cbor::Writer writer(room);
  writer.Map(3);
  writer.Uint(1);
  writer.Uint(message.algorithm);
  writer.Uint(4);
  writer.Bstr(BigEndian(message.key_id));
  writer.Uint(6);
  writer.Bstr(Bytes(number).subspan(skip));
  return writer.Finish();
}

// What matches byte for byte is what the sender's side would write.
void FramedBytes(Bytes in) {
  const auto message = MatchFrame(in);
  if (!message) return;
  const auto suite = SuiteOf(message->algorithm);
  if (!suite.ok()) return;
  Frame frame(*suite, message->key_id);
  frame.SetSequence(message->sequence);
  const std::size_t size = message->ciphertext.size();
  std::array<std::byte, kMaxSealedOverhead> head;
  Require(frame.HeadSize(size) + size == in.size());
  Same(Bytes(head).first(frame.Write(size, head)), in.first(in.size() - size));
  std::array<std::byte, kMaxAad> aad;
  Same(AadOf(message->protected_header, aad), frame.aad());
}

void SealedMessageBytes(Bytes in) {
  FramedBytes(in);
  const auto message = ParseSealed(in);
  if (!message.ok()) return;
  Require(message->sequence < kMaxSequence);
  cbor::Writer writer(Room());
  writer.Tag(cose::kTagEncrypt0);
  writer.Array(3);
  writer.Bstr(message->protected_header);
  writer.Map(0);
  writer.Bstr(message->ciphertext);
  Same(writer.Finish(), in);
  Same(EncodeSealedHeader(*message), message->protected_header);

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

void PackageBytes(Bytes in) {
  const auto package = ParsePackage(in);
  if (!package.ok()) return;
  Same(EncodePackage(*package, Room()), in);
  PackageOpener opener;
  const ByteArray<32> owner = crypto::Sha256::Of(package->owner.xy);
  (void)opener.Verify(in, {&owner, 1}, package->manifest.target);
}

void GrantBytes(Bytes in) {
  const auto grant = ParseGrant(in);
  if (!grant.ok()) return;
  cbor::Writer writer(Room());
  cose::WriteRecipient(*grant, writer);
  Same(writer.Finish(), in);
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
      ConfigurationBytes, SmallMessages,  PackageBytes,
      GrantBytes};
  kTargets[data[0] % std::size(kTargets)](cai::AsBytes(data + 1, size - 1));
  return 0;
}
