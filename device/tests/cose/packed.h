// Examples as pack.py packs them. The build made the file, so nothing of it is
// checked but that a read stays inside.
#pragma once

#include "lib/cose/recipient.h"

namespace cai::cose::packed {

struct Signer {
  Key key;
  Algorithm algorithm;
  Bytes external_aad;
};

struct Recipient {
  std::array<Algorithm, Route::kMaxLevels> algorithms;
  std::size_t levels;
  Key key;
  std::optional<Key> sender;
  KdfInputs kdf;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : left_(bytes) {}

  std::uint8_t Byte() { return static_cast<std::uint8_t>(Take(1)[0]); }
  std::uint16_t Short() {
    const Bytes two = Take(2);
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(two[0]) |
                                      std::to_integer<unsigned>(two[1]) << 8);
  }
  Algorithm Number() {
    const std::uint32_t low = Short(), high = Short();
    return static_cast<Algorithm>(static_cast<std::int32_t>(high << 16 | low));
  }
  std::optional<Bytes> Optional() {
    const std::uint16_t size = Short();
    if (size == 0xffff) return {};
    return Take(size);
  }
  Bytes Field() { return Optional().value_or(Bytes()); }

  Key ReadKey() {
    Key key{.type = static_cast<Key::Type>(Byte())};
    key.numbers.kind = static_cast<crypto::KeyKind>(Byte());
    key.id = Optional();
    key.k = Field();
    key.numbers.x = Field();
    key.numbers.y = Field();
    key.numbers.d = Field();
    return key;
  }
  Signer ReadSigner() {
    const Key key = ReadKey();
    const Algorithm algorithm = Number();
    return {key, algorithm, Field()};
  }
  Party ReadParty() {
    const auto identity = Optional(), nonce = Optional();
    return {identity, nonce, Optional()};
  }
  Recipient ReadRecipient() {
    Recipient recipient{};
    recipient.levels = Byte();
    for (std::size_t i = 0; i < recipient.levels; ++i)
      recipient.algorithms.at(i) = Number();
    recipient.key = ReadKey();
    if (Byte() == 1) recipient.sender = ReadKey();
    recipient.kdf.u = ReadParty();
    recipient.kdf.v = ReadParty();
    recipient.kdf.public_other = Optional();
    recipient.kdf.private_other = Optional();
    return recipient;
  }

 private:
  Bytes Take(std::size_t size) {
    if (size > left_.size()) __builtin_trap();
    const Bytes taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  Bytes left_;
};

}  // namespace cai::cose::packed
