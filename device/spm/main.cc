// The SPM's start: takes over from boot, closes the borders, starts the
// partitions, enters NS. It never comes back here.
#include <cstring>

#include "device/arch/armv8m/protection.h"
#include "device/arch/armv8m/registers.h"
#include "device/images/memory_map.h"
#include "device/spm/console.h"
#include "device/spm/faults.h"
#include "device/spm/handoff.h"
#include "device/spm/interrupts.h"
#include "device/spm/privileges.h"
#include "device/spm/time.h"
#include "lib/base/secret.h"

extern "C" {
extern std::byte cai_link_partitions_ram_end[];
psa_status_t cai_spm_StartPartition(std::uint32_t index);
[[noreturn]] void cai_spm_EnterNs(std::uint32_t stack, std::uint32_t reset);
}

namespace cai::spm {
namespace {

using armv8m::Register;

void ConfigureCore() {
  constexpr std::uint32_t kKey = 0x05FA0000;
  constexpr std::uint32_t kPrioritiseSecure = 1u << 14;
  // BFHFNMINS stays 0: HardFault and BusFault are secure.
  Register(armv8m::kAircr) = kKey | kPrioritiseSecure;
  constexpr std::uint32_t kMemBusUsageSecure = 0xFu << 16;
  Register(armv8m::kShcsr) = kMemBusUsageSecure;
  // Faults above calls above the tick above all of NS: a supervisor call whose
  // stacking fails is a fault first, and nothing interrupts the kernel.
  Register(armv8m::kShpr1) = 0;
  Register(armv8m::kShpr2) = 0x20u << 24;
  Register(armv8m::kShpr3) = 0x40u << 24;
}

void LoadPartition(const Partition& partition) {
  // Safety: the linker script's addresses of this partition's RAM.
  auto* start = reinterpret_cast<std::byte*>(partition.regions[1].start());
  const auto size = static_cast<std::size_t>(partition.data_end - start);
  std::memcpy(start, partition.data_load, size);
}

// Whatever the last start left in any partition's memory is gone.
void WipePartitions() {
  // Safety: from the first to the last byte that the linker script placed.
  auto* start = reinterpret_cast<std::byte*>(memory::kSecureData.base);
  std::memset(start, 0,
              static_cast<std::size_t>(cai_link_partitions_ram_end - start));
}

void StartPartitions() {
  WipePartitions();
  for (const Partition& partition : kPartitions) LoadPartition(partition);
  for (std::size_t i = 0; i < kPartitions.size(); ++i) {
    const auto id = static_cast<std::int32_t>(kPartitions[i].id);
    const psa_status_t status = cai_spm_StartPartition(i);
    if (status == PSA_SUCCESS)
      Record(id, EventId::kPartitionStarted);
    else
      Record(id, EventId::kStartRefused, static_cast<std::uint32_t>(status));
  }
}

[[noreturn]] void EnterNonSecure(std::uint32_t vectors) {
  using memory::kNonsecureCodeNs;
  if (vectors % 512 != 0 || vectors < kNonsecureCodeNs.base ||
      vectors >= kNonsecureCodeNs.end())
    Die(EventId::kHandoffBad, vectors);
  Register(armv8m::kVtorNs) = vectors;
  const std::uint32_t stack = Register(vectors);
  const std::uint32_t reset = Register(vectors + 4);
  Record(events::kSourceSpm, EventId::kNonSecureEntered, reset);
  cai_spm_EnterNs(stack, reset);
}

}  // namespace

[[noreturn]] void Main() {
  ConfigureCore();
  StartConsole();
  StartTime();
  boot::Handoff handoff;
  if (!TakeHandoff(handoff)) Die(EventId::kHandoffBad, handoff.magic);
  const std::uint32_t vectors = handoff.ns_vectors;
  SetHandoff(handoff);
  Record(events::kSourceSpm, EventId::kSpmStarted, handoff.boot_count);
  Wipe(std::as_writable_bytes(std::span(&handoff, 1)));

  armv8m::ConfigureNonSecureWorld();
  armv8m::ConfigureMpu();
  ConfigureInterrupts();
  __asm__ volatile("cpsie i" ::: "memory");
  StartPartitions();
  EnterNonSecure(vectors);
}

}  // namespace cai::spm

extern "C" [[noreturn]] void cai_spm_Main() { cai::spm::Main(); }
