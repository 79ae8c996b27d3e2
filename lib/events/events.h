// Typed events of the secure side, as they stand on its console (UART1).
//
// A record is
//   0xCA 0x1E   start
//   n           length of the CBOR, 1..kMaxCbor
//   CBOR        [ms: uint, source: int, id: uint, argument: uint],
//   deterministic crc         CRC-16/CCITT-FALSE (poly 0x1021, init 0xFFFF)
//   over n and CBOR,
//               big endian
// `ms` counts since the SPE (or boot) started; `source` is a PartitionId, 0 the
// SPM, -1 boot. A reader skips bytes until a whole record with a right CRC; an
// id that it does not know is kept as a number. No free text is ever written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::events {

enum class EventId : std::uint16_t {
#define CAI_EVENT(name, number, words) k##name = number,
#include "lib/events/event_list.h"
#undef CAI_EVENT
};

constexpr std::uint16_t kErrorBit = 0x8000;
constexpr std::int32_t kSourceSpm = 0;
constexpr std::int32_t kSourceBoot = -1;

struct Record {
  std::uint64_t ms;
  std::int32_t source;
  std::uint16_t id;
  std::uint32_t argument;

  bool is_error() const { return (id & kErrorBit) != 0; }
  friend bool operator==(const Record&, const Record&) = default;
};

constexpr std::byte kStart0{0xCA}, kStart1{0x1E};
constexpr std::size_t kMaxCbor = 1 + 9 + 5 + 3 + 5;
constexpr std::size_t kMaxEncoded = 3 + kMaxCbor + 2;

std::uint16_t Crc16(Bytes bytes);

// The whole record, from 0xCA to crc, or kCborNoRoom.
Result<Bytes> Encode(const Record& record, MutableBytes out);

// Names for people, of the host only. Empty if unknown.
std::string_view EventName(std::uint16_t id);   // "PartitionFault"
std::string_view EventWords(std::uint16_t id);  // "a partition faulted ..."

// Finds records in a stream, in any pieces, after any noise.
class Decoder {
 public:
  // The record that this byte completes, if any.
  std::optional<Record> Push(std::byte b);

  // Bytes so far that belong to no record.
  std::size_t skipped() const { return skipped_; }

 private:
  void Drop(std::size_t count);
  std::optional<Record> Scan();

  ByteArray<kMaxEncoded> buffer_{};
  std::size_t size_ = 0;
  std::size_t skipped_ = 0;
};

}  // namespace cai::events
