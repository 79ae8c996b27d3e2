#include "lib/hpke/kem.h"

#include "lib/hpke/labeled.h"

namespace cai::hpke {
namespace {

using crypto::AsymmetricKey;

constexpr std::byte kUncompressed{4};

// Two agreements, for the modes that authenticate the sender.
using DhOutput = Secret<2 * crypto::kMaxFieldSize>;
// enc || pkRm || pkSm
using KemContext = ByteArray<3 * kMaxPublic>;

// One or two shared x coordinates, one after the other.
class Agreements {
 public:
  Status Add(const AsymmetricKey& own, const AsymmetricKey& peer) {
    CAI_TRY_ASSIGN(
        const Bytes shared,
        crypto::Agree(own, peer, dh_.mutable_bytes().subspan(size_)));
    size_ += shared.size();
    return kDone;
  }
  Bytes bytes() const { return dh_.bytes().first(size_); }

 private:
  DhOutput dh_;
  std::size_t size_ = 0;
};

class Transcript {
 public:
  explicit Transcript(Kem kem) : kem_(kem) {}

  Status Add(const AsymmetricKey& key) {
    ByteArray<kMaxPublic> encoded;
    CAI_TRY_ASSIGN(const Bytes bytes, EncodePublic(kem_, key, encoded));
    Add(bytes);
    return kDone;
  }
  void Add(Bytes bytes) {
    size_ += CopyInto(MutableBytes(bytes_).subspan(size_), bytes).size();
  }
  Bytes bytes() const { return Bytes(bytes_).first(size_); }

 private:
  Kem kem_;
  KemContext bytes_;
  std::size_t size_ = 0;
};

// RFC 9180, 4.1: ExtractAndExpand.
Status ExtractAndExpand(Kem kem, Bytes dh, Bytes kem_context,
                        SharedSecret& out) {
  const LabeledHkdf hkdf = LabeledHkdf::Of(kem);
  Secret<crypto::kMaxHashSize> prk;
  const MutableBytes used = prk.mutable_bytes().first(hkdf.hash_size());
  CAI_TRY(hkdf.Extract({}, "eae_prk", dh, used));
  return hkdf.Expand(used, "shared_secret", kem_context,
                     out.mutable_bytes().first(hkdf.hash_size()));
}

}  // namespace

Result<Bytes> EncodePublic(Kem kem, const AsymmetricKey& key,
                           std::span<std::byte, kMaxPublic> out) {
  if (key.kind() != KeyOf(kem)) return Error::kCryptoBadKey;
  ByteArray<crypto::kPublicRoom> room;
  CAI_TRY_ASSIGN(const auto numbers, crypto::ExportPublic(key, room));
  MutableBytes rest = out;
  if (crypto::IsWeierstrass(key.kind())) {
    rest[0] = kUncompressed;
    rest = rest.subspan(1);
  }
  rest = rest.subspan(CopyInto(rest, numbers.x).size());
  CopyInto(rest, numbers.y);
  return Bytes(out).first(PublicSize(kem));
}

Result<AsymmetricKey> DecodePublic(Kem kem, Bytes encoded) {
  if (encoded.size() != PublicSize(kem)) return Error::kCryptoBadPoint;
  crypto::KeyNumbers numbers{.kind = KeyOf(kem)};
  if (crypto::IsWeierstrass(numbers.kind)) {
    if (encoded[0] != kUncompressed) return Error::kCryptoBadPoint;
    const std::size_t field = crypto::FieldSize(numbers.kind);
    numbers.x = encoded.subspan(1, field);
    numbers.y = encoded.subspan(1 + field);
  } else {
    numbers.x = encoded;
  }
  auto key = crypto::ImportKey(numbers);
  if (!key.ok()) return Error::kCryptoBadPoint;
  return key;
}

Status Encapsulate(Kem kem, const AsymmetricKey& ephemeral,
                   const AsymmetricKey& receiver, const AsymmetricKey* sender,
                   std::span<std::byte, kMaxPublic> enc, SharedSecret& out) {
  Agreements dh;
  Transcript transcript(kem);
  CAI_TRY_ASSIGN(const Bytes encoded, EncodePublic(kem, ephemeral, enc));
  transcript.Add(encoded);
  CAI_TRY(transcript.Add(receiver));
  CAI_TRY(dh.Add(ephemeral, receiver));
  if (sender != nullptr) {
    CAI_TRY(transcript.Add(*sender));
    CAI_TRY(dh.Add(*sender, receiver));
  }
  return ExtractAndExpand(kem, dh.bytes(), transcript.bytes(), out);
}

Status Decapsulate(Kem kem, Bytes enc, const AsymmetricKey& own,
                   const AsymmetricKey* sender, SharedSecret& out) {
  Agreements dh;
  Transcript transcript(kem);
  CAI_TRY_ASSIGN(const AsymmetricKey ephemeral, DecodePublic(kem, enc));
  transcript.Add(enc);
  CAI_TRY(transcript.Add(own));
  CAI_TRY(dh.Add(own, ephemeral));
  if (sender != nullptr) {
    CAI_TRY(transcript.Add(*sender));
    CAI_TRY(dh.Add(own, *sender));
  }
  return ExtractAndExpand(kem, dh.bytes(), transcript.bytes(), out);
}

}  // namespace cai::hpke
