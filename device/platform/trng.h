// The true random number generator, read by boot, once a start.
#pragma once

#include <cstddef>
#include <span>

namespace cai::platform {

// Raw bytes. That they are random, or others than at the last start, is not
// taken for granted by those who use them (device/partitions/crypto/entropy.h).
void ReadTrng(std::span<std::byte, 64> out);

}  // namespace cai::platform
