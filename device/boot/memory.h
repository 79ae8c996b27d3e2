// Megabytes copied, compared and cleared by words: newlib's own functions go
// byte by byte, which would be most of a start.
#pragma once

#include "lib/base/bytes.h"

namespace cai::boot {

// `to` and `from` have one size.
void CopyWords(MutableBytes to, Bytes from);
std::uint32_t DifferenceOfWords(Bytes a, Bytes b);  // 0 iff equal
void Clear(MutableBytes bytes);

}  // namespace cai::boot
