// For the tests of this folder and of its users: the world of
// testdata/vectors.txt.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "lib/wire/session.h"
#include "tests/hex.h"

namespace cai {

inline void PrintTo(Error error, std::ostream* out) {
  *out << ErrorName(error);
}

namespace wire {

using testing::FromHex;
using testing::Hex;

inline const testing::Vectors& World() {
  static const testing::Vectors vectors("lib/wire/testdata/vectors.txt");
  return vectors;
}

// A private key by its name in the vectors, and its public half.
struct TestKey {
  explicit TestKey(const std::string& name, const std::string& public_name)
      : scalar(World().array<32>(name)), key(*crypto::ImportScalar(scalar)) {
    public_key.xy = World().array<64>(public_name);
  }
  ByteArray<32> scalar;
  crypto::ScopedKey key;
  crypto::P256Public public_key;
};
inline TestKey RootKey() {
  return TestKey("service root", "service root public");
}
inline TestKey EncKey() { return TestKey("service enc", "service enc public"); }
inline TestKey SignKey() {
  return TestKey("service sign", "service sign public");
}
inline TestKey CoseSignKey() {
  return TestKey("scalar cose-sign", "public cose-sign");
}
inline TestKey IakKey() { return TestKey("scalar iak", "public iak"); }

inline SessionHeader TestHeader(Suite suite) {
  return {.uuid = World().array<16>("uuid"),
          .suite = suite,
          .svc = World().array<8>("svc"),
          .generation = 7,
          .counter = 300 << 8 | 2,
          .first = 4096,
          .token_id = World().array<32>("token_id")};
}

inline SessionEntropy TestEntropy() {
  SessionEntropy entropy;
  CopyInto(entropy.draw.mutable_bytes(), World().bytes("draw"));
  CopyInto(entropy.hedge.mutable_bytes(), World().bytes("key seal-hedge"));
  return entropy;
}

}  // namespace wire
}  // namespace cai

#define EXPECT_REFUSED(expression, reason)            \
  do {                                                \
    const auto cai_refused = (expression);            \
    ASSERT_FALSE(cai_refused.ok());                   \
    EXPECT_EQ(cai_refused.error(), Error::k##reason); \
  } while (false)
