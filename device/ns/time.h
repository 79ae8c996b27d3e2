// Wall clock of the NSPE: asked of the secure side, counted on by the monotonic
// clock, asked again every hour. Nothing here makes up a time.
#pragma once

#include <cstdint>
#include <optional>

namespace cai::ns {

// Unix seconds, if the secure side has a valid clock.
std::optional<std::uint64_t> UnixTime();

}  // namespace cai::ns
