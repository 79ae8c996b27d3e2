// Crossing between memories of different owners: every pointer from outside is
// checked here, and every byte copied once.
#pragma once

#include "device/spm/kernel.h"

namespace cai::spm {

// True if `client` may read (write) all of [base, base + size) itself. For NS
// that is NS code and data memory, by the SAU and NS's own MPU; for a partition
// its own MPU regions but devices.
bool MayRead(std::int32_t client, std::uintptr_t base, std::size_t size);
bool MayWrite(std::int32_t client, std::uintptr_t base, std::size_t size);

// The caller's vectors, by value. False if they are not its memory.
bool FetchVectors(Request& request, std::uintptr_t in, std::size_t ins,
                  std::uintptr_t out, std::size_t outs);

// Copies the inputs into the callee's area, lays out its outputs and writes
// its Message. The status that the caller gets if that cannot be.
psa_status_t Deliver(const Request& request, const Partition& callee,
                     Context& context);

// Copies back what the callee says that it wrote, within the room recorded in
// the context, then wipes the callee's areas. With `failed`, nothing is copied.
void Collect(const Context& context, const Partition& callee, bool failed);

}  // namespace cai::spm
