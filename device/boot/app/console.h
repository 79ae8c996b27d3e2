// The secure console, as boot uses it: Note() of boot.h becomes records of
// lib/events on UART1.
#pragma once

namespace cai::boot {

// Before the first Note().
void StartConsole();

}  // namespace cai::boot
