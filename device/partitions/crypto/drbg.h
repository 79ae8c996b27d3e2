// HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2). One instance a
// client: what one asks for does not move what another gets.
#pragma once

#include <initializer_list>

#include "lib/base/bytes.h"
#include "lib/base/secret.h"

namespace cai::crypto_partition {

class Drbg {
 public:
  // Instantiates from entropy || nonce || personalisation; at least 48 bytes of
  // which 32 are secret, in at most three parts. There is no reseeding: every
  // boot seeds anew, and the standard's limit of 2^48 requests is out of reach.
  void Instantiate(std::initializer_list<Bytes> material);

  // Any size; every 64 KiB count as one request of the standard.
  void Generate(MutableBytes out);

  bool seeded() const { return seeded_; }

  // Known-answer test (11.3), once a start: false if this code does not compute
  // what it should.
  static bool SelfTest();

 private:
  void Update(std::initializer_list<Bytes> data);
  void UpdateOnce(std::byte separator, std::initializer_list<Bytes> data);
  void GenerateRequest(MutableBytes out);

  Secret<32> key_;
  Secret<32> value_;
  bool seeded_ = false;
};

}  // namespace cai::crypto_partition
