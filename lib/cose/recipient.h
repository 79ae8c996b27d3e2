// How a content key reaches those who may use it (RFC 9052, 5.1; RFC 9053, 6;
// RFC 8230, 3): the recipients of an Encrypt or a Mac message.
#pragma once

#include "lib/base/secret.h"
#include "lib/cose/make.h"
#include "lib/cose/parameters.h"

namespace cai::cose {

// Wipes itself.
class ContentKey {
 public:
  static constexpr std::size_t kMax = crypto::kMaxRsaSize;

  Bytes bytes() const { return secret_.bytes().first(size_); }
  Key key() const { return {.k = bytes()}; }  // views this
  bool empty() const { return size_ == 0; }

  // `size` bytes to fill. At most kMax: kCoseNoRoom.
  Result<MutableBytes> Resize(std::size_t size);

 private:
  Secret<kMax> secret_;
  std::size_t size_ = 0;
};

// Who sends or receives, as COSE_KDF_Context names it (RFC 9053, 5.2).
struct Party {
  std::optional<Bytes> identity = {}, nonce = {}, other = {};
};

// What both ends feed to the key derivation. Where a message carries a party's
// fields itself, they must be the same: kCoseBadKdf.
struct KdfInputs {
  Party u = {}, v = {};
  std::optional<Bytes> public_other = {}, private_other = {};
};

// How the caller expects to get the key.
struct Route {
  // The recipient's algorithm; with nested recipients (RFC 9052, 5.1) one for
  // each level, outermost first. At most kMaxLevels.
  static constexpr std::size_t kMaxLevels = 3;
  std::span<const Algorithm> algorithms;
  KdfInputs kdf = {};
  const Key* sender = nullptr;  // ECDH-SS: who it must be from
  std::span<const Label> understood = {};
  bool unprotected_algorithm = false;  // as in Expected
};

// The key for `content`, the algorithm of the message's body, out of the
// recipient that `key` opens. Recipients of other algorithms and of other kids
// are passed over: kCoseNoRecipient if none is left. CheckDirectAlone.
Result<ContentKey> FindContentKey(const Message& message, Algorithm content,
                                  const Key& key, const Route& route);

// kCoseMalformed if a direct recipient has others beside it, whichever of them
// is asked for (RFC 9053, 6.1, 6.3): its key would be the content key of all.
Status CheckDirectAlone(Layers layers);

// A recipient to be made. `key` is what its algorithm takes: shared, KEK, or
// the recipient's public key.
struct RecipientDraft {
  Algorithm algorithm;
  const Key* key;                  // ignored if there are inner ones
  std::optional<Bytes> id = {};    // kid, if it is to be sent
  std::optional<Bytes> salt = {};  // HKDF's
  KdfInputs kdf = {};
  bool send_parties = false;    // party fields in the header, too
  const Key* sender = nullptr;  // ECDH-SS: a private key, its id is sent
  // A key wrap whose KEK is random and reaches these.
  std::span<const RecipientDraft> inner = {};
};

// The encoded array for MakeMac and MakeEncrypt. A direct recipient, which is
// alone, gives `key`; otherwise `key` is wrapped for each, and is made at
// random if it is empty.
Result<Bytes> MakeRecipients(std::span<const RecipientDraft> recipients,
                             Algorithm content, ContentKey& key,
                             MutableBytes out);

// COSE_KDF_Context for a key of `size` bytes for `algorithm`; what `headers`
// carry of the parties is taken from there. kCoseNoRoom above kMaxKdfContext.
constexpr std::size_t kMaxKdfContext = 1024;
Result<Bytes> EncodeKdfContext(Algorithm algorithm, std::size_t size,
                               const Headers& headers, const KdfInputs& inputs,
                               std::span<std::byte, kMaxKdfContext> out);

}  // namespace cai::cose
