// The secure console's transmitter (UART1, CMSDK), without interrupts.
#pragma once

#include <cstddef>

namespace cai::platform {

void StartSecureUart();
// Waits until the transmitter has room.
void WriteSecureUart(std::byte b);

}  // namespace cai::platform
