// Any page: refused, or one that encodes back to the same bytes.
#include <cstdlib>

#include "device/nv/otp.h"
#include "lib/crypto/hash.h"

namespace {

// A mutated map under a good digest: else the digest would stop all of it.
void Seal(cai::ByteArray<cai::otp::kPageSize>& page, std::size_t size) {
  page[0] = std::byte(size >> 8);
  page[1] = std::byte(size);
  cai::CopyInto(cai::MutableBytes(page).subspan(2),
                cai::crypto::Sha256::Of(cai::Bytes(page).subspan(34, size)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  cai::ByteArray<cai::otp::kPageSize> page;
  page.fill(std::byte{0xFF});
  if (size > page.size() - 34) return 0;
  cai::CopyInto(cai::MutableBytes(page).subspan(34), cai::AsBytes(data, size));
  Seal(page, size);
  const auto read = cai::otp::Parse(page);
  if (!read.ok()) return 0;
  cai::ByteArray<cai::otp::kPageSize> again;
  if (!cai::otp::Encode(*read, again).ok() || again != page) std::abort();
  return 0;
}
