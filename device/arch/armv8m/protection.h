// SAU, MPU, MPC and PPC: who sees which memory.
#pragma once

#include "device/spm/tables.h"

namespace cai::armv8m {

// Opens to NS what the manifest names and locks the rest; once, at start.
void ConfigureNonSecureWorld();

// Regions that never change (device.md, 3), and turns the MPU on.
void ConfigureMpu();

// Regions 1..7 := the partition's own.
void SwitchTo(const spm::Partition& partition);

}  // namespace cai::armv8m
