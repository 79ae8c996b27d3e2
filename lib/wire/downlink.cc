#include "lib/wire/downlink.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fields.h"

namespace cai::wire {
namespace {

constexpr std::uint64_t kNeed = 1, kChallenge = 2, kHello = 3;
constexpr std::uint64_t kNeedSession = 1;

bool TakesModel(Command::Op op) {
  return op == Command::Op::kStopModel || op == Command::Op::kAllowModel;
}

Status ExpectFrame(cbor::Reader& reader, std::uint64_t items,
                   std::uint64_t type) {
  CAI_TRY(reader.ArrayOf(items));
  CAI_TRY_ASSIGN(const std::uint64_t found, reader.Uint());
  if (found != type) return Error::kWireMalformed;
  return kDone;
}

Result<Bytes> EncodePayload(const Command& command, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(6);
  writer.Bstr(command.svc);
  writer.Bstr(command.uuid);
  writer.Uint(command.boot_count);
  writer.Uint(command.counter);
  writer.Uint(static_cast<std::uint64_t>(command.op));
  if (command.model)
    writer.Bstr(*command.model);
  else
    writer.Null();
  return writer.Finish();
}

Status ReadOp(cbor::Reader& reader, Command& command) {
  std::uint8_t op = 0;
  CAI_TRY(ReadUint(reader, op));
  if (op < static_cast<std::uint8_t>(Command::Op::kNewSession) ||
      op > static_cast<std::uint8_t>(Command::Op::kReadState))
    return Error::kWireMalformed;
  command.op = static_cast<Command::Op>(op);
  if (!TakesModel(command.op)) return reader.Null();
  command.model.emplace();
  return ReadArray(reader, *command.model);
}

Result<Command> ParsePayload(Bytes payload) {
  cbor::Reader reader(payload);
  Command command;
  CAI_TRY(reader.ArrayOf(6));
  CAI_TRY(ReadArray(reader, command.svc));
  CAI_TRY(ReadArray(reader, command.uuid));
  CAI_TRY(ReadUint(reader, command.boot_count));
  CAI_TRY(ReadUint(reader, command.counter));
  CAI_TRY(ReadOp(reader, command));
  CAI_TRY(reader.Finish());
  return command;
}

}  // namespace

Result<Bytes> EncodeHello(const Hello& hello, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(2);
  writer.Uint(kHello);
  writer.Bstr(hello.svc);
  return writer.Finish();
}

Result<Hello> ParseHello(Bytes in) {
  cbor::Reader reader(in);
  Hello hello;
  CAI_TRY(ExpectFrame(reader, 2, kHello));
  CAI_TRY(ReadArray(reader, hello.svc));
  CAI_TRY(reader.Finish());
  return hello;
}

Result<Bytes> EncodeNeed(MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(2);
  writer.Uint(kNeed);
  writer.Uint(kNeedSession);
  return writer.Finish();
}

Result<Bytes> EncodeChallenge(const Challenge& challenge, MutableBytes out) {
  cbor::Writer writer(out);
  writer.Array(3);
  writer.Uint(kChallenge);
  writer.Bstr(challenge.nonce);
  writer.Bstr(challenge.svc);
  return writer.Finish();
}

Result<Challenge> ParseChallenge(Bytes in) {
  cbor::Reader reader(in);
  Challenge challenge;
  CAI_TRY(ExpectFrame(reader, 3, kChallenge));
  CAI_TRY(ReadArray(reader, challenge.nonce));
  CAI_TRY(ReadArray(reader, challenge.svc));
  CAI_TRY(reader.Finish());
  return challenge;
}

Result<Bytes> MakeCommand(const Command& command, crypto::P256Private signing,
                          MutableBytes out) {
  if (TakesModel(command.op) != command.model.has_value())
    return Error::kWireMalformed;
  ByteArray<Command::kMaxPayload> room;
  CAI_TRY_ASSIGN(const Bytes payload, EncodePayload(command, room));
  return cose::MakeSign1({kCommandType, command.svc}, payload, signing, out);
}

Result<Command> OpenCommand(Bytes message, const crypto::P256Public& signing,
                            const CommandContext& context) {
  if (message.size() > Command::kMaxEncoded) return Error::kWireTooLarge;
  CAI_TRY_ASSIGN(
      const cose::Sign1 sign1,
      cose::OpenSign1(message, {kCommandType, context.svc}, signing));
  CAI_TRY_ASSIGN(const Command command, ParsePayload(sign1.payload));
  if (command.svc != context.svc) return Error::kWireWrongService;
  if (command.uuid != context.uuid) return Error::kWireWrongDevice;
  if (command.boot_count != context.boot_count) return Error::kWireWrongBoot;
  if (command.counter <= context.last_counter) return Error::kWireReplay;
  return command;
}

DownlinkKind KindOfDownlink(Bytes message) {
  constexpr std::byte kSign1{0xd2}, kArray2{0x82}, kArray3{0x83};
  if (message.size() < 2) return DownlinkKind::kUnknown;
  if (message[0] == kSign1) return DownlinkKind::kSigned;
  if (message[0] == kArray2 && message[1] == std::byte{kNeed})
    return DownlinkKind::kNeed;
  if (message[0] == kArray3 && message[1] == std::byte{kChallenge})
    return DownlinkKind::kChallenge;
  return DownlinkKind::kUnknown;
}

bool IsServiceKey(Bytes message) {
  const Result<cose::Sign1> sign1 = cose::ParseSign1(message);
  if (!sign1.ok()) return false;
  const Result<cose::Sign1Header> header =
      cose::ParseHeader(sign1->protected_header, true);
  return header.ok() && header->content_type == kServiceKeyType;
}

}  // namespace cai::wire
