// Look-ups in the manifest's tables.
#pragma once

#include "device/spm/tables.h"

namespace cai::spm {

// Null if there is none.
const Partition* FindPartition(std::int32_t id);
const Operation* FindOperation(std::uint32_t sid, std::int32_t op);
const Service* FindService(std::uint32_t sid);

// True if `client` may call any (this) operation.
bool MayCall(const Operation& operation, std::int32_t client);

// In the code that every partition may execute and read.
bool InShared(std::uintptr_t base, std::size_t size);

}  // namespace cai::spm
