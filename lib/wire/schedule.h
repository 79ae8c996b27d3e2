// The key schedule of a session: one key and IV per epoch of 256 messages, by a
// ratchet that cannot be turned back.
#pragma once

#include "lib/base/secret.h"
#include "lib/wire/types.h"

namespace cai::wire {

constexpr std::uint32_t kEpochSize = 256;
constexpr std::uint32_t kMaxSequence = 1u << 20;  // seq is below this
constexpr std::uint32_t EpochOf(std::uint32_t sequence) {
  return sequence / kEpochSize;
}

using ChainKey = Secret<32>;

struct EpochKeys {
  Secret<32> key;  // the first KeySize() bytes count
  Secret<12> iv;
};

// K_e and IV_e of chain key CK_e.
void DeriveEpoch(const ChainKey& chain, std::uint32_t epoch, Suite suite,
                 EpochKeys& out);

// CK_e becomes CK_{e+1}; the old one is gone.
void Ratchet(ChainKey& chain, std::uint32_t epoch);

// IV_e xor (0.. || PIV). No secret: whoever holds K_e knows it, nobody else
// learns from it.
using Nonce = ByteArray<12>;
inline Nonce NonceOf(std::span<const std::byte, 12> iv,
                     std::uint32_t sequence) {
  Nonce nonce;
  std::ranges::copy(iv, nonce.begin());
  const ByteArray<4> counter = BigEndian(sequence);
  for (std::size_t i = 0; i < counter.size(); ++i)
    nonce[nonce.size() - counter.size() + i] ^= counter[i];
  return nonce;
}

}  // namespace cai::wire
