#include "lib/crypto/aead.h"

#include <new>

#include "lib/base/secret.h"
#include "mbedtls/chachapoly.h"
#include "mbedtls/gcm.h"

namespace cai::crypto {
namespace {

// Contexts live on the stack and wipe themselves (…_free zeroizes).
class Gcm {
 public:
  Gcm() { mbedtls_gcm_init(&context_); }
  ~Gcm() { mbedtls_gcm_free(&context_); }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;

  bool SetKey(Bytes key) {
    return mbedtls_gcm_setkey(&context_, MBEDTLS_CIPHER_ID_AES, AsU8(key),
                              static_cast<unsigned>(key.size() * 8)) == 0;
  }
  bool Seal(Bytes nonce, Bytes aad, Bytes plain, std::byte* out) {
    return mbedtls_gcm_crypt_and_tag(
               &context_, MBEDTLS_GCM_ENCRYPT, plain.size(), AsU8(nonce),
               nonce.size(), AsU8(aad), aad.size(), AsU8(plain),
               reinterpret_cast<std::uint8_t*>(out), kTagSize,
               reinterpret_cast<std::uint8_t*>(out) + plain.size()) == 0;
  }
  bool Open(Bytes nonce, Bytes aad, Bytes tag, Bytes text, std::byte* out) {
    return mbedtls_gcm_auth_decrypt(&context_, text.size(), AsU8(nonce),
                                    nonce.size(), AsU8(aad), aad.size(),
                                    AsU8(tag), tag.size(), AsU8(text),
                                    reinterpret_cast<std::uint8_t*>(out)) == 0;
  }

 private:
  mbedtls_gcm_context context_;
};

class ChaChaPoly {
 public:
  ChaChaPoly() { mbedtls_chachapoly_init(&context_); }
  ~ChaChaPoly() { mbedtls_chachapoly_free(&context_); }
  ChaChaPoly(const ChaChaPoly&) = delete;
  ChaChaPoly& operator=(const ChaChaPoly&) = delete;

  bool SetKey(Bytes key) {
    return mbedtls_chachapoly_setkey(&context_, AsU8(key)) == 0;
  }
  bool Seal(Bytes nonce, Bytes aad, Bytes plain, std::byte* out) {
    return mbedtls_chachapoly_encrypt_and_tag(
               &context_, plain.size(), AsU8(nonce), AsU8(aad), aad.size(),
               AsU8(plain), reinterpret_cast<std::uint8_t*>(out),
               reinterpret_cast<std::uint8_t*>(out) + plain.size()) == 0;
  }
  bool Open(Bytes nonce, Bytes aad, Bytes tag, Bytes text, std::byte* out) {
    return mbedtls_chachapoly_auth_decrypt(
               &context_, text.size(), AsU8(nonce), AsU8(aad), aad.size(),
               AsU8(tag), AsU8(text),
               reinterpret_cast<std::uint8_t*>(out)) == 0;
  }

