// Bytes as text: hexadecimal, base64, UUIDs, JSON strings, times.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/common/problem.h"
#include "lib/base/bytes.h"

namespace cai::host {

// Bytes that own their memory; a Bytes views them.
using Blob = std::vector<std::byte>;
inline Blob ToBlob(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::string Hex(Bytes bytes);  // lower case
Outcome<Blob> FromHex(std::string_view text);

// RFC 4648, 4; padded; the decoder takes nothing else, but line breaks.
std::string Base64(Bytes bytes);
Outcome<Blob> FromBase64(std::string_view text);

// 16 bytes, and as text in lower case (RFC 9562, 4).
struct Uuid {
  ByteArray<16> bytes{};
  std::string Text() const;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};
// Exactly the 36 characters, lower case: what certificates and topics carry.
Outcome<Uuid> ParseUuid(std::string_view text);
// What people and old clients write: either case, urn:uuid:, {}, 32 digits.
Outcome<Uuid> ParseAnyUuid(std::string_view text);

// Quoted and escaped (RFC 8259, 7), all that a terminal would obey too; what is
// no UTF-8 becomes U+FFFD.
std::string JsonString(std::string_view text);

// For a terminal, where it may come from anybody: control characters and what
// is no UTF-8 as \xNN.
std::string OneLine(std::string_view text);

// Unix seconds as 2026-11-23T08:00:00Z.
std::string UtcText(std::int64_t unix_seconds);
std::int64_t NowSeconds();
std::int64_t NowMilliseconds();

}  // namespace cai::host
