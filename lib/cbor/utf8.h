// Is it UTF-8?
#pragma once

#include "lib/base/bytes.h"

namespace cai::cbor {

bool IsUtf8(Bytes in);

}  // namespace cai::cbor
