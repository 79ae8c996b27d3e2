#include "device/spm/partition_list.h"

#include <algorithm>

extern "C" {
extern std::byte cai_link_shared_start[], cai_link_shared_end[];
}

namespace cai::spm {

const Partition* FindPartition(std::int32_t id) {
  const auto at =
      std::ranges::find(kPartitions, PartitionId(id), &Partition::id);
  return at == kPartitions.end() ? nullptr : &*at;
}

const Operation* FindOperation(std::uint32_t sid, std::int32_t op) {
  const auto at = std::ranges::find_if(kOperations, [=](const Operation& o) {
    return o.sid == sid && o.first <= op && op <= o.last;
  });
  return at == kOperations.end() ? nullptr : &*at;
}

const Service* FindService(std::uint32_t sid) {
  const auto at = std::ranges::find_if(
      kServices, [=](const Service& s) { return s.sid == sid; });
  return at == kServices.end() ? nullptr : &*at;
}

bool MayCall(const Operation& operation, std::int32_t client) {
  const unsigned bit = client < 0 ? 0 : static_cast<unsigned>(client);
  return (operation.callers >> bit & 1) != 0;
}

bool InShared(std::uintptr_t base, std::size_t size) {
  // Safety: the linker script defines both as addresses.
  const auto start = reinterpret_cast<std::uintptr_t>(cai_link_shared_start);
  const auto end = reinterpret_cast<std::uintptr_t>(cai_link_shared_end);
  return base >= start && base <= end && size <= end - base;
}

}  // namespace cai::spm
