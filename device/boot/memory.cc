#include "device/boot/memory.h"

namespace cai::boot {
namespace {

using Word [[gnu::may_alias]] = std::uint32_t;
constexpr std::size_t kBlock = 8;  // words: one instruction each way

bool IsAligned(const void* at) {
  // Safety: an address as a number, to look at its last bits.
  return reinterpret_cast<std::uintptr_t>(at) % sizeof(Word) == 0;
}

// Whole blocks that both may be taken by, in words.
std::size_t WordsOf(const void* a, const void* b, std::size_t size) {
  if (!IsAligned(a) || !IsAligned(b)) return 0;
  return size / (kBlock * sizeof(Word)) * kBlock;
}

// Safety: aligned (asked above), and `may_alias` lets words see any bytes.
Word* Words(std::byte* at) { return reinterpret_cast<Word*>(at); }
const Word* Words(const std::byte* at) {
  return reinterpret_cast<const Word*>(at);
}

}  // namespace

void CopyWords(MutableBytes to, Bytes from) {
  const std::size_t words = WordsOf(to.data(), from.data(), to.size());
  Word* out = Words(to.data());
  const Word* in = Words(from.data());
  for (std::size_t i = 0; i < words; i += kBlock)
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kBlock; ++j) out[i + j] = in[i + j];
  const std::size_t done = words * sizeof(Word);
  CopyInto(to.subspan(done), from.subspan(done));
}

std::uint32_t DifferenceOfWords(Bytes a, Bytes b) {
  if (a.size() != b.size()) return 0xffffffff;
  const std::size_t words = WordsOf(a.data(), b.data(), a.size());
  const Word* as = Words(a.data());
  const Word* bs = Words(b.data());
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < words; i += kBlock)
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kBlock; ++j) bits |= as[i + j] ^ bs[i + j];
  for (std::size_t i = words * sizeof(Word); i < a.size(); ++i)
    bits |= std::to_integer<std::uint32_t>(a[i] ^ b[i]);
  return bits;
}

void Clear(MutableBytes bytes) {
  const std::size_t words = WordsOf(bytes.data(), bytes.data(), bytes.size());
  // Safety: volatile, so that what nobody reads any more is cleared as well.
  volatile Word* out = Words(bytes.data());
  for (std::size_t i = 0; i < words; i += kBlock)
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kBlock; ++j) out[i + j] = 0;
  volatile std::byte* rest = bytes.data();
  for (std::size_t i = words * sizeof(Word); i < bytes.size(); ++i)
    rest[i] = std::byte{0};
}

}  // namespace cai::boot
