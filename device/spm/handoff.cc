#include "device/spm/handoff.h"

#include <cstring>

#include "device/images/memory_map.h"
#include "lib/base/secret.h"
#include "lib/crypto/hash.h"

namespace cai::spm {

bool TakeHandoff(boot::Handoff& out) {
  // Safety: the last KiB of boot's RAM, by the memory map of both.
  const MutableBytes block(reinterpret_cast<std::byte*>(memory::kHandoff.base),
                           memory::kHandoff.size);
  std::memcpy(&out, block.data(), sizeof out);
  Wipe(block);
  const Bytes bytes = std::as_bytes(std::span(&out, 1));
  const auto digest =
      crypto::Sha256::Of(bytes.first(offsetof(boot::Handoff, digest)));
  return out.magic == boot::Handoff::kMagic && out.version == 1 &&
         out.component_count <= boot::Handoff::kMaxComponents &&
         Equal(digest, std::as_bytes(std::span(out.digest)));
}

}  // namespace cai::spm
