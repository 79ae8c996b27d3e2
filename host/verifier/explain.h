// Says what is in a token, without a key: nothing of it is verified.
#pragma once

#include "host/common/json.h"
#include "host/verifier/claims_json.h"

namespace cai::verifier {

// {"kind", "algorithm", "key_id", "content_type", "size", "id", "profile",
//  "claims": {...}, "components": [...], "nested": {name: the same},
//  "warnings": [...]}; what is absent is not there. Bytes in hexadecimal.
// Takes CBOR, the same in hexadecimal, or claims as JSON (RFC 9711). An error
// of lib/eat if it is no token.
Outcome<boost::json::object> Explain(Bytes token);

// The bytes of a token that may be written in hexadecimal.
Blob FromFile(Bytes file);

}  // namespace cai::verifier
