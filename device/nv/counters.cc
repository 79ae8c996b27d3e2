#include "device/nv/counters.h"

#include <bit>

#include "device/nv/flash.h"

namespace cai::nv {
namespace {

constexpr std::uint32_t kRecord = kProgramUnit;

enum class Form : std::uint8_t { kFuses, kRecords };

struct Place {
  Form form;
  std::uint32_t size;  // bytes
};

constexpr Place Fuses(std::uint32_t count) { return {Form::kFuses, count / 8}; }
constexpr Place Records(std::uint32_t count) {
  return {Form::kRecords, count * kRecord};
}

// In the order of Counter. The number of places is the number of advances in
// the device's life: append, and never change one that devices have.
constexpr std::array<Place, static_cast<std::size_t>(Counter::kCount)> kPlaces =
    {
        Fuses(327'680),  // kBoot: one an hour for 37 years
        Records(64),     // kKeyGeneration
        Records(768),    // kServiceGeneration
        Records(128),    // kSecureImage
        Records(128),    // kNonSecureImage
        Fuses(kItsVersions),
        Fuses(393'216),  // kReading: 1,024 readings each, one a second: 12 y
        Records(128),    // kModelOwner
        Records(64),     // kLifecycle
        Fuses(kPsVersions),
        Records(16),  // kSecureKeysRevoked
        Records(16),  // kNonSecureKeysRevoked
};

constexpr std::uint32_t SizeBefore(std::size_t index) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < index; ++i) sum += kPlaces[i].size;
  return sum;
}
static_assert(SizeBefore(kPlaces.size()) <= kOtpState.size);

struct Area {
  Form form;
  std::uint32_t offset;
  std::uint32_t size;
};

Result<Area> AreaOf(Counter counter) {
  const auto index = static_cast<std::size_t>(counter);
  if (index >= kPlaces.size()) return Error::kFlashRange;
  const Place& place = kPlaces[index];
  return Area{place.form, kOtpState.offset + SizeBefore(index), place.size};
}

struct State {
  std::uint32_t value;
  std::uint32_t left;  // places that were never touched
};

// ---- Records ----------------------------------------------------------------

std::uint32_t Little32(Bytes in) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint32_t>(in[i]);
  return value;
}

ByteArray<kRecord> Encode(std::uint32_t value) {
  ByteArray<kRecord> record;
  for (std::size_t i = 0; i < 4; ++i) {
    record[i] = std::byte(value >> (8 * i));
    record[4 + i] = ~record[i];
  }
  return record;
}

State ScanRecords(Bytes area) {
  const auto records = static_cast<std::uint32_t>(area.size() / kRecord);
  State state{0, records};
  for (std::uint32_t i = 0; i < records; ++i) {
    const std::uint32_t value = Little32(area.subspan(i * kRecord));
    const std::uint32_t inverse = Little32(area.subspan(i * kRecord + 4));
    if ((value & inverse) == 0xffffffffu) continue;  // blank
    state.left = records - 1 - i;
    if (value == ~inverse) state.value = std::max(state.value, value);
  }
  return state;
}

Status AppendRecord(const Area& area, const State& state, std::uint32_t to) {
  if (state.left == 0) return Error::kCounterExhausted;
  return Program(area.offset + area.size - state.left * kRecord, Encode(to));
}

// ---- Fuses ------------------------------------------------------------------

// They are blown in order, so the first byte that is not 0x00 ends the row.
State CountFuses(Bytes area) {
  const auto end = std::ranges::partition_point(
      area, [](std::byte b) { return b == std::byte{0}; });
  auto value = static_cast<std::uint32_t>(end - area.begin()) * 8;
  if (end != area.end())
    value += 8 - static_cast<std::uint32_t>(
                     std::popcount(std::to_integer<std::uint8_t>(*end)));
  return {value, static_cast<std::uint32_t>(area.size()) * 8 - value};
}

Status BlowFuses(const Area& area, const State& state, std::uint32_t to) {
  if (to - state.value > state.left) return Error::kCounterExhausted;
  for (std::uint32_t i = state.value; i < to; ++i)
    CAI_TRY(Blow(area.offset + i / 8, i % 8));
  return kDone;
}

Result<State> Load(const Area& area) {
  CAI_TRY_ASSIGN(const Bytes bytes, View(area.offset, area.size));
  return area.form == Form::kFuses ? CountFuses(bytes) : ScanRecords(bytes);
}

}  // namespace

Result<std::uint32_t> ReadCounter(Counter counter) {
  CAI_TRY_ASSIGN(const Area area, AreaOf(counter));
  CAI_TRY_ASSIGN(const State state, Load(area));
  return state.value;
}

Status AdvanceCounter(Counter counter, std::uint32_t to) {
  CAI_TRY_ASSIGN(const Area area, AreaOf(counter));
  CAI_TRY_ASSIGN(const State before, Load(area));
  if (to == before.value) return kDone;
  if (to < before.value) return Error::kCounterBackwards;
  CAI_TRY(area.form == Form::kFuses ? BlowFuses(area, before, to)
                                    : AppendRecord(area, before, to));
  CAI_TRY_ASSIGN(const State after, Load(area));
  if (after.value != to) return Error::kFlashNotErased;
  return kDone;
}

Result<std::uint32_t> BumpCounter(Counter counter) {
  CAI_TRY_ASSIGN(const std::uint32_t now, ReadCounter(counter));
  if (now == 0xffffffffu) return Error::kCounterExhausted;
  CAI_TRY(AdvanceCounter(counter, now + 1));
  return now + 1;
}

Result<std::uint32_t> RecordsLeft(Counter counter) {
  CAI_TRY_ASSIGN(const Area area, AreaOf(counter));
  CAI_TRY_ASSIGN(const State state, Load(area));
  return state.left;
}

}  // namespace cai::nv
