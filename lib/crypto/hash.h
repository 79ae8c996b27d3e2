// SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869).
// SHA-256 comes from the backend; HMAC and HKDF are ours, on top of it, so
// that one stateless code serves boot, every partition and the host.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "lib/base/bytes.h"
#include "lib/base/secret.h"

namespace cai::crypto {

constexpr std::size_t kHashSize = 32;
using Digest = ByteArray<kHashSize>;

// Opaque state of the backend's SHA-256; wiped on destruction.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(Bytes data);
  // Once; the object is unusable afterwards.
  void Finish(std::span<std::byte, kHashSize> out);

  static Digest Of(Bytes data);
  static Digest Of(std::initializer_list<Bytes> parts);

 private:
  // Large enough and aligned for either backend's context (checked there).
  alignas(8) ByteArray<128> state_;
};

// `out` may not overlap the inputs.
void Hmac(Bytes key, std::initializer_list<Bytes> parts,
          std::span<std::byte, kHashSize> out);

// RFC 5869, 2.2 and 2.3. `out` of at most 255 * 32 bytes.
void HkdfExtract(Bytes salt, std::initializer_list<Bytes> ikm,
                 std::span<std::byte, kHashSize> prk);
void HkdfExpand(Bytes prk, Bytes info, MutableBytes out);

}  // namespace cai::crypto
