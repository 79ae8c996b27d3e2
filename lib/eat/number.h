// Numbers of claims: integers and floats (RFC 8949, 3.3), in their shortest
// form where the encoding is deterministic (4.2.2).
#pragma once

#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/eat/claims_set.h"

namespace cai::eat {

// kCborNotShortest if strict and a shorter float has the value; kEatMalformed
// for what is not finite: no time and no place is.
Result<Number> ReadNumber(cbor::Reader& in, cbor::Mode mode);
void WriteNumber(const Number& number, cbor::Writer& out);

}  // namespace cai::eat
