// full_test.cc over PSA Crypto.
#include <gtest/gtest.h>

#include "lib/crypto/psa/alone.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!cai::crypto::StartPsaAlone()) return 1;
  return RUN_ALL_TESTS();
}