 private:
  mbedtls_chachapoly_context context_;
};

template <typename Cipher>
Status SealWith(Bytes key, Bytes nonce, Bytes aad, Bytes plain,
                std::byte* out) {
  Cipher cipher;
  if (!cipher.SetKey(key) || !cipher.Seal(nonce, aad, plain, out))
    return Error::kCryptoFailed;
  return kDone;
}

template <typename Cipher>
Status OpenWith(Bytes key, Bytes nonce, Bytes aad, Bytes tag, Bytes text,
                std::byte* out) {
  Cipher cipher;
  if (!cipher.SetKey(key)) return Error::kCryptoFailed;
  if (!cipher.Open(nonce, aad, tag, text, out)) return Error::kCryptoBadTag;
  return kDone;
}

Status CheckRoomToSeal(Bytes plaintext, MutableBytes out) {
  if (out.size() < kTagSize || out.size() - kTagSize < plaintext.size())
    return Error::kCryptoNoRoom;
  return kDone;
}

// What AeadKey's bytes hold: `kind` says which of the two lives in `cipher`.
struct State {
  enum class Kind : std::uint8_t { kNone, kGcm, kChaChaPoly };
  Kind kind = Kind::kNone;
  union Cipher {
    Cipher() {}
    ~Cipher() {}
    Gcm gcm;
    ChaChaPoly chacha_poly;
  } cipher;
};
static_assert(sizeof(State) <= sizeof(AeadKey) &&
              alignof(State) <= alignof(AeadKey));

// Safety: of AeadKey, whose zeros are a State without a cipher.
State& StateIn(ByteArray<704>& bytes) {
  return *std::launder(reinterpret_cast<State*>(bytes.data()));
}

}  // namespace

AeadKey::~AeadKey() { Clear(); }

void AeadKey::Clear() {
  State& state = StateIn(state_);
  if (state.kind == State::Kind::kGcm) state.cipher.gcm.~Gcm();
  if (state.kind == State::Kind::kChaChaPoly)
    state.cipher.chacha_poly.~ChaChaPoly();
  state.kind = State::Kind::kNone;
}

Status AeadKey::Set(AeadAlgorithm algorithm, Bytes key) {
  Clear();
  if (key.size() != KeySize(algorithm)) return Error::kCryptoBadKey;
  State& state = StateIn(state_);
  bool ok = false;
  if (algorithm == AeadAlgorithm::kAes128Gcm) {
    ok = (new (&state.cipher.gcm) Gcm)->SetKey(key);
    state.kind = State::Kind::kGcm;
  } else {
    ok = (new (&state.cipher.chacha_poly) ChaChaPoly)->SetKey(key);
    state.kind = State::Kind::kChaChaPoly;
  }
  if (ok) return kDone;
  Clear();
  return Error::kCryptoFailed;
}

Result<Bytes> AeadKey::Seal(std::span<const std::byte, kNonceSize> nonce,
                            Bytes aad, Bytes plaintext, MutableBytes out) {
  State& state = StateIn(state_);
  if (state.kind == State::Kind::kNone) return Error::kCryptoBadKey;
  CAI_TRY(CheckRoomToSeal(plaintext, out));
  const bool ok =
      state.kind == State::Kind::kGcm
          ? state.cipher.gcm.Seal(nonce, aad, plaintext, out.data())
          : state.cipher.chacha_poly.Seal(nonce, aad, plaintext, out.data());
  if (!ok) return Error::kCryptoFailed;
  return Bytes(out.first(plaintext.size() + kTagSize));
}

Result<Bytes> AeadKey::Open(std::span<const std::byte, kNonceSize> nonce,
                            Bytes aad, Bytes ciphertext, MutableBytes out) {
  State& state = StateIn(state_);
  if (state.kind == State::Kind::kNone) return Error::kCryptoBadKey;
  if (ciphertext.size() < kTagSize) return Error::kCryptoBadTag;
  const Bytes text = ciphertext.first(ciphertext.size() - kTagSize);
  const Bytes tag = ciphertext.last(kTagSize);
  if (out.size() < text.size()) return Error::kCryptoNoRoom;
  const bool ok =
      state.kind == State::Kind::kGcm
          ? state.cipher.gcm.Open(nonce, aad, tag, text, out.data())
          : state.cipher.chacha_poly.Open(nonce, aad, tag, text, out.data());
  if (ok) return Bytes(out.first(text.size()));
  Wipe(out.first(text.size()));
  return Error::kCryptoBadTag;
}

Result<Bytes> AeadSeal(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes plaintext, MutableBytes out) {
  if (key.size() != KeySize(algorithm)) return Error::kCryptoBadKey;
  CAI_TRY(CheckRoomToSeal(plaintext, out));
  CAI_TRY(algorithm == AeadAlgorithm::kAes128Gcm
              ? SealWith<Gcm>(key, nonce, aad, plaintext, out.data())
              : SealWith<ChaChaPoly>(key, nonce, aad, plaintext, out.data()));
  return Bytes(out.first(plaintext.size() + kTagSize));
}

Result<Bytes> AeadOpen(AeadAlgorithm algorithm, Bytes key,
                       std::span<const std::byte, kNonceSize> nonce, Bytes aad,
                       Bytes ciphertext, MutableBytes out) {
  if (key.size() != KeySize(algorithm)) return Error::kCryptoBadKey;
  if (ciphertext.size() < kTagSize) return Error::kCryptoBadTag;
  const Bytes text = ciphertext.first(ciphertext.size() - kTagSize);
  const Bytes tag = ciphertext.last(kTagSize);
  if (out.size() < text.size()) return Error::kCryptoNoRoom;
  const Status status =
      algorithm == AeadAlgorithm::kAes128Gcm
          ? OpenWith<Gcm>(key, nonce, aad, tag, text, out.data())
          : OpenWith<ChaChaPoly>(key, nonce, aad, tag, text, out.data());
  if (status.ok()) return Bytes(out.first(text.size()));
  Wipe(out.first(text.size()));
  return status.error();
}

}  // namespace cai::crypto
