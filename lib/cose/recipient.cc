#include "lib/cose/recipient.h"

#include "lib/cose/content.h"
#include "lib/cose/derive.h"
#include "lib/crypto/aead.h"

namespace cai::cose {
namespace {

using Kind = RecipientParameters::Kind;

// One level of the route: what it must yield, and with what.
struct Level {
  Algorithm algorithm;
  RecipientParameters parameters;
  Algorithm wanted;  // what the key is for
};

// The recipient that this level asks for; another's algorithm or kid is no
// reason to refuse.
bool IsFor(const Layer& layer, const Level& level, const Key* key,
           const Route& route) {
  const bool unprotected =
      HasNoProtected(level.parameters.kind) || route.unprotected_algorithm;
  return layer.headers.CheckAlgorithm(level.algorithm, unprotected).ok() &&
         (key == nullptr || CheckKeyId(layer.headers, *key).ok());
}

Status CheckLayer(const Layer& layer, const Level& level, const Route& route) {
  CAI_TRY(layer.headers.CheckCritical(route.understood));
  if (HasNoProtected(level.parameters.kind) &&
      !layer.headers.protected_header().empty())
    return Error::kCoseMalformed;
  // RFC 9053, 6.1, 6.3: nothing is transported, and that is sent.
  if (IsDirect(level.parameters.kind) &&
      (!layer.content || !layer.content->empty()))
    return Error::kCoseMalformed;
  return kDone;
}

Result<ContentKey> Unwrap(Bytes kek, Algorithm wrap,
                          const std::optional<Bytes>& wrapped) {
  CAI_TRY_ASSIGN(const std::size_t size, KeySizeOf(wrap));
  if (kek.size() != size) return Error::kCoseKeyUse;
  if (!wrapped || wrapped->size() < 24) return Error::kCoseMalformed;
  ContentKey key;
  CAI_TRY_ASSIGN(const MutableBytes out, key.Resize(wrapped->size() - 8));
  const auto opened = crypto::AesKeyUnwrap(kek, *wrapped, out);
  if (!opened.ok() && opened.error() == Error::kCryptoUnsupported)
    return Error::kCoseUnsupported;
  if (!opened.ok()) return Error::kCoseBadTag;
  return key;
}

Result<ContentKey> OpenOaep(const Layer& layer, const Level& level,
                            const Key& key) {
  CAI_TRY(CheckUse(key, level.algorithm, KeyOperation::kUnwrapKey));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey own, Import(key));
  if (!layer.content) return Error::kCoseMalformed;
  Secret<crypto::kMaxRsaSize> room;
  const auto plain = crypto::OaepDecrypt(own, level.parameters.hash,
                                         *layer.content, room.mutable_bytes());
  if (!plain.ok()) return Error::kCoseBadTag;
  ContentKey out;
  CAI_TRY_ASSIGN(const MutableBytes to, out.Resize(plain->size()));
  CopyInto(to, *plain);
  return out;
}

// ECDH-ES: the ephemeral key of the header. ECDH-SS: the sender that the caller
// expects; the header may name no other.
Result<Key> PeerOf(const Layer& layer, const Level& level, const Route& route) {
  if (!level.parameters.static_sender) {
    const Parameter* const sent = layer.headers.Find(Header::kEphemeralKey);
    if (sent == nullptr) return Error::kCoseMalformed;
    return ParseKey(sent->value);
  }
  if (route.sender == nullptr) return Error::kCoseNoSender;
  if (const Parameter* const sent = layer.headers.Find(Header::kStaticKey)) {
    CAI_TRY_ASSIGN(const Key named, ParseKey(sent->value));
    // y and -y share the secret, which is an x.
    if (named.numbers.kind != route.sender->numbers.kind ||
        !Equal(named.numbers.x, route.sender->numbers.x))
      return Error::kCoseNoSender;
  }
  CAI_TRY_ASSIGN(const std::optional<Bytes> id,
                 layer.headers.Bstr(Header::kStaticKeyId));
  if (id && route.sender->id && !Equal(*id, *route.sender->id))
    return Error::kCoseNoSender;
  return *route.sender;
}

Result<ContentKey> OpenAgreed(const Layer& layer, const Level& level,
                              const Key& key, const Route& route) {
  CAI_TRY(CheckUse(key, level.algorithm, KeyOperation::kDeriveKey));
  CAI_TRY_ASSIGN(const Key sender, PeerOf(layer, level, route));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey own, Import(key));
  CAI_TRY_ASSIGN(const crypto::AsymmetricKey peer, Import(sender));
  const bool wraps = level.parameters.kind == Kind::kAgreeWrap;
  CAI_TRY_ASSIGN(ContentKey derived,
                 DeriveAgreed(level.parameters,
                              wraps ? level.parameters.wrap : level.wanted,
                              layer.headers, route.kdf, own, peer));
  if (!wraps) return derived;
  return Unwrap(derived.bytes(), level.parameters.wrap, layer.content);
}

