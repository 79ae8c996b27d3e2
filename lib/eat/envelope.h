// What stands around the claims of any token: the tags of CWT (RFC 8392, 6) and
// of unsigned claims and detached bundles (RFC 9711, 5; RFC 9781), and COSE's
// single-signer messages (RFC 9052). Reading needs no key and proves nothing.
#pragma once

#include "lib/eat/claims_set.h"

namespace cai::eat {

struct Envelope {
  enum class Kind : std::uint8_t {
    kSign1,
    kMac0,
    kClaims,  // neither signed nor authenticated (UCCS)
    kBundle,  // [token, { + name => bstr .cbor claims }]
  };

  Kind kind = Kind::kClaims;
  bool tagged = false;  // by tag 61, 601 or 602
  // COSE: the inside of the protected header's bstr, the unprotected header's
  // map as it stands, signature or tag.
  Bytes protected_header, unprotected_header;
  Bytes proof;
  // The claims; of a bundle, the token.
  Bytes payload;
  Bytes detached;  // of a bundle: the map as it stands

  // Of the headers.
  std::optional<std::int64_t> algorithm;  // protected
  Bytes key_id;                           // of either
  std::optional<IntOrText> content_type;
  bool critical = false;  // has a crit parameter: none is understood here
};

// kEatEncrypted, kEatNotAToken, kEatTooLarge; kCoseMalformed or a reason of
// cbor if it breaks off inside.
Result<Envelope> OpenEnvelope(Bytes token);

// The claims set of this name that travels beside a bundle's token, or nothing.
Result<std::optional<Bytes>> FindDetached(const Envelope& bundle,
                                          std::string_view name);

}  // namespace cai::eat
