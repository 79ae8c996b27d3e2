#include "mbedtls/sha256.h"

#include <new>

#include "lib/crypto/hash.h"

namespace cai::crypto {
namespace {

static_assert(sizeof(mbedtls_sha256_context) <= 128 &&
              alignof(mbedtls_sha256_context) <= 8);

// Safety: state_ holds a context from construction to destruction; the type is
// trivial.
mbedtls_sha256_context* Context(ByteArray<128>& state) {
  return std::launder(reinterpret_cast<mbedtls_sha256_context*>(state.data()));
}

}  // namespace

// The software SHA-256 cannot fail: its status codes are for accelerators.
Sha256::Sha256() {
  auto* const context = new (state_.data()) mbedtls_sha256_context;
  mbedtls_sha256_init(context);
  (void)mbedtls_sha256_starts(context, 0);
}

Sha256::~Sha256() { Wipe(state_); }

void Sha256::Update(Bytes data) {
  (void)mbedtls_sha256_update(Context(state_), AsU8(data), data.size());
}

void Sha256::Finish(std::span<std::byte, kHashSize> out) {
  (void)mbedtls_sha256_finish(Context(state_), AsU8(out));
}

}  // namespace cai::crypto