// A direct key is used as it is, so its `alg` is the content's (RFC 9053, 6.1).
Status CheckShared(const Key& key, const Level& level) {
  if (level.parameters.kind != Kind::kDirect)
    return CheckUse(key, level.algorithm,
                    level.parameters.kind == Kind::kKeyWrap
                        ? KeyOperation::kUnwrapKey
                        : KeyOperation::kDeriveKey);
  return CheckUse(key, level.wanted,
                  MacOf(level.wanted).ok() ? KeyOperation::kMacVerify
                                           : KeyOperation::kDecrypt);
}

Result<ContentKey> OpenOne(const Layer& layer, const Level& level,
                           const Key& key, const Route& route) {
  CAI_TRY(CheckLayer(layer, level, route));
  if (level.parameters.kind == Kind::kOaep) return OpenOaep(layer, level, key);
  if (level.parameters.kind == Kind::kAgree ||
      level.parameters.kind == Kind::kAgreeWrap)
    return OpenAgreed(layer, level, key, route);
  CAI_TRY(CheckShared(key, level));
  CAI_TRY_ASSIGN(const Bytes secret, SymmetricOf(key));
  if (level.parameters.kind == Kind::kKeyWrap)
    return Unwrap(secret, level.algorithm, layer.content);
  const auto size = KeySizeOf(level.algorithm);  // HKDF-AES has one
  if (size.ok() && secret.size() != *size) return Error::kCoseKeyUse;
  return DeriveShared(level.parameters, level.wanted, layer.headers, route.kdf,
                      secret);
}

bool IsDirect(const Layer& layer) {
  const auto number = layer.headers.AlgorithmNumber();
  if (!number || *number != static_cast<std::int32_t>(*number)) return false;
  const auto found = RecipientOf(static_cast<Algorithm>(*number));
  return found.ok() && IsDirect(found->kind);
}

// Recursion: as deep as the caller's route, at most kMaxLevels.
Result<ContentKey> Find(Bytes recipients, Algorithm wanted, const Key& key,
                        const Route& route, std::size_t depth) {
  const Algorithm algorithm = route.algorithms[depth];
  CAI_TRY_ASSIGN(const RecipientParameters parameters, RecipientOf(algorithm));
  CAI_TRY_ASSIGN(Layers layers,
                 Layers::Open(recipients, Layers::Kind::kRecipients));
  CAI_TRY(CheckDirectAlone(layers));
  const Level level{algorithm, parameters, wanted};
  const bool last = depth + 1 == route.algorithms.size();
  Error reason = Error::kCoseNoRecipient;
  while (layers.more()) {
    CAI_TRY_ASSIGN(const Layer layer, layers.Next());
    if (!IsFor(layer, level, last ? &key : nullptr, route) ||
        layer.layers.empty() != last)
      continue;
    ContentKey inner;
    if (!last) {
      auto found = Find(layer.layers, algorithm, key, route, depth + 1);
      if (!found.ok()) {
        reason = found.error();
        continue;
      }
      inner = *std::move(found);
    }
    auto opened = OpenOne(layer, level, last ? key : inner.key(), route);
    if (opened.ok()) return opened;
    reason = opened.error();
  }
  return reason;
}

}  // namespace

Status CheckDirectAlone(Layers layers) {
  if (layers.size() == 1) return kDone;
  while (layers.more()) {
    CAI_TRY_ASSIGN(const Layer layer, layers.Next());
    if (IsDirect(layer)) return Error::kCoseMalformed;
  }
  return kDone;
}

Result<ContentKey> FindContentKey(const Message& message, Algorithm content,
                                  const Key& key, const Route& route) {
  if (message.type != MessageType::kEncrypt &&
      message.type != MessageType::kMac)
    return Error::kCoseWrongType;
  if (route.algorithms.empty() || route.algorithms.size() > Route::kMaxLevels)
    return Error::kCoseTooMany;
  return Find(message.layers, content, key, route, 0);
}

}  // namespace cai::cose
