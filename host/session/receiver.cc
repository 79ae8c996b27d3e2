#include "host/session/receiver.h"

#include "host/session/state_file.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/eat/parse.h"
#include "lib/wire/fields.h"

namespace cai::session {
namespace {

using host::Blob;
using host::Outcome;
using host::Problem;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxState = wire::ReceiverState::kMaxEncoded + 256;

Outcome<ReceiverFile> Load(const host::fs::path& path) {
  return LoadState(path, kMaxState, ParseReceiver, "a receiver",
                   "`cai session open --session` writes it");
}

// What the token says that readings are checked against, if it is an AI token.
void TakeBounds(Bytes token, ReceiverFile& file) {
  const auto parsed = eat::ParseAiToken(token);
  if (!parsed.ok()) {
    file.component_count = 0xffff;
    return;
  }
  file.token_uptime_ms = parsed->claims.uptime_s * 1000;
  file.component_count =
      static_cast<std::uint16_t>(parsed->claims.component_count);
}

}  // namespace

Blob EncodeReceiver(const ReceiverFile& file) {
  ByteArray<wire::ReceiverState::kMaxEncoded> room;
  const auto state = wire::EncodeState(file.state, room);
  Blob out(kMaxState);
  cbor::Writer writer(out);
  writer.Array(7);
  writer.Uint(kVersion);
  writer.Uint(static_cast<std::uint64_t>(file.suite));
  writer.Uint(file.key_id);
  writer.Bstr(file.id);
  writer.Uint(file.token_uptime_ms);
  writer.Uint(file.component_count);
  writer.Bstr(state.ok() ? *state : Bytes{});  // kMaxEncoded is exact
  Wipe(room);
  out.resize(writer.size());
  return out;
}

Result<ReceiverFile> ParseReceiver(Bytes in) {
  cbor::Reader reader(in);
  ReceiverFile file;
  CAI_TRY(reader.ArrayOf(7));
  CAI_TRY_ASSIGN(const std::uint64_t version, reader.Uint());
  if (version != kVersion) return Error::kWireVersion;
  CAI_TRY_ASSIGN(const std::uint64_t suite, reader.Uint());
  CAI_TRY_ASSIGN(file.suite, wire::SuiteOf(suite));
  CAI_TRY(wire::ReadUint(reader, file.key_id));
  CAI_TRY(wire::ReadArray(reader, file.id));
  CAI_TRY_ASSIGN(file.token_uptime_ms, reader.Uint());
  CAI_TRY(wire::ReadUint(reader, file.component_count));
  CAI_TRY_ASSIGN(const Bytes state, reader.Bstr());
  CAI_TRY(reader.Finish());
  CAI_TRY_ASSIGN(file.state, wire::ParseState(state));
  return file;
}

Outcome<Accepted> Accept(Bytes message, const Parties& parties) {
  CAI_TRY_ASSIGN(const auto parsed, wire::ParseSession(message));
  CAI_TRY(wire::VerifySession(parsed, parties.uuid, parties.cose_sign,
                              parties.svc));
  Blob room(parsed.ciphertext.size());
  auto plain = wire::UnwrapSession(parsed, parties.service_key, parties.service,
                                   parties.ueid, room);
  if (!plain.ok()) return plain.error();
  Accepted out;
  out.header = parsed.header;
  out.token = host::ToBlob(plain->token);
  out.file.suite = parsed.header.suite;
  out.file.key_id = parsed.header.key_id();
  out.file.id = parsed.id;
  TakeBounds(plain->token, out.file);
  out.file.state = wire::ReceiverState::Begin(std::move(plain->keys));
  return out;
}

Outcome<Opened> OpenWith(const host::fs::path& path, Bytes message,
                         std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(const auto lock, LockState(path));
  CAI_TRY_ASSIGN(ReceiverFile file, Load(path));
  CAI_TRY_ASSIGN(const auto parsed, wire::ParseSealed(message));
  if (parsed.key_id != file.key_id) return Error::kWireUnknownSession;
  Opened out;
  out.memory.resize(parsed.ciphertext.size());
  auto received = wire::Receive(file.state,
                                {.suite = file.suite,
                                 .token_uptime_ms = file.token_uptime_ms,
                                 .nonce_issued_ms = 0,
                                 .now_ms = now_ms,
                                 .component_count = file.component_count},
                                parsed, out.memory);
  if (!received.ok()) return received.error();
  if (received->seen)
    return Problem(Error::kWireReplay,
                   "message " + std::to_string(received->sequence));
  file.state = std::move(received->next);
  CAI_TRY(SaveState(path, EncodeReceiver(file)));
  out.sequence = received->sequence;
  out.plain = received->plain;
  return out;
}

}  // namespace cai::session
