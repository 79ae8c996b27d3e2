// The numbers and names of flow.cddl.
#pragma once

#include <cstdint>
#include <string_view>

#include "host/flow/message.h"

namespace cai::flow {

// Header parameters (RFC 9052, 3.1) and the tool's own of the private range.
constexpr std::int64_t kAlgorithm = 1, kContentType = 3, kKeyId = 4, kIv = 5,
                       kEphemeralKey = -1, kSessionId = -65537;

// Algorithms (RFC 9053).
constexpr std::int64_t kEs256 = -7, kA128Gcm = 1, kA128Kw = -3,
                       kEcdhEsA128Kw = -29;

constexpr std::uint64_t kTagEncrypt0 = 16, kTagSign1 = 18;

constexpr std::string_view kSingleId = "single";
constexpr std::string_view ContentType(Kind kind) {
  return kind == Kind::kSession ? "application/x-linaro-secureai-session"
                                : "application/x-linaro-secureai-single";
}

}  // namespace cai::flow
