// The protected header of our messages that carry more than a content type and
// a kid: a critical parameter of our own (RFC 9052, 3.1), so that a reader who
// does not know it refuses the message.
#pragma once

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/wire/types.h"

namespace cai::wire {

// {1: -7, 2: [label], 3: type, 4: kid, label: ...}; the value of `label`, which
// is negative and of five bytes, is the caller's to write or read next.
constexpr std::size_t OwnHeaderSize(std::size_t kid) {
  return 1 + 2 + (1 + 1 + 5) + (1 + 3) + (1 + 1 + kid) + 5;
}
void WriteOwnHeader(std::int64_t label, std::uint16_t type, Bytes kid,
                    cbor::Writer& writer);

// The kid. kCoseWrongAlgorithm, kCoseWrongContentType; kWireMalformed for
// another label, one more parameter or one less.
Result<Bytes> ReadOwnHeader(std::int64_t label, std::uint16_t type,
                            cbor::Reader& reader);

}  // namespace cai::wire
