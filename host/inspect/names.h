// What the numbers of COSE, CWT and EAT are called (IANA's registries, RFC 9052
// to 9054, 8392, 9711, 9783, drafts where noted in names.cc, and this project's
// own). Empty if unknown.
#pragma once

#include <cstdint>
#include <string_view>

namespace cai::inspect {

std::string_view HeaderName(std::int64_t label);
// Parameters below 0 mean what the recipient's algorithm says (RFC 9053, 6).
std::string_view RecipientHeaderName(std::int64_t label);
std::string_view AlgorithmName(std::int64_t algorithm);
std::string_view ContentTypeName(std::int64_t format);
std::string_view KeyTypeName(std::int64_t kty);
std::string_view CurveName(std::int64_t curve);
std::string_view KeyOperationName(std::int64_t operation);
// Depends on the key type.
std::string_view KeyParameterName(std::int64_t kty, std::int64_t label);
bool IsSecretParameter(std::int64_t kty, std::int64_t label);
std::string_view ClaimName(std::int64_t claim);

// What an algorithm is for decides what an untagged message is.
enum class Role : std::uint8_t {
  kUnknown,
  kSignature,
  kMac,
  kAead,
  kRecipient,
  kHash,
};
Role RoleOf(std::int64_t algorithm);

// Bytes; 0 if unknown or free. An AEAD's IV, and its tag within the ciphertext.
struct Sizes {
  std::size_t output = 0;  // signature or MAC
  std::size_t iv = 0;
  std::size_t tag = 0;
};
Sizes SizesOf(std::int64_t algorithm);

}  // namespace cai::inspect
