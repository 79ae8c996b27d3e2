// Interrupts of partitions: the SPM takes them, the owner's function serves
// them unprivileged, within its own MPU regions.
#pragma once

#include <cstddef>

namespace cai::spm {

// All lines secure, off, and below supervisor calls. Each is let in when its
// owner has started.
void ConfigureInterrupts();

// The partition of that index is idle: its lines may come. `served`: it has
// just quieted its device. Lines are level-sensitive.
void AllowInterrupts(std::size_t partition, bool served);

}  // namespace cai::spm
