// The key that an image is checked against, as a person names it.
#pragma once

#include <filesystem>

#include "lib/crypto/p256.h"

namespace cai::cli {

// The public half, from a PEM file of either half. Ends the command if it is
// none.
crypto::P256Public ReadImageKey(const std::filesystem::path& path);

}  // namespace cai::cli
