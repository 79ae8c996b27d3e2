// What takes cryptography, for whoever holds a whole image: tools and tests.
// Boot checks in its own hardened way (device/boot/verify.h).
#include "lib/crypto/hash.h"
#include "lib/image/image.h"

namespace cai::image {

Status CheckHash(const Image& image) {
  const crypto::Digest digest = crypto::Sha256::Of(image.signed_part);
  if (!Equal(digest, image.hash)) return Error::kImageHash;
  return kDone;
}

Status CheckSignature(const Image& image, const crypto::P256Public& key) {
  CAI_TRY_ASSIGN(const crypto::Signature signature,
                 DecodeSignature(image.signature));
  const Status verdict = crypto::Verify(key, image.hash, signature);
  if (!verdict.ok()) return Error::kImageSignature;
  return kDone;
}

}  // namespace cai::image
