// The manifest as the SPM reads it: constant tables that tools/manifest.py
// writes. All authority in the SPE is in them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "device/nv/layout.h"
#include "device/spm/partition.h"

namespace cai::spm {

// [start, end), both on the MPU's grain of 32 bytes.
enum class Access : std::uint8_t { kExecute, kReadOnly, kReadWrite, kDevice };
struct Region {
  const std::byte* first;  // symbols of the linker script
  const std::byte* last;   // one past
  Access access;

  // Safety: addresses, on a machine of 32 bits.
  std::uintptr_t start() const {
    return reinterpret_cast<std::uintptr_t>(first);
  }
  std::uintptr_t end() const { return reinterpret_cast<std::uintptr_t>(last); }
};

constexpr std::uint32_t kTakeSpeRoot = 1;
constexpr std::uint32_t kTakeSeed = 2;

struct Privileges {
  bool boot_data;
  std::uint32_t takes;     // kTake...
  std::uint32_t gives_to;  // bit n: partition n
  std::uint32_t counters;  // bit n: nv::Counter n
  std::uint32_t flash_count;
  std::array<nv::Region, 4> flash;
};

constexpr std::size_t kSwitchedRegions = 7;

struct Partition {
  PartitionId id;
  psa_status_t (*start)();
  psa_status_t (*serve)(Message*);
  psa_status_t (*interrupt)(std::uint32_t irq);  // null: owns none
  std::array<Region, kSwitchedRegions> regions;  // 0 code, 1 RAM, 2 stack
  std::uint32_t region_count;
  const std::byte* data_load;  // initial values of RAM's first bytes
  std::byte* data_end;
  std::byte* message;
  MutableBytes in;         // where inputs are copied to
  MutableBytes out;        // where outputs are written
  std::uint32_t limit_ms;  // that one call may run before it is a fault
  Privileges privileges;
};

struct Operation {
  std::uint16_t sid;
  std::uint16_t partition;  // index in kPartitions
  std::int16_t first, last;
  std::uint32_t callers;  // bit 0 NS, bit n partition n
};

// An interrupt of a partition.
struct Interrupt {
  std::uint16_t irq;
  std::uint16_t partition;  // index in kPartitions
};

struct Service {
  std::uint16_t sid;
  std::uint16_t version;
};

extern const std::span<const Partition> kPartitions;  // in order of start
extern const std::span<const Operation> kOperations;
extern const std::span<const Service> kServices;
extern const std::span<const Interrupt> kInterrupts;
constexpr std::size_t kMaxPartitions = 8;

// What is open to NS, and nothing else is.
struct SauRegion {
  std::uint32_t start, end;
};
struct MpcWords {
  std::uint32_t controller, first, end;
};
struct PpcBit {
  std::uint16_t offset;
  std::uint16_t bit;
};
extern const std::span<const SauRegion> kSauRegions;
extern const std::span<const MpcWords> kMpcWords;
extern const std::span<const PpcBit> kPpcBits;
extern const std::span<const std::uint8_t> kNonSecureIrqs;

}  // namespace cai::spm
