// The JSON names of values that are numbers in CBOR (RFC 9711, RFC 9783, drafts
// of EAR and AR4SI), as tables. Also the names of COSE's numbers, for people.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/eat/claims.h"

namespace cai::verifier {

struct Name {
  std::int64_t number;
  std::string_view text;
};
using Names = std::span<const Name>;

// The text of a number, or empty; the number of a text, or nothing.
std::string_view TextOf(Names names, std::int64_t number);
std::optional<std::int64_t> NumberOf(Names names, std::string_view text);

inline constexpr Name kDebugNames[] = {
    {0, "enabled"},
    {1, "disabled"},
    {2, "disabled-since-boot"},
    {3, "disabled-permanently"},
    {4, "disabled-fully-and-permanently"},
};
inline constexpr Name kUseNames[] = {
    {1, "generic"}, {2, "registration"}, {3, "provisioning"},
    {4, "csr"},     {5, "pop"},
};
inline constexpr Name kMeasuredNames[] = {
    {1, "success"}, {2, "fail"}, {3, "not-run"}, {4, "absent"}};
inline constexpr Name kTierNames[] = {
    {0, "none"}, {2, "affirming"}, {32, "warning"}, {96, "contraindicated"}};
inline constexpr Name kLocationNames[] = {
    {1, "latitude"}, {2, "longitude"},         {3, "altitude"},
    {4, "accuracy"}, {5, "altitude-accuracy"}, {6, "heading"},
    {7, "speed"},    {8, "timestamp"},         {9, "age"},
};
inline constexpr Name kTrustNames[] = {
    {0, "instance-identity"}, {1, "configuration"}, {2, "executables"},
    {3, "file-system"},       {4, "hardware"},      {5, "runtime-opaque"},
    {6, "storage-opaque"},    {7, "sourced-data"},
};
// RFC 9053, RFC 9864; the ones that sign or authenticate tokens.
inline constexpr Name kAlgorithmNames[] = {
    {-7, "ES256"},  {-35, "ES384"}, {-36, "ES512"}, {-8, "EdDSA"},
    {-37, "PS256"}, {-38, "PS384"}, {-39, "PS512"}, {4, "HS256/64"},
    {5, "HS256"},   {6, "HS384"},   {7, "HS512"},
};
// RFC 9054.
inline constexpr Name kHashNames[] = {
    {-16, "SHA-256"}, {-43, "SHA-384"}, {-44, "SHA-512"}};

// The content formats of claims 272 and 273, and of tokens (RFC 9782). The
// measured component's registration is pending; its number is ours.
inline constexpr Name kFormatNames[] = {
    {258, "CoSWID"},
    {263, "EAT (CWT)"},
    {eat::kMeasuredComponentFormat, "measured component"},
};

}  // namespace cai::verifier
