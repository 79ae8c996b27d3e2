// NS touches what a table tells it to: by itself, or by way of the hostile
// partition. tests/device/attack_matrix.py makes the table, loads it behind the
// NS image, and judges what became of each attempt.
#include "device/images/memory_map.h"
#include "device/tests/ns/tap.h"
#include "device/tests/partition/ops.h"
#include "psa/client.h"

namespace cai::test {
namespace {

enum class Action : std::uint32_t {
  kRead = 0,
  kWrite = 1,
  kExecute = 2,
  kByPartition = 16,  // added to one of the above
};

struct Probe {
  std::uint32_t address;
  std::uint32_t action;
};

// The last 64 KiB of NS code memory: u32 count, then that many probes.
constexpr std::uintptr_t kTable = memory::kNonsecureCodeNs.end() - 0x10000;
constexpr std::uint32_t kMaxProbes = 1024;

volatile std::uint32_t value_read = 0;

void Read(std::uint32_t address) {
  // Safety: meant to fault.
  value_read = *reinterpret_cast<volatile std::uint32_t*>(address);
}
void Write(std::uint32_t address) {
  // Safety: meant to fault.
  *reinterpret_cast<volatile std::uint32_t*>(address) = 0xBADBADBA;
}
void Execute(std::uint32_t address) {
  // Safety: meant to fault.
  reinterpret_cast<void (*)()>(address | 1)();
}

void TouchAsNs(const Probe& probe) {
  constexpr void (*kTouch[])(std::uint32_t) = {Read, Write, Execute};
  value_read = 0xFFFFFFFF;
  if (tap::Faults(kTouch[probe.action], probe.address))
    tap::Note("fault", tap::fault_vector);
  else
    tap::Note("value", value_read);
}

void TouchAsPartition(const Probe& probe) {
  const auto op =
      static_cast<std::int32_t>(Op::kRead) +
      static_cast<std::int32_t>(
          probe.action - static_cast<std::uint32_t>(Action::kByPartition));
  const psa_invec in{&probe.address, sizeof probe.address};
  const psa_status_t status =
      psa_call(CAI_PSA_HANDLE(kHostileSid), op, &in, 1, nullptr, 0);
  tap::Note("status", static_cast<std::uint32_t>(-status));
}

CAI_DEVICE_TEST(Attack, Probes) {
  // Safety: placed there by QEMU's loader.
  const std::uint32_t count = *reinterpret_cast<const std::uint32_t*>(kTable);
  const auto* const probes = reinterpret_cast<const Probe*>(kTable + 8);
  EXPECT(count <= kMaxProbes);
  for (std::uint32_t i = 0; i < count && i < kMaxProbes; ++i) {
    tap::Note("probe", i);
    if (probes[i].action < static_cast<std::uint32_t>(Action::kByPartition))
      TouchAsNs(probes[i]);
    else
      TouchAsPartition(probes[i]);
  }
}

}  // namespace
}  // namespace cai::test
