#include "host/flow/state.h"

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::flow {
namespace {

constexpr std::string_view kSecret = "secret", kSessionId = "session_id";

void WriteNumbers(Bytes bytes, cbor::Writer& writer) {
  writer.Array(bytes.size());
  for (const std::byte b : bytes) writer.Uint(std::to_integer<unsigned>(b));
}

Result<host::Blob> ReadNumbers(cbor::Reader& reader) {
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count > kMaxSessionId) return Error::kFlowMalformed;
  host::Blob out;
  out.reserve(kMaxSessionId);  // no copy of a key is left behind
  for (std::uint64_t i = 0; i < count; ++i) {
    CAI_TRY_ASSIGN(const std::uint64_t value, reader.Uint());
    if (value > 0xff) return Error::kFlowMalformed;
    out.push_back(std::byte(value));
  }
  return out;
}

Result<host::Blob> ReadOctets(cbor::Reader& reader) {
  CAI_TRY_ASSIGN(const cbor::Type type, reader.Peek());
  if (type != cbor::Type::kBstr) return ReadNumbers(reader);
  CAI_TRY_ASSIGN(const Bytes bytes, reader.Bstr());
  if (bytes.size() > kMaxSessionId) return Error::kFlowMalformed;
  return host::ToBlob(bytes);
}

struct Seen {
  bool secret = false, id = false;
};

Status ReadField(cbor::Reader& reader, SessionState& state, Seen& seen) {
  CAI_TRY_ASSIGN(const std::string_view key, reader.Text());
  if (key == kSecret && !seen.secret) {
    seen.secret = true;
    CAI_TRY_ASSIGN(host::Blob secret, ReadOctets(reader));
    const bool fits = secret.size() == SessionKey::size();
    CopyInto(state.key.mutable_bytes(), secret);
    Wipe(secret);
    if (!fits) return Error::kFlowMalformed;
  } else if (key == kSessionId && !seen.id) {
    seen.id = true;
    CAI_TRY_ASSIGN(state.id, ReadOctets(reader));
  } else if (key == kSecret || key == kSessionId) {
    return Error::kCborDuplicateKey;
  } else {
    CAI_TRY(reader.Skip());
  }
  return kDone;
}

}  // namespace

host::Blob EncodeState(const SessionState& state) {
  host::Blob out(64 + 2 * (SessionKey::size() + state.id.size()));
  cbor::Writer writer(out);
  writer.Map(2);
  writer.Text(kSecret);
  WriteNumbers(state.key.bytes(), writer);
  writer.Text(kSessionId);
  WriteNumbers(state.id, writer);
  out.resize(writer.size());
  return out;
}

Result<SessionState> ParseState(Bytes in) {
  cbor::Reader reader(in, cbor::Mode::kLenient);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  SessionState state;
  Seen seen;
  for (std::uint64_t i = 0; i < pairs; ++i)
    CAI_TRY(ReadField(reader, state, seen));
  CAI_TRY(reader.Finish());
  if (!seen.secret || !seen.id) return Error::kFlowMalformed;
  return state;
}

}  // namespace cai::flow
