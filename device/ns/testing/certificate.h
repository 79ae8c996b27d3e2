// Certificates for tests, made by OpenSSL.
#pragma once

#include <string>

namespace cai::ns::testing {

// DER, P-256, self-signed; from now - 1 h to now + `valid_s`.
std::string MakeCertificate(const std::string& common_name,
                            const std::string& unit, long valid_s = 86400);

}  // namespace cai::ns::testing
