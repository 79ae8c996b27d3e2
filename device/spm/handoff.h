// Takes what boot left.
#pragma once

#include "device/boot/handoff.h"

namespace cai::spm {

// Copies the block out of boot's RAM and wipes it there. False if it is not a
// whole block of the version that this SPM knows.
bool TakeHandoff(boot::Handoff& out);

}  // namespace cai::spm
