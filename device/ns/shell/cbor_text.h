// CBOR as people read it (RFC 8949, 8), for the shell.
#pragma once

#include "device/ns/text.h"

namespace cai::ns {

// Appends the first item of `in`; "?" where it is malformed or nested deeper
// than 4.
void AppendCbor(Bytes in, Text& out);

}  // namespace cai::ns
