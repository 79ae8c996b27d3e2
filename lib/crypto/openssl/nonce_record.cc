#include "lib/crypto/openssl/nonce_record.h"

#include <dlfcn.h>
#include <openssl/evp.h>

#include <map>

namespace cai::crypto {
namespace {

// The key that each context was given last: later messages bring a nonce alone.
std::map<EVP_CIPHER_CTX*, std::string> keys;

std::string Text(const unsigned char* bytes, int size) {
  // Safety: bytes viewed as bytes.
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

}  // namespace

NonceRecord& Nonces() {
  static NonceRecord record;
  return record;
}

}  // namespace cai::crypto

// Found before the library's own by whoever is linked with us; hands on to it.
extern "C" int EVP_CipherInit_ex2(EVP_CIPHER_CTX* context,
                                  const EVP_CIPHER* cipher,
                                  const unsigned char* key,
                                  const unsigned char* nonce, int encrypt,
                                  const OSSL_PARAM params[]) {
  using Function = decltype(&EVP_CipherInit_ex2);
  static const auto real =
      reinterpret_cast<Function>(dlsym(RTLD_NEXT, "EVP_CipherInit_ex2"));
  const EVP_CIPHER* const used =
      cipher != nullptr ? cipher : EVP_CIPHER_CTX_get0_cipher(context);
  std::string& own_key = cai::crypto::keys[context];
  if (key != nullptr)
    own_key = cai::crypto::Text(key, EVP_CIPHER_get_key_length(used));
  if (encrypt == 1 && nonce != nullptr) {
    cai::crypto::NonceRecord& record = cai::crypto::Nonces();
    const bool is_new =
        record.seen
            .insert(own_key +
                    cai::crypto::Text(nonce, EVP_CIPHER_get_iv_length(used)))
            .second;
    if (!is_new) ++record.repeats;
    if (record.fail_next > 0) return --record.fail_next, 0;
  }
  return real(context, cipher, key, nonce, encrypt, params);
}
