#include "lib/crypto/p256.h"

namespace cai::crypto {
namespace {

// n - 1, n the order of P-256 (SP 800-186, 3.2.1.3), most significant first.
constexpr std::uint32_t kOrderLess1[8] = {0xffffffff, 0x00000000, 0xffffffff,
                                          0xffffffff, 0xbce6faad, 0xa7179e84,
                                          0xf3b9cac2, 0xfc632550};

std::uint32_t Word(std::span<const std::byte, 32> from, int i) {
  std::uint32_t word = 0;
  for (int k = 0; k < 4; ++k)
    word = word << 8 | std::to_integer<std::uint32_t>(from[4 * i + k]);
  return word;
}

}  // namespace

// Subtracts from the least significant word up and keeps the borrow: the time
// does not depend on the candidate.
bool ScalarInRange(std::span<const std::byte, 32> candidate) {
  std::uint32_t borrow = 0;
  for (int i = 7; i >= 0; --i) {
    const std::uint64_t difference =
        std::uint64_t{Word(candidate, i)} - kOrderLess1[i] - borrow;
    borrow = static_cast<std::uint32_t>(difference >> 63);
  }
  return borrow == 1;
}

}  // namespace cai::crypto
