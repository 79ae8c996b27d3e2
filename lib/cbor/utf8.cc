#include "lib/cbor/utf8.h"

namespace cai::cbor {
namespace {

// RFC 3629, 4: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t Utf8Sequence(Bytes in) {
  const auto byte = [&](std::size_t i) {
    return i < in.size() ? std::to_integer<unsigned>(in[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = lead == 0xed && byte(1) > 0x9f;
    return !overlong && !surrogate && tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && byte(1) < 0x90;
    const bool too_high = lead == 0xf4 && byte(1) > 0x8f;
    return !overlong && !too_high && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool IsUtf8(Bytes in) {
  while (!in.empty()) {
    const std::size_t size = Utf8Sequence(in);
    if (size == 0) return false;
    in = in.subspan(size);
  }
  return true;
}

}  // namespace cai::cbor
