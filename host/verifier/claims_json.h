// Claims sets as JSON: the encoding of RFC 9711, 7.2 and of the EAR draft, both
// ways, and one for people, in which bytes are hexadecimal.
#pragma once

#include "host/common/json.h"
#include "host/common/text.h"
#include "lib/eat/claims_set.h"

namespace cai::verifier {

using host::Blob;
using host::Outcome;

enum class Style : std::uint8_t {
  kStandard,  // bytes in base64url; nested tokens as ["CBOR", ...]
  kPeople,    // bytes in hexadecimal; nested tokens are left out
};

// The claims under their names, in the order of their keys; others under their
// keys as text, as CBOR in bytes. Submodules that are claims sets are objects.
boost::json::object ToJson(const eat::ClaimsSet& claims, Style style);

// The same claims as deterministic CBOR. kEatMalformed names the claim; a claim
// that is not registered is refused, since its JSON says nothing of its CBOR.
Outcome<Blob> ClaimsFromJson(const boost::json::value& claims);
// kHostMalformed if it is no JSON. Of a name that an object has twice, the last
// counts.
Outcome<Blob> ClaimsFromJson(std::string_view text);

// RFC 4648, 5; not padded.
std::string Base64Url(Bytes bytes);
Outcome<Blob> FromBase64Url(std::string_view text);

}  // namespace cai::verifier
