// What is done to a device after it was made, and how it stands.
#pragma once

#include <optional>

#include "host/device/device.h"
#include "host/registry/registry.h"

namespace cai::device {

// A guest reset of a running device: as its own reset line, so RAM that nobody
// wipes stays and the seed of this start comes back. kHostNotFound if it does
// not run.
Finished Reset(const Device& device);

// Erases what the device stored (ITS and PS: objects, keys, certificates).
// Identity, counters, configuration and images stay. The device reports
// StorageRolledBack at its next start, once for each store that was not empty.
// kHostInUse while it runs. Killed half-way: do it again.
Finished EraseStorage(const Device& device);

// EraseStorage, and in the registry the pinned key and certificates go: the
// device enrols anew at its next start. Also for a device that is not on record
// any more: kRegistryUnknownDevice, and nothing is changed.
Finished Unenrol(const host::State& state, const Device& device);

struct Facts {
  std::uint8_t lifecycle = 0;  // RFC 9783, 4.3.1: 3 is secured
  std::uint32_t boots = 0;
  std::uint32_t boots_left = 0;
  std::uint32_t reading_ranges_left = 0;  // of 1024 sealed messages
  std::uint32_t its_versions_left = 0;
  std::uint32_t ps_versions_left = 0;
  std::uint32_t secure_floor = 0;  // security counters
  std::uint32_t nonsecure_floor = 0;
  std::optional<registry::Device> record;  // none: not in the registry
  bool running = false;
};
Outcome<Facts> Look(const host::State& state, const Device& device);

}  // namespace cai::device
