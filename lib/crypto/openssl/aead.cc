#include "lib/crypto/aead.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <limits>
#include <new>

#include "lib/base/secret.h"

namespace cai::crypto {
namespace {

// Fetched once: an implicit fetch costs more than sealing a reading.
const EVP_CIPHER* CipherOf(AeadAlgorithm algorithm) {
  static EVP_CIPHER* const both[] = {
      EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr),
      EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)};
  return both[algorithm == AeadAlgorithm::kAes128Gcm ? 0 : 1];
}

bool FitsInt(std::size_t size) {
  return size <= std::size_t{std::numeric_limits<int>::max()};
}

enum class Direction : std::uint8_t { kSeal, kOpen };

// What AeadKey's bytes hold. The provider's context is as large as a page of
// small objects, so it is made at the first use and kept until Clear().
struct State {
  EVP_CIPHER_CTX* context = nullptr;
  const EVP_CIPHER* cipher = nullptr;      // of the key; null: there is none
  bool made = false;                       // `context` is one of `cipher`
  bool scheduled = false;                  // `context` knows `key`
  Direction direction = Direction::kSeal;  // of `context`, once scheduled
  Secret<32> key;
};
static_assert(sizeof(State) <= sizeof(AeadKey) &&
              alignof(State) <= alignof(AeadKey));

// Safety: of AeadKey, whose zeros are a State without a key.
State& StateIn(ByteArray<704>& bytes) {
  return *std::launder(reinterpret_cast<State*>(bytes.data()));
}

bool Update(EVP_CIPHER_CTX* context, std::byte* out, Bytes in) {
  int written = 0;
  return in.empty() ||
         EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out),
                          &written, AsU8(in), static_cast<int>(in.size())) == 1;
}

bool MakeContext(State& state) {
  if (state.context == nullptr) state.context = EVP_CIPHER_CTX_new();
  return state.context != nullptr;
}

// What is new of cipher and key, the nonce and the tag, in one call: each costs
// a tenth of the whole.
bool Initialise(State& state, const unsigned char* nonce, Direction direction,
                const OSSL_PARAM* params) {
  const bool ok =
      MakeContext(state) &&
      EVP_CipherInit_ex2(state.context, state.made ? nullptr : state.cipher,
                         state.scheduled ? nullptr : AsU8(state.key.bytes()),
                         nonce, direction == Direction::kSeal, params) == 1;
  state.made = state.scheduled = ok;
  state.direction = direction;
  return ok;
}

bool BeginSeal(State& state, Bytes nonce) {
  return Initialise(state, AsU8(nonce), Direction::kSeal, nullptr);
}

// Casts away const: a parameter that is only read has no other type.
OSSL_PARAM Octets(const char* name, Bytes value) {
  return OSSL_PARAM_construct_octet_string(
      name, const_cast<std::byte*>(value.data()), value.size());
}

// A nonce given as such makes OpenSSL ask the provider for its length, by names
// compared one after another: a quarter of what opening 64 bytes costs. The two
// fields in which TLS gives a nonce of GCM are parameters like the tag.
bool BeginOpenGcm(State& state, Bytes nonce, Bytes tag) {
  constexpr std::size_t kFixed = 4;  // RFC 5288, 3: salt, then explicit nonce
  const OSSL_PARAM params[] = {
      Octets(OSSL_CIPHER_PARAM_AEAD_TAG, tag),
      Octets(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, nonce.first(kFixed)),
      Octets(OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV, nonce.subspan(kFixed)),
      OSSL_PARAM_construct_end()};
  const bool ready = state.scheduled && state.direction == Direction::kOpen;
  return (ready || Initialise(state, nullptr, Direction::kOpen, nullptr)) &&
         EVP_CIPHER_CTX_set_params(state.context, params) == 1;
}

bool BeginOpen(State& state, Bytes nonce, Bytes tag) {
  if (state.cipher == CipherOf(AeadAlgorithm::kAes128Gcm))
    return BeginOpenGcm(state, nonce, tag);
  const OSSL_PARAM params[] = {Octets(OSSL_CIPHER_PARAM_AEAD_TAG, tag),
                               OSSL_PARAM_construct_end()};
  return Initialise(state, AsU8(nonce), Direction::kOpen, params);
}

