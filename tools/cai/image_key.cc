#include "tools/cai/image_key.h"

#include "host/common/keys.h"
#include "tools/cai/problem.h"

namespace cai::cli {

crypto::P256Public ReadImageKey(const std::filesystem::path& path) {
  const auto open = host::ReadPublicKey(path);
  if (open.ok()) return *open;
  const auto key =
      OrNot(host::ReadKey(path), path, "a P-256 key in PEM, not encrypted",
            "images are signed with ES256: cai image keygen makes a key");
  return Or(host::PublicOf(key.get()));
}

}  // namespace cai::cli
