#include "host/session/sender.h"

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

constexpr std::uint64_t kVersion = 2;
constexpr std::size_t kMaxState = 256;

Outcome<SenderState> Load(const host::fs::path& path) {
  return LoadState(path, kMaxState, ParseSender, "a sender",
                   "`cai session new` writes it");
}

// The chain key of the epoch of `next`, the older ones gone.
void CatchUp(SenderState& state) {
  for (; state.epoch < wire::EpochOf(state.next); ++state.epoch)
    wire::Ratchet(state.chain, state.epoch);
}

void Resume(const SenderState& state, wire::Sealer& sealer) {
  wire::ChainKey chain;
  CopyInto(chain.mutable_bytes(), state.chain.bytes());
  sealer.Resume(state.suite, state.key_id, std::move(chain), state.next);
}

Outcome<Blob> Encoded(wire::Plain plain, std::uint32_t sequence) {
  if (auto* const close = std::get_if<wire::Close>(&plain))
    close->last = sequence;
  Blob out(wire::kMaxPlain);
  CAI_TRY_ASSIGN(const Bytes encoded, wire::EncodePlain(plain, out));
  out.resize(encoded.size());
  return out;
}

}  // namespace

Blob EncodeSender(const SenderState& state) {
  Blob out(kMaxState);
  cbor::Writer writer(out);
  writer.Array(9);
  writer.Uint(kVersion);
  writer.Uint(static_cast<std::uint64_t>(state.suite));
  writer.Uint(state.key_id);
  writer.Bstr(state.id);
  writer.Uint(state.next);
  writer.Uint(state.epoch);
  writer.Bstr(state.chain.bytes());
  writer.Bool(state.closed);
  writer.Uint(state.started_ms);
  out.resize(writer.size());
  return out;
}

Result<SenderState> ParseSender(Bytes in) {
  cbor::Reader reader(in);
  SenderState state;
  CAI_TRY(reader.ArrayOf(9));
  CAI_TRY_ASSIGN(const std::uint64_t version, reader.Uint());
  if (version != kVersion) return Error::kWireVersion;
  CAI_TRY_ASSIGN(const std::uint64_t suite, reader.Uint());
  CAI_TRY_ASSIGN(state.suite, wire::SuiteOf(suite));
  CAI_TRY(wire::ReadUint(reader, state.key_id));
  CAI_TRY(wire::ReadArray(reader, state.id));
  CAI_TRY(wire::ReadUint(reader, state.next));
  CAI_TRY(wire::ReadUint(reader, state.epoch));
  CAI_TRY_ASSIGN(const auto chain, reader.BstrOf<32>());
  CopyInto(state.chain.mutable_bytes(), chain);
  CAI_TRY_ASSIGN(state.closed, reader.Bool());
  CAI_TRY_ASSIGN(state.started_ms, reader.Uint());
  CAI_TRY(reader.Finish());
  if (state.next > wire::kMaxSequence ||
      state.epoch > wire::EpochOf(state.next))
    return Error::kCborOutOfRange;
  return state;
}

std::uint64_t UptimeOf(Bytes token) {
  const auto parsed = eat::ParseAiToken(token);
  return parsed.ok() ? parsed->claims.uptime_s * 1000 : 0;
}

Outcome<std::uint64_t> DeviceTime(const host::fs::path& path,
                                  std::uint64_t now_ms) {
  CAI_TRY_ASSIGN(const SenderState state, Load(path));
  return now_ms - std::min(now_ms, state.started_ms);
}

Outcome<Blob> SealWith(const host::fs::path& path, const wire::Plain& plain) {
  CAI_TRY_ASSIGN(const auto lock, LockState(path));
  CAI_TRY_ASSIGN(SenderState state, Load(path));
  if (state.closed)
    return Problem(Error::kWireClosed, path.string(), "make a new session");
  if (state.next >= wire::kMaxSequence)
    return Problem(Error::kWireExhausted, path.string(), "make a new session");
  CAI_TRY_ASSIGN(Blob encoded, Encoded(plain, state.next));
  CatchUp(state);
  wire::Sealer sealer;
  Resume(state, sealer);
  ++state.next;
  state.closed = std::holds_alternative<wire::Close>(plain);
  CAI_TRY(SaveState(path, EncodeSender(state)));

  Blob out(wire::kMaxSealed);
  const auto sealed = sealer.Seal(encoded, out);
  Wipe(encoded);
  if (!sealed.ok()) return sealed.error();
  out.resize(sealed->size());
  return out;
}

}  // namespace cai::session
