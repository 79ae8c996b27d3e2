// What a partition does that was taken over: each ends in a fault, or the
// isolation has a hole.
#pragma once

#include <cstdint>

#include "psa/error.h"

namespace cai::test {

enum class Op : std::int32_t;

// Requests Op::kRead to Op::kBreakpoint with `address`; PSA_SUCCESS only if
// nothing stopped it, PSA_ERROR_NOT_SUPPORTED for any other operation.
psa_status_t Misbehave(Op op, std::uint32_t address);

}  // namespace cai::test
