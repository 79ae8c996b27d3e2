// Extended diagnostic notation (RFC 8949, 8; RFC 8610, G) to CBOR: how RFCs
// print their examples, and how tests write theirs. Integers, floats with a
// point, h'' with spaces, texts with JSON escapes, << >>, arrays, maps, tags,
// true, false, null; comments between slashes or behind #.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"

namespace cai {

// The one item that the text denotes, maps in the order of the text; nothing if
// it is not of this notation. Heads are shortest, lengths definite.
std::optional<std::vector<std::byte>> FromEdn(std::string_view text);

// For constants of tests: aborts if it is not of the notation.
std::vector<std::byte> Edn(std::string_view text);

}  // namespace cai
