// One-way counters in the region that is never erased. They never go back: not
// by a cut of power at any operation, not by a restored copy of another region.
//
// Two forms (docs/design/0019). A counter that moves by one, and often, is a
// row of fuses: its value is how many are blown, from the first on. A counter
// that jumps, by a person's decision, is an array of 8-byte records {value u32,
// ~value u32}, little endian, programmed one after the other: its value is the
// greatest that a valid record holds, or 0. A torn record is no record: for no
// value does a leading part of it, followed by 0xFF, make a valid record of
// another value.
#pragma once

#include "device/nv/layout.h"
#include "lib/base/result.h"

namespace cai::nv {

Result<std::uint32_t> ReadCounter(Counter counter);

// Done at once if it stands at `to`; kCounterBackwards below that;
// kCounterExhausted, with nothing changed, when its places do not suffice. The
// new value was read back. After a cut it stands at the old value or the new
// one; where fuses count and more than one is blown, also between them.
Status AdvanceCounter(Counter counter, std::uint32_t to);

// AdvanceCounter to one more; returns the new value. After a cut in here the
// old or the new value stands, and no caller ever got the new one: so no value
// is returned twice.
Result<std::uint32_t> BumpCounter(Counter counter);

// How often BumpCounter can still succeed.
Result<std::uint32_t> RecordsLeft(Counter counter);

}  // namespace cai::nv
