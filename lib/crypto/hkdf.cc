#include "lib/crypto/hash.h"

namespace cai::crypto {
namespace {

constexpr std::size_t kBlock = 64;

// RFC 2104, 2: the key, hashed if longer than a block, padded with zeros.
void PadKey(Bytes key, Secret<kBlock>& block) {
  if (key.size() <= kBlock) {
    CopyInto(block.mutable_bytes(), key);
    return;
  }
  Sha256 hash;
  hash.Update(key);
  hash.Finish(block.mutable_bytes().first<kHashSize>());
}

void Mask(Secret<kBlock>& block, std::byte with) {
  for (std::byte& b : block.mutable_bytes()) b ^= with;
}

}  // namespace

Digest Sha256::Of(Bytes data) { return Of({data}); }

Digest Sha256::Of(std::initializer_list<Bytes> parts) {
  Digest out;
  Sha256 hash;
  for (const Bytes part : parts) hash.Update(part);
  hash.Finish(out);
  return out;
}

void Hmac(Bytes key, std::initializer_list<Bytes> parts,
          std::span<std::byte, kHashSize> out) {
  constexpr std::byte kInner{0x36}, kOuter{0x5c};
  Secret<kBlock> block;
  PadKey(key, block);

  // One after the other, so that they share their place on the stack.
  Secret<kHashSize> middle;
  Mask(block, kInner);
  {
    Sha256 inner;
    inner.Update(block.bytes());
    for (const Bytes part : parts) inner.Update(part);
    inner.Finish(middle.mutable_bytes());
  }
  Mask(block, kInner ^ kOuter);
  {
    Sha256 outer;
    outer.Update(block.bytes());
    outer.Update(middle.bytes());
    outer.Finish(out);
  }
}

// RFC 5869, 2.2: an absent salt is a string of zeros, which the padding of the
// HMAC key gives by itself.
void HkdfExtract(Bytes salt, std::initializer_list<Bytes> ikm,
                 std::span<std::byte, kHashSize> prk) {
  Hmac(salt, ikm, prk);
}

// RFC 5869, 2.3: T(i) = HMAC(PRK, T(i-1) || info || i). Hmac() has taken in
// T(i-1) before it writes T(i) over it.
void HkdfExpand(Bytes prk, Bytes info, MutableBytes out) {
  Secret<kHashSize> block;
  Bytes previous;
  for (std::byte i{1}; !out.empty();
       i = std::byte(std::to_integer<int>(i) + 1)) {
    Hmac(prk, {previous, info, Bytes(&i, 1)}, block.mutable_bytes());
    previous = block.bytes();
    out = out.subspan(CopyInto(out, block.bytes()).size());
  }
}

}  // namespace cai::crypto
