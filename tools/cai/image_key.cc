#include "tools/cai/image_key.h"

#include "host/device/image_key.h"
#include "tools/cai/problem.h"

namespace cai::cli {

crypto::P256Public ReadImageKey(const std::filesystem::path& path) {
  return OrNot(device::ReadImageKey(path), path,
               "a P-256 key in PEM, not encrypted",
               "images are signed with ES256: cai image keygen makes a key");
}

}  // namespace cai::cli
