#include "host/device/upkeep.h"

#include "device/nv/counters.h"
#include "device/nv/flash.h"
#include "host/device/nv_file.h"
#include "host/device/qmp.h"

namespace cai::device {
namespace {

using host::Problem;

Finished Erase(const nv::Region& region) {
  for (std::uint32_t at = 0; at < region.size; at += nv::kSectorSize)
    CAI_TRY(nv::Erase(region.offset + at));
  return kDone;
}

Outcome<std::uint32_t> Left(nv::Counter counter) {
  CAI_TRY_ASSIGN(const std::uint32_t left, nv::RecordsLeft(counter));
  return left;
}

Outcome<std::uint32_t> Value(nv::Counter counter) {
  CAI_TRY_ASSIGN(const std::uint32_t value, nv::ReadCounter(counter));
  return value;
}

Finished ReadCounters(Facts& facts) {
  using nv::Counter;
  CAI_TRY_ASSIGN(const std::uint32_t lifecycle, Value(Counter::kLifecycle));
  facts.lifecycle = static_cast<std::uint8_t>(lifecycle);
  CAI_TRY_ASSIGN(facts.boots, Value(Counter::kBoot));
  CAI_TRY_ASSIGN(facts.boots_left, Left(Counter::kBoot));
  CAI_TRY_ASSIGN(facts.reading_ranges_left, Left(Counter::kReading));
  CAI_TRY_ASSIGN(facts.its_versions_left, Left(Counter::kItsVersion));
  CAI_TRY_ASSIGN(facts.ps_versions_left, Left(Counter::kPsVersion));
  CAI_TRY_ASSIGN(facts.secure_floor, Value(Counter::kSecureImage));
  CAI_TRY_ASSIGN(facts.nonsecure_floor, Value(Counter::kNonSecureImage));
  return kDone;
}

}  // namespace

Finished Reset(const Device& device) {
  auto qmp = Qmp::Open(device.folder() / "qmp.sock");
  if (!qmp.ok())
    return Problem(qmp.error().error, "resetting the device " + device.name(),
                   "cai device run " + device.name() + " starts it");
  const auto done = qmp->Execute("system_reset");
  if (!done.ok()) return done.error();
  return kDone;
}

Finished EraseStorage(const Device& device) {
  CAI_TRY_ASSIGN(const auto lock, device.Lock());
  CAI_TRY_ASSIGN(NvFile file, NvFile::Open(device.nv(), device.board()));
  CAI_TRY(Erase(nv::kIts));
  CAI_TRY(Erase(nv::kPs));
  return file.Sync();
}

// The flash first: whoever is killed between the two does it again.
Finished Unenrol(const host::State& state, const Device& device) {
  CAI_TRY_ASSIGN(auto registry, registry::Registry::Open(state.registry_db()));
  const auto known = registry.Find(device.uuid());
  if (!known.ok())
    return Problem(known.error().error, device.name(),
                   "cai registry list shows the devices on record");
  CAI_TRY(EraseStorage(device));
  return registry.Unenrol(device.uuid());
}

Outcome<Facts> Look(const host::State& state, const Device& device) {
  Facts facts;
  facts.running = device.running();
  CAI_TRY_ASSIGN(auto registry, registry::Registry::Open(state.registry_db()));
  if (auto record = registry.Find(device.uuid()); record.ok())
    facts.record = *std::move(record);
  CAI_TRY_ASSIGN(const NvFile file, NvFile::Open(device.nv(), device.board()));
  CAI_TRY(ReadCounters(facts));
  return facts;
}

}  // namespace cai::device
