// What surrounds the ciphertext of a sealed message. Within a session all of it
// is constant but the Partial IV, so a sender keeps it ready and a receiver
// compares bytes instead of parsing them.
#pragma once

#include <optional>

#include "lib/wire/schedule.h"

namespace cai::wire {

// Tag, array, head of the protected bstr, a0, head of the ciphertext (two bytes
// up to 255).
constexpr std::size_t kMaxProtected = 1 + (1 + 2) + (1 + 3) + (1 + 1 + 3);
constexpr std::size_t kMaxSealedOverhead =
    1 + 1 + 1 + kMaxProtected + 1 + 2 + 16;
static_assert(kMaxSealedOverhead == 35);

// Enc_structure ["Encrypt0", protected, h''] (RFC 9052, 5.3).
constexpr std::size_t kAadStart = 1 + 1 + 8;
constexpr std::size_t kMaxAad = kAadStart + 1 + kMaxProtected + 1;

// The sender's: the Enc_structure, of which the message repeats a part.
class Frame {
 public:
  Frame() = default;
  Frame(Suite suite, std::uint16_t key_id);

  // Below kMaxSequence; becomes the Partial IV.
  void SetSequence(std::uint32_t sequence);

  Bytes aad() const { return Bytes(bytes_).first(size_); }

  // Writes what stands in front of the ciphertext, of at most kMaxCiphertext
  // bytes with its tag; returns its size. `out` has room for it: HeadSize().
  static constexpr std::size_t kMaxCiphertext = 255;
  std::size_t Write(std::size_t ciphertext_size, MutableBytes out) const;
  std::size_t HeadSize(std::size_t ciphertext_size) const {
    return 2 + (size_ - kAadStart - 1) + 1 + (ciphertext_size < 24 ? 1 : 2);
  }

 private:
  ByteArray<kMaxAad> bytes_{};
  std::uint8_t piv_ = 0;   // where the Partial IV's head stands
  std::uint8_t size_ = 0;  // of the Enc_structure
};

// The receiver's: views into a message; nothing is authentic.
struct SealedMessage {
  std::uint16_t key_id = 0;
  std::uint32_t sequence = 0;
  std::uint8_t algorithm = 0;
  Bytes protected_header;
  Bytes ciphertext;
};

// A message in the one valid form, of up to 255 bytes of ciphertext. Anything
// else is nothing here; the CBOR reader finds out why (ParseSealed).
std::optional<SealedMessage> MatchFrame(Bytes message);

// The Enc_structure of a received protected header of at most kMaxProtected
// bytes.
Bytes AadOf(Bytes protected_header, std::span<std::byte, kMaxAad> out);

}  // namespace cai::wire
