// Any slot: refused, or parts that lie within it and make up what was claimed.
#include <cstdlib>

#include "lib/crypto/hash.h"
#include "lib/image/image.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

bool Within(cai::Bytes part, cai::Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() &&
          part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const cai::Bytes slot = cai::AsBytes(data, size);
  const auto image = cai::image::Parse(slot);
  if (!image.ok()) return 0;
  Require(image->size <= slot.size());
  const cai::Bytes whole = slot.first(image->size);
  for (const cai::Bytes part :
       {image->signed_part, image->payload, cai::Bytes(image->hash),
        image->key_hash, image->public_key, image->signature,
        image->boot_record})
    Require(Within(part, whole));
  Require(cai::image::ParseWhole(whole).ok());
  if (const auto signature = cai::image::DecodeSignature(image->signature);
      signature.ok()) {
    cai::ByteArray<cai::image::kMaxEcdsaDer> der;
    const auto again = cai::image::EncodeSignature(*signature, der);
    Require(again.ok() && cai::Equal(*again, image->signature));
  }
  (void)cai::image::CheckHash(*image);
  return 0;
}
