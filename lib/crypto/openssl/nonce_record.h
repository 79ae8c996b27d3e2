// For tests: every nonce that goes into an AEAD encryption of lib/crypto, as
// OpenSSL is handed it. Linking cai_nonce_record puts itself between the two.
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace cai::crypto {

struct NonceRecord {
  std::set<std::string> seen;  // key || nonce
  std::size_t repeats = 0;     // encryptions whose key and nonce were seen
  std::size_t fail_next = 0;   // so many fail, their nonce recorded
};

// Of this process; a test may copy it and put it back.
NonceRecord& Nonces();

}  // namespace cai::crypto
