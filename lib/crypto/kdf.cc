#include "lib/base/secret.h"
#include "lib/crypto/mac.h"

namespace cai::crypto {
namespace {

constexpr std::size_t kAesBlock = 16;
constexpr std::size_t kMaxInfoParts = 14;

// RFC 5869, 2.3: T(i) = MAC(PRK, T(i-1) || info || i), for any MAC.
template <typename Mac>
Status Expand(std::size_t block_size, Parts info, MutableBytes out, Mac mac) {
  if (out.size() > 255 * block_size || info.size() > kMaxInfoParts)
    return Error::kCryptoNoRoom;
  Secret<kMaxHashSize> block;
  const MutableBytes current = block.mutable_bytes().first(block_size);
  Bytes previous;
  for (std::byte i{1}; !out.empty();
       i = std::byte(std::to_integer<int>(i) + 1)) {
    std::array<Bytes, kMaxInfoParts + 2> parts{previous};
    std::ranges::copy(info, parts.begin() + 1);
    parts[info.size() + 1] = Bytes(&i, 1);
    CAI_TRY(mac(Parts(parts).first(info.size() + 2), current));
    previous = current;
    out = out.subspan(CopyInto(out, current).size());
  }
  return kDone;
}

}  // namespace

Status HkdfExtract(HashAlgorithm hash, Bytes salt, Parts ikm,
                   MutableBytes prk) {
  return HmacOf(hash, salt, ikm, prk);
}

Status HkdfExpand(HashAlgorithm hash, Bytes prk, Parts info, MutableBytes out) {
  return Expand(HashSize(hash), info, out, [&](Parts parts, MutableBytes to) {
    return HmacOf(hash, prk, parts, to);
  });
}

Status Hkdf(HashAlgorithm hash, Bytes salt, Bytes ikm, Parts info,
            MutableBytes out) {
  Secret<kMaxHashSize> prk;
  const MutableBytes used = prk.mutable_bytes().first(HashSize(hash));
  CAI_TRY(HkdfExtract(hash, salt, {&ikm, 1}, used));
  return HkdfExpand(hash, used, info, out);
}

Status HkdfAes(Bytes key, Parts info, MutableBytes out) {
  return Expand(kAesBlock, info, out, [&](Parts parts, MutableBytes to) {
    return AesCbcMac(key, parts, to);
  });
}

}  // namespace cai::crypto
