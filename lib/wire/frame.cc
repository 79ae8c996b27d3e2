#include "lib/wire/frame.h"

namespace cai::wire {
namespace {

constexpr std::byte B(unsigned value) { return static_cast<std::byte>(value); }

// 83 68 "Encrypt0": array of 3, text of 8.
constexpr ByteArray<kAadStart> kStart = {B(0x83), B(0x68), B('E'), B('n'),
                                         B('c'),  B('r'),  B('y'), B('p'),
                                         B('t'),  B('0')};
constexpr std::byte kTag16{0xd0}, kArray3{0x83}, kMap3{0xa3}, kMap0{0xa0};
constexpr std::byte kAlgorithmKey{1}, kKeyIdKey{4}, kPartialIvKey{6};
constexpr std::byte kByteInt{0x18}, kByteBstr{0x58};  // one byte follows
constexpr unsigned kBstr = 0x40;
constexpr std::uint8_t kLargestSmall = 23;  // fits the head itself

constexpr unsigned U(std::byte b) { return std::to_integer<unsigned>(b); }

// Minimal big endian; 0 is one byte.
std::size_t PartialIvSize(std::uint32_t sequence) {
  return sequence < 0x100 ? 1 : sequence < 0x10000 ? 2 : 3;
}

}  // namespace

Frame::Frame(Suite suite, std::uint16_t key_id) {
  std::byte* at = std::ranges::copy(kStart, bytes_.begin()).out;
  ++at;  // the head of the protected bstr: SetSequence
  *at++ = kMap3;
  *at++ = kAlgorithmKey;
  const auto algorithm = static_cast<std::uint8_t>(suite);
  if (algorithm > kLargestSmall) *at++ = kByteInt;
  *at++ = B(algorithm);
  *at++ = kKeyIdKey;
  *at++ = B(kBstr + 2);
  *at++ = B(key_id >> 8);
  *at++ = B(key_id & 0xff);
  *at++ = kPartialIvKey;
  piv_ = static_cast<std::uint8_t>(at - bytes_.data());
  SetSequence(0);
}

void Frame::SetSequence(std::uint32_t sequence) {
  const std::size_t size = PartialIvSize(sequence);
  std::byte* at = bytes_.data() + piv_;
  *at++ = B(kBstr + static_cast<unsigned>(size));
  for (std::size_t left = size; left > 0; --left)
    *at++ = B(sequence >> (8 * (left - 1)) & 0xff);
  const std::size_t header =
      static_cast<std::size_t>(at - bytes_.data()) - kAadStart - 1;
  bytes_[kAadStart] = B(kBstr + static_cast<unsigned>(header));
  *at++ = B(kBstr);  // no external_aad
  size_ = static_cast<std::uint8_t>(at - bytes_.data());
}

std::size_t Frame::Write(std::size_t ciphertext_size, MutableBytes out) const {
  std::byte* at = out.data();
  *at++ = kTag16;
  *at++ = kArray3;
  at = std::copy(bytes_.data() + kAadStart, bytes_.data() + size_ - 1, at);
  *at++ = kMap0;
  if (ciphertext_size > kLargestSmall) *at++ = kByteBstr;
  *at++ = ciphertext_size > kLargestSmall
              ? B(static_cast<unsigned>(ciphertext_size))
              : B(kBstr + static_cast<unsigned>(ciphertext_size));
  return static_cast<std::size_t>(at - out.data());
}

std::optional<SealedMessage> MatchFrame(Bytes message) {
  // No index below is past this: 2 + 1 + protected + 1 + 2.
  constexpr std::size_t kLeast = 2 + 1 + kMaxProtected + 1 + 2;
  if (message.size() < kLeast) return {};
  const std::byte* at = message.data();
  const std::byte* const end = at + message.size();
  if (at[0] != kTag16 || at[1] != kArray3 || at[3] != kMap3 ||
      at[4] != kAlgorithmKey)
    return {};
  const unsigned header = U(at[2]) - kBstr;
  const std::byte* const start = at + 3;
  at += 5;

  SealedMessage sealed;
  if (*at == kByteInt) ++at;
  sealed.algorithm = static_cast<std::uint8_t>(U(*at));
  // The shorter form is the only one for a small number.
  if ((sealed.algorithm > kLargestSmall) != (at[-1] == kByteInt)) return {};
  ++at;
  if (at[0] != kKeyIdKey || at[1] != B(kBstr + 2) || at[4] != kPartialIvKey)
    return {};
  sealed.key_id = static_cast<std::uint16_t>(U(at[2]) << 8 | U(at[3]));
  const unsigned size = U(at[5]) - kBstr;
  at += 6;
  if (size - 1 > 2 || (size > 1 && *at == B(0))) return {};
  for (unsigned i = 0; i < size; ++i)
    sealed.sequence = sealed.sequence << 8 | U(*at++);
  if (sealed.sequence >= kMaxSequence ||
      static_cast<std::size_t>(at - start) != header)
    return {};
  sealed.protected_header = {start, at};

  if (*at++ != kMap0 || *at++ != kByteBstr) return {};
  const unsigned ciphertext = U(*at++);
  if (ciphertext <= kLargestSmall ||
      static_cast<std::size_t>(end - at) != ciphertext)
    return {};
  sealed.ciphertext = {at, end};
  return sealed;
}

Bytes AadOf(Bytes protected_header, std::span<std::byte, kMaxAad> out) {
  std::byte* at = std::ranges::copy(kStart, out.data()).out;
  *at++ = B(kBstr + static_cast<unsigned>(protected_header.size()));
  at = std::ranges::copy(protected_header, at).out;
  *at++ = B(kBstr);
  return {out.data(), at};
}

}  // namespace cai::wire
