// Every TLV type of the format (MCUboot, docs/design.md), for people; boot
// knows only those of image.h.
#include "lib/image/tlv.h"

namespace cai::image {

std::string_view TlvName(std::uint16_t type) {
  switch (type) {
    case 0x01:
      return "key-hash";
    case 0x02:
      return "public-key";
    case 0x10:
      return "sha256";
    case 0x11:
      return "sha384";
    case 0x12:
      return "sha512";
    case 0x20:
      return "rsa2048-pss";
    case 0x21:
      return "ecdsa224";
    case 0x22:
      return "ecdsa";
    case 0x23:
      return "rsa3072-pss";
    case 0x24:
      return "ed25519";
    case 0x25:
      return "pure-signature";
    case 0x30:
      return "encrypted-rsa2048";
    case 0x31:
      return "encrypted-kw";
    case 0x32:
      return "encrypted-ec256";
    case 0x33:
      return "encrypted-x25519";
    case 0x40:
      return "dependency";
    case 0x50:
      return "security-counter";
    case 0x60:
      return "boot-record";
    default:
      return type >= 0xa0 && type <= 0xfffe ? "vendor" : "";
  }
}

}  // namespace cai::image
