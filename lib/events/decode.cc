#include <cstring>
#include <limits>

#include "lib/cbor/reader.h"
#include "lib/events/events.h"

namespace cai::events {
namespace {

template <typename T>
Result<T> Narrow(std::uint64_t value) {
  if (value > std::numeric_limits<T>::max()) return Error::kCborOutOfRange;
  return static_cast<T>(value);
}

Result<Record> Parse(Bytes cbor) {
  cbor::Reader reader(cbor);
  CAI_TRY(reader.ArrayOf(4));
  CAI_TRY_ASSIGN(const std::uint64_t ms, reader.Uint());
  CAI_TRY_ASSIGN(const std::int64_t source, reader.Int());
  CAI_TRY_ASSIGN(const std::uint64_t id, reader.Uint());
  CAI_TRY_ASSIGN(const std::uint64_t argument, reader.Uint());
  CAI_TRY(reader.Finish());
  if (source != static_cast<std::int32_t>(source))
    return Error::kCborOutOfRange;
  CAI_TRY_ASSIGN(const auto narrow_id, Narrow<std::uint16_t>(id));
  CAI_TRY_ASSIGN(const auto narrow_argument, Narrow<std::uint32_t>(argument));
  return Record{ms, static_cast<std::int32_t>(source), narrow_id,
                narrow_argument};
}

}  // namespace

std::string_view EventName(std::uint16_t id) {
  switch (EventId(id)) {
#define CAI_EVENT(name, number, words) \
  case EventId::k##name:               \
    return #name;
#include "lib/events/event_list.h"
#undef CAI_EVENT
  }
  return {};
}

std::string_view EventWords(std::uint16_t id) {
  switch (EventId(id)) {
#define CAI_EVENT(name, number, words) \
  case EventId::k##name:               \
    return words;
#include "lib/events/event_list.h"
#undef CAI_EVENT
  }
  return {};
}

std::optional<Record> Decoder::Push(std::byte b) {
  // Never full here: Scan() leaves at most a record's beginning.
  buffer_[size_++] = b;
  return Scan();
}

void Decoder::Drop(std::size_t count) {
  std::memmove(buffer_.data(), buffer_.data() + count, size_ - count);
  size_ -= count;
}

// Drops byte by byte what cannot begin a record.
std::optional<Record> Decoder::Scan() {
  while (size_ != 0) {
    const std::size_t cbor =
        size_ > 2 ? std::to_integer<std::size_t>(buffer_[2]) : 1;
    const bool may_begin = buffer_[0] == kStart0 &&
                           (size_ < 2 || buffer_[1] == kStart1) && cbor != 0 &&
                           cbor <= kMaxCbor;
    if (may_begin && (size_ < 3 || size_ < 3 + cbor + 2)) return {};
    if (may_begin) {
      const Bytes record(buffer_.data(), 3 + cbor + 2);
      const auto crc = BigEndian(Crc16(record.subspan(2, 1 + cbor)));
      const auto parsed = Parse(record.subspan(3, cbor));
      if (Equal(crc, record.last(2)) && parsed.ok()) {
        Drop(record.size());
        return *parsed;
      }
    }
    Drop(1);
    ++skipped_;
  }
  return {};
}

}  // namespace cai::events
