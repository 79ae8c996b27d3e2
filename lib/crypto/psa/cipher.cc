#include "lib/crypto/cipher.h"

#include "lib/base/secret.h"
#include "lib/crypto/psa/transient_key.h"

namespace cai::crypto {
namespace {

using Family = Cipher::Family;

psa_algorithm_t AlgorithmOf(const Cipher& cipher) {
  switch (cipher.family) {
    case Family::kAesGcm:
      return PSA_ALG_GCM;
    case Family::kAesCcm:
      return PSA_ALG_AEAD_WITH_SHORTENED_TAG(PSA_ALG_CCM, cipher.tag_size);
    default:
      return PSA_ALG_CHACHA20_POLY1305;
  }
}

psa_key_type_t TypeOf(const Cipher& cipher) {
  return cipher.family == Family::kChaCha20Poly1305 ? PSA_KEY_TYPE_CHACHA20
                                                    : PSA_KEY_TYPE_AES;
}

// CCM: a nonce of 15 - L bytes leaves L for the length (RFC 3610, 2.1).
bool FitsLength(const Cipher& cipher, std::size_t size) {
  const unsigned length_bytes = 15u - cipher.nonce_size;
  return cipher.family != Family::kAesCcm ||
         length_bytes >= sizeof(std::size_t) || size >> (8 * length_bytes) == 0;
}

Status Check(const Cipher& cipher, Bytes key, Bytes nonce, std::size_t text) {
  if (key.size() != cipher.key_size || nonce.size() != cipher.nonce_size)
    return Error::kCryptoBadKey;
  if (!FitsLength(cipher, text)) return Error::kCryptoNoRoom;
  return kDone;
}

// One operation on one key; aborted, if need be, when it goes.
class Operation {
 public:
  Operation(const Cipher& cipher, Bytes key, bool seal)
      : algorithm_(AlgorithmOf(cipher)),
        key_(TypeOf(cipher),
             seal ? PSA_KEY_USAGE_ENCRYPT : PSA_KEY_USAGE_DECRYPT, algorithm_,
             key),
        seal_(seal) {}
  ~Operation() { psa_aead_abort(&operation_); }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Everything up to the tag. Both ciphers stream, CCM has its lengths first:
  // all of `text` comes out in one update.
  psa_status_t Crypt(Bytes nonce, Parts aad, Bytes text, std::byte* out) {
    std::size_t aad_size = 0, written = 0;
    for (const Bytes part : aad) aad_size += part.size();
    psa_status_t status = key_.status();
    const auto then = [&](auto next) {
      if (status == PSA_SUCCESS) status = next();
    };
    then([&] {
      return seal_ ? psa_aead_encrypt_setup(&operation_, key_.id(), algorithm_)
                   : psa_aead_decrypt_setup(&operation_, key_.id(), algorithm_);
    });
    then([&] {
      return psa_aead_set_lengths(&operation_, aad_size, text.size());
    });
    then([&] {
      return psa_aead_set_nonce(&operation_, AsU8(nonce), nonce.size());
    });
    for (const Bytes part : aad)
      then([&] {
        return psa_aead_update_ad(&operation_, AsU8(part), part.size());
      });
    then([&] {
      return psa_aead_update(&operation_, AsU8(text), text.size(),
                             reinterpret_cast<std::uint8_t*>(out), text.size(),
                             &written);
    });
    return status == PSA_SUCCESS && written != text.size()
               ? PSA_ERROR_GENERIC_ERROR
               : status;
  }

  psa_status_t Finish(MutableBytes tag) {
    std::size_t written = 0, size = 0;
    return psa_aead_finish(&operation_, nullptr, 0, &written, AsU8(tag),
                           tag.size(), &size);
  }
  psa_status_t Verify(Bytes tag) {
    std::size_t written = 0;
    return psa_aead_verify(&operation_, nullptr, 0, &written, AsU8(tag),
                           tag.size());
  }

 private:
  psa_algorithm_t algorithm_;
  TransientKey key_;
  bool seal_;
  psa_aead_operation_t operation_ = PSA_AEAD_OPERATION_INIT;
};

}  // namespace

Result<Bytes> Seal(const Cipher& cipher, Bytes key, Bytes nonce, Parts aad,
                   Bytes plaintext, MutableBytes out) {
  CAI_TRY(Check(cipher, key, nonce, plaintext.size()));
  if (out.size() < cipher.tag_size ||
      out.size() - cipher.tag_size < plaintext.size())
    return Error::kCryptoNoRoom;
  Operation operation(cipher, key, true);
  psa_status_t status = operation.Crypt(nonce, aad, plaintext, out.data());
  if (status == PSA_SUCCESS)
    status = operation.Finish(out.subspan(plaintext.size(), cipher.tag_size));
  if (status != PSA_SUCCESS) return FromPsa(status, Error::kCryptoFailed);
  return Bytes(out.first(plaintext.size() + cipher.tag_size));
}

Result<Bytes> Open(const Cipher& cipher, Bytes key, Bytes nonce, Parts aad,
                   Bytes ciphertext, MutableBytes out) {
  if (ciphertext.size() < cipher.tag_size) return Error::kCryptoBadTag;
  const Bytes text = ciphertext.first(ciphertext.size() - cipher.tag_size);
  CAI_TRY(Check(cipher, key, nonce, text.size()));
  if (out.size() < text.size()) return Error::kCryptoNoRoom;
  ByteArray<16> tag;  // in place, the plaintext may come to lie over it
  const Bytes expected = CopyInto(tag, ciphertext.last(cipher.tag_size));

  Operation operation(cipher, key, false);
  psa_status_t status = operation.Crypt(nonce, aad, text, out.data());
  if (status == PSA_SUCCESS) status = operation.Verify(expected);
  if (status == PSA_SUCCESS) return Bytes(out.first(text.size()));
  Wipe(out.first(text.size()));
  return status == PSA_ERROR_INVALID_SIGNATURE
             ? Error::kCryptoBadTag
             : FromPsa(status, Error::kCryptoFailed);
}

}  // namespace cai::crypto
