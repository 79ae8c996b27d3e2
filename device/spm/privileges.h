// What a partition may ask of the SPM beside calls, as the manifest grants it.
#pragma once

#include "device/boot/handoff.h"
#include "device/spm/kernel.h"

namespace cai::spm {

// Serves supervisor call `number` of the running partition, with arguments and
// results in its frame. False if there is no such number.
bool ServePrivilege(std::uint8_t number, Frame* frame, const Partition& caller);

// Before any partition runs.
void SetHandoff(const boot::Handoff& handoff);

}  // namespace cai::spm
