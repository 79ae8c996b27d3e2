// Is an item, with all that is in it, encoded in the one deterministic way?
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace cai::cbor {

// RFC 8949, 4.2.1: shortest heads and floats, definite lengths, map keys in
// bytewise order and so none twice; well-formed, texts UTF-8, nested no deeper
// than Reader::kMaxDepth, no byte after it. One pass, no allocation.
Status CheckDeterministic(Bytes item);

// The same item written that way, map keys aside: indefinite lengths become
// definite, heads and floats shortest, strings whole. Map keys stay in their
// order. kCborNoRoom if `out` is too small: in.size() + in.size() / 128 is
// always enough.
Result<Bytes> MakePreferred(Bytes item, MutableBytes out);

}  // namespace cai::cbor
