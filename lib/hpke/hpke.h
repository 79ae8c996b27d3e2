// HPKE (RFC 9180): encryption to a public key, in all four modes. Which mode it
// is follows from what both sides give: a pre-shared key, the sender's key,
// both or neither.
//
//   CAI_TRY_ASSIGN(hpke::Sender sender, hpke::SetupSender(suite, peer,
//   {info})); CAI_TRY_ASSIGN(Bytes sealed, sender.context.Seal(aad, plain,
//   out)); send(sender.enc(), sealed);
#pragma once

#include "lib/base/secret.h"
#include "lib/crypto/asymmetric.h"
#include "lib/hpke/suite.h"

namespace cai::hpke {

// What both sides have to agree on beyond the keys. Views that must live
// through the call.
struct Terms {
  Bytes info = {};
  // Both or neither; the key is as random as one of 32 bytes, and has as many
  // (RFC 9180, 5.1.2 and 9.5): kHpkeNoPsk.
  Bytes psk = {};
  Bytes psk_id = {};
};

// Both ends of a channel of numbered messages (RFC 9180, 5.2), one direction:
// the sender seals, the receiver opens, in the same order. Move only; wipes
// itself.
class Context {
 public:
  // Ciphertext || tag, plain + 16 bytes; `out` may begin where `plain` does.
  // kHpkeExhausted after 2^64 - 1 messages, kCryptoUnsupported if export only.
  Result<Bytes> Seal(crypto::Parts aad, Bytes plain, MutableBytes out);
  Result<Bytes> Seal(Bytes aad, Bytes plain, MutableBytes out) {
    return Seal(crypto::Parts(&aad, 1), plain, out);
  }
  // kCryptoBadTag leaves the sequence where it was: a forgery costs nothing.
  Result<Bytes> Open(crypto::Parts aad, Bytes ciphertext, MutableBytes out);
  Result<Bytes> Open(Bytes aad, Bytes ciphertext, MutableBytes out) {
    return Open(crypto::Parts(&aad, 1), ciphertext, out);
  }
  // A secret that both ends share (RFC 9180, 5.3); at most 255 hashes long.
  Status Export(Bytes exporter_context, MutableBytes out) const;

 private:
  friend class KeySchedule;
  explicit Context(Suite suite) : suite_(suite) {}
  Secret<12> Nonce() const;

  Suite suite_;
  std::uint64_t sequence_ = 0;
  Secret<32> key_;  // its first Nk bytes
  Secret<12> base_nonce_;
  Secret<crypto::kMaxHashSize> exporter_;  // its first Nh bytes
};

struct Sender {
  Context context;
  ByteArray<kMaxPublic> encapsulated;
  std::size_t encapsulated_size;
  Bytes enc() const { return Bytes(encapsulated).first(encapsulated_size); }
};

// `sender`, if given, is the private key that the receiver will check against.
// kCryptoBadKey if a key is not of the suite's KEM.
Result<Sender> SetupSender(Suite suite, const crypto::AsymmetricKey& receiver,
                           const Terms& terms,
                           const crypto::AsymmetricKey* sender = nullptr);
// The same with the caller's ephemeral key, which serves once: for vectors.
Result<Sender> SetupSenderWith(Suite suite,
                               const crypto::AsymmetricKey& ephemeral,
                               const crypto::AsymmetricKey& receiver,
                               const Terms& terms,
                               const crypto::AsymmetricKey* sender = nullptr);

// kCryptoBadPoint if `enc` is no public key of the KEM. That the two sides
// agree shows at the first Open().
Result<Context> SetupReceiver(Suite suite, Bytes enc,
                              const crypto::AsymmetricKey& own,
                              const Terms& terms,
                              const crypto::AsymmetricKey* sender = nullptr);

}  // namespace cai::hpke
