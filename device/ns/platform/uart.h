// The console: UART0 (CMSDK). What is written waits in a ring until the UART
// takes it, so that nobody blocks on a slow reader; what does not fit is
// dropped and counted. Input comes by interrupt into a ring.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/bytes.h"

namespace cai::ns::uart {

void Start();

// False (and nothing written) if there is not room for all of it.
bool Write(Bytes bytes);

// Gives the UART what it takes now. True if nothing is left.
bool Flush();

std::optional<char> Read();
bool InputPending();

}  // namespace cai::ns::uart
