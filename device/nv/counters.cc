#include "device/nv/counters.h"

#include "device/nv/flash.h"

namespace cai::nv {
namespace {

constexpr std::uint32_t kRecord = kProgramUnit;

// Records per counter, in the order of Counter. Boots and ranges of readings
// are frequent; the others move by a person's decision. The number of records
// is the number of advances in the device's life, as with fuses.
constexpr std::array<std::uint16_t, static_cast<std::size_t>(Counter::kCount)>
    kRecords = {4096, 64, 768, 128, 128, 384, 2368, 128, 64};

constexpr std::uint32_t TotalRecords() {
  std::uint32_t sum = 0;
  for (const std::uint16_t records : kRecords) sum += records;
  return sum;
}
static_assert(TotalRecords() * kRecord <= kOtpState.size);

struct Area {
  std::uint32_t offset;
  std::uint32_t records;
};

Result<Area> AreaOf(Counter counter) {
  const auto index = static_cast<std::size_t>(counter);
  if (index >= kRecords.size()) return Error::kFlashRange;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < index; ++i) before += kRecords[i];
  return Area{kOtpState.offset + before * kRecord, kRecords[index]};
}

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

struct State {
  std::uint32_t value = 0;
  std::uint32_t next = 0;  // first record that was never programmed
};

State Scan(Bytes area) {
  State state;
  for (std::uint32_t i = 0; i * kRecord < area.size(); ++i) {
    const std::uint32_t value = Little32(area.subspan(i * kRecord));
    const std::uint32_t inverse = Little32(area.subspan(i * kRecord + 4));
    if ((value & inverse) == 0xffffffffu) continue;  // blank
    state.next = i + 1;
    if (value == ~inverse) state.value = std::max(state.value, value);
  }
  return state;
}

Result<State> Load(const Area& area) {
  CAI_TRY_ASSIGN(const Bytes bytes, View(area.offset, area.records * kRecord));
  return Scan(bytes);
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
  if (before.next >= area.records) return Error::kCounterExhausted;
  CAI_TRY(Program(area.offset + before.next * kRecord, Encode(to)));
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
  return area.records - state.next;
}

}  // namespace cai::nv
