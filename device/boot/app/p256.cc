// lib/crypto/p256.h as far as boot needs it: verification.
#include "lib/crypto/p256.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/memory_buffer_alloc.h>

namespace cai::crypto {
namespace {

// Measured: one verification takes less than 6 KiB.
constexpr std::size_t kPoolSize = 8 * 1024;

// Mbed TLS's objects, released together with the pool they live in.
class Verifier {
 public:
  Verifier() {
    mbedtls_memory_buffer_alloc_init(AsU8(MutableBytes(pool_)), sizeof pool_);
    mbedtls_ecp_group_init(&group_);
    mbedtls_ecp_point_init(&point_);
    mbedtls_mpi_init(&r_);
    mbedtls_mpi_init(&s_);
  }
  ~Verifier() {
    mbedtls_mpi_free(&s_);
    mbedtls_mpi_free(&r_);
    mbedtls_ecp_point_free(&point_);
    mbedtls_ecp_group_free(&group_);
    mbedtls_memory_buffer_alloc_free();
  }
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  Status SetKey(const P256Public& key) {
    if (mbedtls_ecp_group_load(&group_, MBEDTLS_ECP_DP_SECP256R1) != 0)
      return Error::kCryptoFailed;
    ByteArray<65> encoded;
    encoded[0] = std::byte{0x04};
    CopyInto(MutableBytes(encoded).subspan(1), key.xy);
    if (mbedtls_ecp_point_read_binary(&group_, &point_, AsU8(Bytes(encoded)),
                                      encoded.size()) != 0)
      return Error::kCryptoBadPoint;
    if (mbedtls_ecp_check_pubkey(&group_, &point_) != 0)
      return Error::kCryptoBadPoint;
    return kDone;
  }

  Status Check(Bytes hash, Bytes signature) {
    if (mbedtls_mpi_read_binary(&r_, AsU8(signature.first(32)), 32) != 0 ||
        mbedtls_mpi_read_binary(&s_, AsU8(signature.last(32)), 32) != 0)
      return Error::kCryptoFailed;
    if (mbedtls_ecdsa_verify(&group_, AsU8(hash), hash.size(), &point_, &r_,
                             &s_) != 0)
      return Error::kCryptoBadSignature;
    return kDone;
  }

 private:
  alignas(8) static inline ByteArray<kPoolSize> pool_;
  mbedtls_ecp_group group_;
  mbedtls_ecp_point point_;
  mbedtls_mpi r_;
  mbedtls_mpi s_;
};

}  // namespace

Status CheckPoint(const P256Public& key) {
  Verifier verifier;
  return verifier.SetKey(key);
}

Status Verify(const P256Public& key, std::span<const std::byte, 32> hash,
              std::span<const std::byte, 64> signature) {
  Verifier verifier;
  CAI_TRY(verifier.SetKey(key));
  return verifier.Check(hash, signature);
}

}  // namespace cai::crypto
