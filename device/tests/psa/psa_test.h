// What the suites of the NSPE's PSA APIs share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "device/tests/ns/tap.h"
#include "psa/crypto.h"

namespace cai::psa_test {

// Says both values where EXPECT would only say that they differ.
inline void ExpectEqual(long actual, long expected, const char* words,
                        const char* file, int line) {
  tap::Expect(actual == expected, words, file, line);
  if (actual == expected) return;
  tap::Note("minus actual", static_cast<std::uint32_t>(-actual));
  tap::Note("minus expected", static_cast<std::uint32_t>(-expected));
}
#define EXPECT_EQ(actual, expected)                                          \
  cai::psa_test::ExpectEqual(static_cast<long>(actual),                      \
                             static_cast<long>(expected), #actual, __FILE__, \
                             __LINE__)

// Bytes from hexadecimal text at compile time.
template <std::size_t N>
struct Hex {
  std::uint8_t bytes[N / 2];
  consteval Hex(const char (&text)[N]) : bytes{} {
    for (std::size_t i = 0; i + 1 < N; i += 2)
      bytes[i / 2] =
          static_cast<std::uint8_t>(Nibble(text[i]) * 16 + Nibble(text[i + 1]));
  }
  static consteval int Nibble(char c) {
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
  }
  static constexpr std::size_t size() { return N / 2; }
  bool Is(const std::uint8_t* other) const {
    return std::memcmp(bytes, other, N / 2) == 0;
  }
};

// Room for results, and what to compute with; one test's content is no other's
// business.
inline std::uint8_t buffer[8192];
inline std::uint8_t input[12000];

inline psa_key_attributes_t Attributes(psa_key_type_t type, std::size_t bits,
                                       psa_key_usage_t usage,
                                       psa_algorithm_t alg) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, type);
  psa_set_key_bits(&attributes, bits);
  psa_set_key_usage_flags(&attributes, usage);
  psa_set_key_algorithm(&attributes, alg);
  return attributes;
}

// 0 if it could not be made, which the test then says.
inline psa_key_id_t Import(const psa_key_attributes_t& attributes,
                           const void* data, std::size_t size) {
  psa_key_id_t key = 0;
  EXPECT_EQ(psa_import_key(&attributes, static_cast<const std::uint8_t*>(data),
                           size, &key),
            PSA_SUCCESS);
  return key;
}

constexpr psa_key_type_t kKeyPair =
    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1);
constexpr psa_key_type_t kPublicKey =
    PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1);
constexpr psa_algorithm_t kEcdsa = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
constexpr psa_algorithm_t kDeterministic =
    PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);

}  // namespace cai::psa_test
