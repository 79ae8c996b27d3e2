// The SPM as partitions see it, on the host: flash and counters over
// device/platform/sim with the manifest's grants, calls that run at once, and
// knobs for tests. No isolation.
#pragma once

#include <vector>

#include "device/spm/partition.h"

namespace cai::fake_spm {

using Serve = psa_status_t (*)(spm::Message*);

// All knobs to their first state; the simulated chip is left alone.
void Reset();

// Who answers Call() for this service. Reset() forgets all.
void Provide(spm::Sid sid, Serve serve);

// Who the partition is that calls: client of Call(), taker of TakeKey().
void RunAs(spm::PartitionId partition);

void SetBootData(const spm::BootData& data);
void SetSpeRoot(Bytes root);  // 32 bytes
void SetSeed(Bytes seed);     // 64 bytes
void SetUptime(std::uint64_t ms);

// The regions that FlashRead and the others may touch; all, if empty.
void GrantFlash(std::vector<nv::Region> regions);

struct RecordedEvent {
  std::uint16_t id;
  std::uint32_t argument;
};
const std::vector<RecordedEvent>& events();

// One request as the SPM would deliver it: inputs copied, outputs of the given
// capacities. After Send(), `outputs` have the size that the callee set.
struct Request {
  spm::Sid sid{};
  std::int32_t client = -1;
  std::int32_t op = 0;
  std::vector<std::vector<std::byte>> inputs = {};
  std::vector<std::vector<std::byte>> outputs = {};

  template <typename T>
  Request& In(const T& value) {
    return InBytes({reinterpret_cast<const std::byte*>(&value), sizeof(T)});
  }
  Request& InBytes(Bytes bytes) {
    inputs.emplace_back(bytes.begin(), bytes.end());
    return *this;
  }
  Request& Out(std::size_t capacity) {
    outputs.emplace_back(capacity);
    return *this;
  }
  psa_status_t Send(Serve serve);
};

}  // namespace cai::fake_spm
