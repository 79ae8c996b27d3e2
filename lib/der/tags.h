// The identifier octets of ASN.1 that X.509 needs (X.690, 8.1.2), each of one
// byte with class and form.
#pragma once

#include <cstdint>

namespace cai::der {

enum class Tag : std::uint8_t {
  kBoolean = 0x01,
  kInteger = 0x02,
  kBitString = 0x03,
  kOctetString = 0x04,
  kNull = 0x05,
  kOid = 0x06,
  kUtf8String = 0x0c,
  kPrintableString = 0x13,
  kIa5String = 0x16,
  kUtcTime = 0x17,
  kGeneralizedTime = 0x18,
  kSequence = 0x30,
  kSet = 0x31,
};

// [n], constructed and context-specific; n < 31.
constexpr Tag Context(std::uint8_t n) { return static_cast<Tag>(0xa0 | n); }

}  // namespace cai::der
