#include "host/device/image_key.h"

#include "host/common/keys.h"

namespace cai::device {

host::Outcome<crypto::P256Public> ReadImageKey(const host::fs::path& path) {
  auto open = host::ReadPublicKey(path);
  if (open.ok()) return open;
  CAI_TRY_ASSIGN(const auto key, host::ReadKey(path));
  return host::PublicOf(key.get());
}

}  // namespace cai::device
