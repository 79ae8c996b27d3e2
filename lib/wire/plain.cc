#include "lib/wire/plain.h"

#include <algorithm>

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/wire/fields.h"

namespace cai::wire {
namespace {

constexpr std::uint64_t kReading = 1, kEvent = 2, kClose = 3, kCheckpoint = 4;

void Write(const Reading& reading, cbor::Writer& writer) {
  writer.Array(5);
  writer.Uint(kReading);
  writer.Uint(reading.model_index);
  writer.Uint(reading.time_ms);
  writer.Array(reading.input_count);
  for (std::size_t i = 0; i < reading.input_count; ++i)
    writer.Int(reading.inputs[i]);
  writer.Bstr(reading.output);
}

void Write(const Event& event, cbor::Writer& writer) {
  writer.Array(4);
  writer.Uint(kEvent);
  writer.Uint(event.time_ms);
  writer.Uint(event.id);
  writer.Uint(event.argument);
}

void Write(const Close& close, cbor::Writer& writer) {
  writer.Array(3);
  writer.Uint(kClose);
  writer.Uint(close.last);
  writer.Uint(static_cast<std::uint64_t>(close.reason));
}

void Write(const Checkpoint& checkpoint, cbor::Writer& writer) {
  writer.Array(3);
  writer.Uint(kCheckpoint);
  writer.Uint(checkpoint.upto);
  writer.Bstr(checkpoint.signature);
}

// Not std::visit: it throws for a variant without value, and the device does
// not.
void Write(const Plain& plain, cbor::Writer& writer) {
  if (const auto* reading = std::get_if<Reading>(&plain))
    Write(*reading, writer);
  if (const auto* event = std::get_if<Event>(&plain)) Write(*event, writer);
  if (const auto* close = std::get_if<Close>(&plain)) Write(*close, writer);
  if (const auto* point = std::get_if<Checkpoint>(&plain))
    Write(*point, writer);
}

bool WithinLimits(const Plain& plain) {
  const Reading* const reading = std::get_if<Reading>(&plain);
  return reading == nullptr || (reading->input_count <= Reading::kMaxInputs &&
                                reading->output.size() <= Reading::kMaxOutput);
}

// What it is padded to at least: by its counts, never by its values.
std::size_t SizeOf(const Plain& plain) {
  if (const auto* reading = std::get_if<Reading>(&plain))
    return PaddedReading(reading->input_count, reading->output.size());
  return std::holds_alternative<Checkpoint>(plain)
             ? Padded(Checkpoint::kMaxEncoded)
             : kPaddingStep;
}

bool AllZero(Bytes bytes) {
  return std::ranges::all_of(bytes,
                             [](std::byte b) { return b == std::byte{0}; });
}

Status ReadInputs(cbor::Reader& reader, Reading& reading) {
  CAI_TRY_ASSIGN(const std::uint64_t count, reader.Array());
  if (count > Reading::kMaxInputs) return Error::kWireMalformed;
  reading.input_count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < reading.input_count; ++i) {
    CAI_TRY_ASSIGN(const std::int64_t value, reader.Int());
    reading.inputs[i] = static_cast<std::int32_t>(value);
    if (reading.inputs[i] != value) return Error::kCborOutOfRange;
  }
  return kDone;
}

Result<Plain> ReadReading(cbor::Reader& reader) {
  Reading reading;
  CAI_TRY(ReadUint(reader, reading.model_index));
  CAI_TRY(ReadUint(reader, reading.time_ms));
  CAI_TRY(ReadInputs(reader, reading));
  CAI_TRY_ASSIGN(reading.output, reader.Bstr());
  if (reading.output.size() > Reading::kMaxOutput) return Error::kWireMalformed;
  return Plain(reading);
}

Result<Plain> ReadEvent(cbor::Reader& reader) {
  Event event;
  CAI_TRY(ReadUint(reader, event.time_ms));
  CAI_TRY(ReadUint(reader, event.id));
  CAI_TRY(ReadUint(reader, event.argument));
  return Plain(event);
}

Result<Plain> ReadClose(cbor::Reader& reader) {
  Close close;
  CAI_TRY(ReadUint(reader, close.last));
  std::uint8_t reason = 0;
  CAI_TRY(ReadUint(reader, reason));
  if (reason < static_cast<std::uint8_t>(Close::Reason::kCommand) ||
      reason > static_cast<std::uint8_t>(Close::Reason::kChallenge))
    return Error::kWireMalformed;
  close.reason = static_cast<Close::Reason>(reason);
  return Plain(close);
}

Result<Plain> ReadCheckpoint(cbor::Reader& reader) {
  Checkpoint checkpoint;
  CAI_TRY(ReadUint(reader, checkpoint.upto));
  CAI_TRY(ReadArray(reader, checkpoint.signature));
  return Plain(checkpoint);
}

Result<Plain> ReadBody(std::uint64_t items, std::uint64_t type,
                       cbor::Reader& reader) {
  if (type == kReading && items == 5) return ReadReading(reader);
  if (type == kEvent && items == 4) return ReadEvent(reader);
  if (type == kClose && items == 3) return ReadClose(reader);
  if (type == kCheckpoint && items == 3) return ReadCheckpoint(reader);
  return Error::kWireMalformed;
}

}  // namespace

Result<Bytes> EncodePlain(const Plain& plain, MutableBytes out,
                          std::size_t padded) {
  if (!WithinLimits(plain) || padded > kMaxPlain || padded % kPaddingStep != 0)
    return Error::kWireTooLarge;
  cbor::Writer writer(out);
  Write(plain, writer);
  padded = std::max(padded, SizeOf(plain));
  if (padded > out.size()) return Error::kCborNoRoom;
  std::ranges::fill(out.subspan(writer.size(), padded - writer.size()),
                    std::byte{0});
  return Bytes(out.first(padded));
}

Result<Plain> ParsePlain(Bytes in) {
  if (in.size() > kMaxPlain || in.size() % kPaddingStep != 0)
    return Error::kWireMalformed;
  cbor::Reader reader(in);
  CAI_TRY_ASSIGN(const std::uint64_t items, reader.Array());
  CAI_TRY_ASSIGN(const std::uint64_t type, reader.Uint());
  CAI_TRY_ASSIGN(const Plain plain, ReadBody(items, type, reader));
  if (in.size() < SizeOf(plain) || !AllZero(reader.rest()))
    return Error::kWireMalformed;
  return plain;
}

}  // namespace cai::wire
