// Every way this system can refuse.
#pragma once

#include <cstdint>
#include <string_view>

namespace cai {

// Two letters for the module, a number for the reason: a fault word read off a
// dead board still names its origin. 0x434f0002 is 'C','O' (cose), reason 2.
constexpr std::uint32_t ErrorId(char a, char b, std::uint16_t reason) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(a)) << 24 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(b)) << 16 |
         reason;
}

// The registry itself is error_list.h: one line a reason, so that the name for
// people and the value for machines can never part. Append, never renumber.
enum class Error : std::uint32_t {
#define CAI_ERROR(name, a, b, number, words) k##name = ErrorId(a, b, number),
#include "lib/base/error_list.h"
#undef CAI_ERROR
};

// For people on the host; the device links neither.
std::string_view ErrorName(Error error);   // "CoseBadSignature"
std::string_view ErrorWords(Error error);  // "the signature does not verify"

}  // namespace cai
