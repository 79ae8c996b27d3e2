// Says what a COSE message or key is, without any key: nothing is verified.
#pragma once

#include "host/inspect/report.h"

namespace cai::inspect {

// What the message is, where its bytes do not say (no tag).
enum class Type : std::uint8_t {
  kUnknown,
  kSign1,
  kSign,
  kEncrypt0,
  kEncrypt,
  kMac0,
  kMac,
  kKey,
  kKeySet,
};
// "sign1", ..., "key", "key-set"; kUnknown for all else.
Type TypeOf(std::string_view name);

// Binary CBOR, or hexadecimal or base64 (also base64url, unpadded) with white
// space. kInspectEncoding.
Result<host::Blob> Decode(Bytes input);

// kInspectNotCose, or a reason of CBOR. Private and symmetric keys are never
// shown. `assumed` counts only if there is no tag.
Result<Report> Explain(Bytes message, Type assumed = Type::kUnknown);

}  // namespace cai::inspect
