// The low-level SHA-256 of OpenSSL: EVP fetches and allocates for each digest,
// at several times the cost of hashing a short message.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <new>

#include "lib/crypto/hash.h"

namespace cai::crypto {
namespace {

static_assert(sizeof(SHA256_CTX) <= 128 && alignof(SHA256_CTX) <= 8);

// Safety: state_ holds a SHA256_CTX from construction to destruction; the type
// is trivial.
SHA256_CTX* Context(ByteArray<128>& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

}  // namespace

Sha256::Sha256() { SHA256_Init(new (state_.data()) SHA256_CTX); }

Sha256::~Sha256() { Wipe(state_); }

void Sha256::Update(Bytes data) {
  SHA256_Update(Context(state_), data.data(), data.size());
}

void Sha256::Finish(std::span<std::byte, kHashSize> out) {
  SHA256_Final(AsU8(out), Context(state_));
}

}  // namespace cai::crypto
