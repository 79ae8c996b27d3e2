#include "lib/wire/schedule.h"

#include "lib/keys/keys.h"

namespace cai::wire {

void DeriveEpoch(const ChainKey& chain, std::uint32_t epoch, Suite suite,
                 EpochKeys& out) {
  Wipe(out.key.mutable_bytes());
  const std::size_t size = crypto::KeySize(AeadOf(suite));
  keys::Expand(chain.bytes(), "key", epoch,
               MutableBytes(out.key.mutable_bytes()).first(size));
  keys::Expand(chain.bytes(), "iv", epoch, out.iv.mutable_bytes());
}

void Ratchet(ChainKey& chain, std::uint32_t epoch) {
  ChainKey next;
  keys::Expand(chain.bytes(), "next", epoch, next.mutable_bytes());
  chain = std::move(next);
}

}  // namespace cai::wire
