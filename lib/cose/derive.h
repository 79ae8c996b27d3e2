// The key that a recipient's algorithm yields, the same at both ends.
#pragma once

#include "lib/cose/recipient.h"

namespace cai::cose {

// For `wanted`, by kDirect, kHkdfHmac and kHkdfAes from a shared secret, and by
// kAgree and kAgreeWrap from both ends of an ECDH. `headers` are the
// recipient's, of which protected header, salt and parties count.
Result<ContentKey> DeriveShared(const RecipientParameters& parameters,
                                Algorithm wanted, const Headers& headers,
                                const KdfInputs& inputs, Bytes secret);
Result<ContentKey> DeriveAgreed(const RecipientParameters& parameters,
                                Algorithm wanted, const Headers& headers,
                                const KdfInputs& inputs,
                                const crypto::AsymmetricKey& own,
                                const crypto::AsymmetricKey& peer);

}  // namespace cai::cose
