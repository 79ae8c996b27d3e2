// The distinguished name of a device: O, CN and OU, in this order.
#pragma once

#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/der/reader.h"
#include "lib/der/writer.h"

namespace cai::x509 {

constexpr std::string_view kOrganization = "confidential-ai";
constexpr std::string_view kUnitTlsClient = "Device Client TLS";
constexpr std::string_view kUnitCoseSign = "Device COSE SIGN/Encrypt";

// RFC 5280, appendix A: ub-common-name and its like.
constexpr std::size_t kMaxText = 64;

// Texts point elsewhere; an empty one is absent. UTF8String is written;
// PrintableString and IA5String are read too, all of printable ASCII alone.
// Order and types are free when reading, other attributes are passed over; a
// second O, CN or OU, or an RDN of several values, is refused (kX509BadName),
// so that nobody can read two names in one.
struct Name {
  std::string_view organization;
  std::string_view common_name;
  std::string_view unit;
};

// Each text of 1 to kMaxText bytes, or absent.
bool IsEncodable(const Name& name);
void WriteName(const Name& name, der::Writer& out);
Result<Name> ReadName(der::Reader& in);

}  // namespace cai::x509
