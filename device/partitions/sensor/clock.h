// Wall time from the board's own clock: a DS1338 on the bus (AN521,
// clock_ds1338.cc) or the PL031 beside it (AN547, clock_pl031.cc).
#pragma once

#include <cstdint>

#include "lib/base/result.h"

namespace cai::sensor {

// Unix seconds.
Result<std::uint64_t> ReadClock();

// Days from 1970-01-01 to a date of the Gregorian calendar from 1970 on.
constexpr std::uint32_t DaysFromEpoch(std::uint32_t year, std::uint32_t month,
                                      std::uint32_t day) {
  // Years that begin in March put the leap day last.
  const std::uint32_t y = month > 2 ? year : year - 1;
  const std::uint32_t m = month > 2 ? month - 3 : month + 9;
  const std::uint32_t leap_days = y / 4 - y / 100 + y / 400;
  return y * 365 + leap_days + (m * 153 + 2) / 5 + day - 1 - 719468;
}
static_assert(DaysFromEpoch(1970, 1, 1) == 0);
static_assert(DaysFromEpoch(2000, 3, 1) == 11017);
static_assert(DaysFromEpoch(2026, 11, 23) == 20780);

}  // namespace cai::sensor
