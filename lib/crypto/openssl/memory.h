// OpenSSL's objects, freed when they go.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "lib/base/bytes.h"

namespace cai::crypto {

template <auto kFree>
struct Free {
  void operator()(auto* object) const { kFree(object); }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;

using OwnedPkey = Owned<EVP_PKEY, EVP_PKEY_free>;
using OwnedPkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using OwnedDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

inline int Size(Bytes bytes) { return static_cast<int>(bytes.size()); }

}  // namespace cai::crypto