bool Finish(EVP_CIPHER_CTX* context) {
  unsigned char last[EVP_MAX_BLOCK_LENGTH];  // a stream: it writes nothing
  int written = 0;
  return EVP_CipherFinal_ex(context, last, &written) == 1;
}

bool TakeTag(EVP_CIPHER_CTX* context, std::byte* tag) {
  OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(
                             OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTagSize),
                         OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_get_params(context, params) == 1;
}

Status Check(const State& state, Bytes aad, Bytes text) {
  if (state.cipher == nullptr) return Error::kCryptoBadKey;
  if (!FitsInt(aad.size()) || !FitsInt(text.size()))
    return Error::kCryptoNoRoom;
  return kDone;
}

// One a thread, empty between uses.
class OneUse {
 public:
  OneUse() {
    thread_local AeadKey shared;
    key_ = &shared;
  }
  ~OneUse() { key_->Clear(); }
  AeadKey* operator->() const { return key_; }

 private:
  AeadKey* key_;
};

}  // namespace

AeadKey::~AeadKey() {
  State& state = StateIn(state_);
  EVP_CIPHER_CTX_free(state.context);
  state.~State();
}

Status AeadKey::Set(AeadAlgorithm algorithm, Bytes key) {
  State& state = StateIn(state_);
  if (key.size() != KeySize(algorithm)) {
    Clear();
    return Error::kCryptoBadKey;
  }
  const EVP_CIPHER* const cipher = CipherOf(algorithm);
  const bool same_cipher = state.cipher == cipher;
  // Who opens many messages under one key may set it each time.
  if (same_cipher &&
      ConstantTimeEqual(Bytes(state.key.bytes()).first(key.size()), key))
    return kDone;
  state.made = state.made && same_cipher;
  state.cipher = cipher;
  state.scheduled = false;
  CopyInto(state.key.mutable_bytes(), key);
  return kDone;
}

// reset() cleanses the key schedule and keeps the outer context.
void AeadKey::Clear() {
  State& state = StateIn(state_);
  if (state.context != nullptr) EVP_CIPHER_CTX_reset(state.context);
  Wipe(state.key.mutable_bytes());
  state.cipher = nullptr;
  state.made = state.scheduled = false;
}

Result<Bytes> AeadKey::Seal(std::span<const std::byte, kNonceSize> nonce,
                            Bytes aad, Bytes plaintext, MutableBytes out) {
  State& state = StateIn(state_);
  CAI_TRY(Check(state, aad, plaintext));
  if (out.size() < kTagSize || out.size() - kTagSize < plaintext.size())
    return Error::kCryptoNoRoom;
  const bool ok =
      BeginSeal(state, nonce) && Update(state.context, nullptr, aad) &&
      Update(state.context, out.data(), plaintext) && Finish(state.context) &&
      TakeTag(state.context, out.data() + plaintext.size());
  if (!ok) return Error::kCryptoFailed;
  return Bytes(out.first(plaintext.size() + kTagSize));
}

Result<Bytes> AeadKey::Open(std::span<const std::byte, kNonceSize> nonce,
                            Bytes aad, Bytes ciphertext, MutableBytes out) {
  State& state = StateIn(state_);
  CAI_TRY(Check(state, aad, ciphertext));
  if (ciphertext.size() < kTagSize) return Error::kCryptoBadTag;
  const Bytes text = ciphertext.first(ciphertext.size() - kTagSize);
  if (out.size() < text.size()) return Error::kCryptoNoRoom;
  const Bytes tag = ciphertext.last(kTagSize);

  const bool started = BeginOpen(state, nonce, tag) &&
                       Update(state.context, nullptr, aad) &&
                       Update(state.context, out.data(), text);
  if (started && Finish(state.context)) return Bytes(out.first(text.size()));
  Wipe(out.first(text.size()));
  return started ? Error::kCryptoBadTag : Error::kCryptoFailed;
}

Result<Bytes> AeadSeal(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes plaintext, MutableBytes out) {
  const OneUse once;
  CAI_TRY(once->Set(algorithm, key));
  return once->Seal(nonce, aad, plaintext, out);
}

Result<Bytes> AeadOpen(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes ciphertext, MutableBytes out) {
  const OneUse once;
  CAI_TRY(once->Set(algorithm, key));
  return once->Open(nonce, aad, ciphertext, out);
}

}  // namespace cai::crypto
