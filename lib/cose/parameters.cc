#include "lib/cose/parameters.h"

namespace cai::cose {
namespace {

using crypto::Cipher;
using crypto::HashAlgorithm;
using enum Algorithm;
using Kind = RecipientParameters::Kind;

constexpr Cipher Gcm(std::uint8_t key) {
  return {Cipher::Family::kAesGcm, key, 12, 16};
}
// AES-CCM-<bits of length>-<bits of tag>-<bits of key>, a nonce of 15 bytes
// less the length's (RFC 9053, 4.2).
constexpr Cipher Ccm(int length_bits, int tag_bits, int key_bits) {
  return {Cipher::Family::kAesCcm, static_cast<std::uint8_t>(key_bits / 8),
          static_cast<std::uint8_t>(15 - length_bits / 8),
          static_cast<std::uint8_t>(tag_bits / 8)};
}

template <typename T>
struct Row {
  Algorithm algorithm;
  T value;
};

constexpr Row<Cipher> kCiphers[] = {
    {kA128Gcm, Gcm(16)},
    {kA192Gcm, Gcm(24)},
    {kA256Gcm, Gcm(32)},
    {kAesCcm16_64_128, Ccm(16, 64, 128)},
    {kAesCcm16_64_256, Ccm(16, 64, 256)},
    {kAesCcm64_64_128, Ccm(64, 64, 128)},
    {kAesCcm64_64_256, Ccm(64, 64, 256)},
    {kAesCcm16_128_128, Ccm(16, 128, 128)},
    {kAesCcm16_128_256, Ccm(16, 128, 256)},
    {kAesCcm64_128_128, Ccm(64, 128, 128)},
    {kAesCcm64_128_256, Ccm(64, 128, 256)},
    {kChaCha20Poly1305, {Cipher::Family::kChaCha20Poly1305, 32, 12, 16}},
};

using Scheme = crypto::SignatureScheme;
constexpr Row<Scheme> kSchemes[] = {
    {kEs256, {Scheme::Family::kEcdsa, HashAlgorithm::kSha256}},
    {kEs384, {Scheme::Family::kEcdsa, HashAlgorithm::kSha384}},
    {kEs512, {Scheme::Family::kEcdsa, HashAlgorithm::kSha512}},
    {kEdDsa, {Scheme::Family::kEdDsa}},
    {kPs256, {Scheme::Family::kRsaPss, HashAlgorithm::kSha256}},
    {kPs384, {Scheme::Family::kRsaPss, HashAlgorithm::kSha384}},
    {kPs512, {Scheme::Family::kRsaPss, HashAlgorithm::kSha512}},
};

constexpr Row<MacParameters> kMacs[] = {
    {kHmac256_64, {false, HashAlgorithm::kSha256, 32, 8}},
    {kHmac256, {false, HashAlgorithm::kSha256, 32, 32}},
    {kHmac384, {false, HashAlgorithm::kSha384, 48, 48}},
    {kHmac512, {false, HashAlgorithm::kSha512, 64, 64}},
    {kAesMac128_64, {true, {}, 16, 8}},
    {kAesMac256_64, {true, {}, 32, 8}},
    {kAesMac128_128, {true, {}, 16, 16}},
    {kAesMac256_128, {true, {}, 32, 16}},
};

constexpr RecipientParameters Wrapped(Algorithm wrap, bool static_sender) {
  return {Kind::kAgreeWrap, HashAlgorithm::kSha256, wrap, static_sender};
}
constexpr RecipientParameters Agreed(HashAlgorithm hash, bool static_sender) {
  return {Kind::kAgree, hash, kDirect, static_sender};
}

constexpr Row<RecipientParameters> kRecipients[] = {
    {kDirect, {Kind::kDirect}},
    {kDirectHkdfSha256, {Kind::kHkdfHmac, HashAlgorithm::kSha256}},
    {kDirectHkdfSha512, {Kind::kHkdfHmac, HashAlgorithm::kSha512}},
    {kDirectHkdfAes128, {Kind::kHkdfAes}},
    {kDirectHkdfAes256, {Kind::kHkdfAes}},
    {kA128Kw, {Kind::kKeyWrap}},
    {kA192Kw, {Kind::kKeyWrap}},
    {kA256Kw, {Kind::kKeyWrap}},
    {kEcdhEsHkdf256, Agreed(HashAlgorithm::kSha256, false)},
    {kEcdhEsHkdf512, Agreed(HashAlgorithm::kSha512, false)},
    {kEcdhSsHkdf256, Agreed(HashAlgorithm::kSha256, true)},
    {kEcdhSsHkdf512, Agreed(HashAlgorithm::kSha512, true)},
    {kEcdhEsA128Kw, Wrapped(kA128Kw, false)},
    {kEcdhEsA192Kw, Wrapped(kA192Kw, false)},
    {kEcdhEsA256Kw, Wrapped(kA256Kw, false)},
    {kEcdhSsA128Kw, Wrapped(kA128Kw, true)},
    {kEcdhSsA192Kw, Wrapped(kA192Kw, true)},
    {kEcdhSsA256Kw, Wrapped(kA256Kw, true)},
    {kRsaOaepSha1, {Kind::kOaep, HashAlgorithm::kSha1}},
    {kRsaOaepSha256, {Kind::kOaep, HashAlgorithm::kSha256}},
    {kRsaOaepSha512, {Kind::kOaep, HashAlgorithm::kSha512}},
};

constexpr Row<HashParameters> kHashes[] = {
    {kSha256_64, {HashAlgorithm::kSha256, 8}},
    {kSha256, {HashAlgorithm::kSha256, 32}},
    {kSha384, {HashAlgorithm::kSha384, 48}},
    {kSha512, {HashAlgorithm::kSha512, 64}},
};

constexpr Row<std::size_t> kOtherKeys[] = {
    {kA128Kw, 16},           {kA192Kw, 24},           {kA256Kw, 32},
    {kDirectHkdfAes128, 16}, {kDirectHkdfAes256, 32},
};

template <typename T, std::size_t N>
Result<T> Find(const Row<T> (&rows)[N], Algorithm algorithm) {
  for (const Row<T>& row : rows)
    if (row.algorithm == algorithm) return row.value;
  return Error::kCoseUnsupported;
}

}  // namespace

Result<Cipher> CipherOf(Algorithm algorithm) {
  return Find(kCiphers, algorithm);
}
Result<Scheme> SchemeOf(Algorithm algorithm) {
  return Find(kSchemes, algorithm);
}
Result<MacParameters> MacOf(Algorithm algorithm) {
  return Find(kMacs, algorithm);
}
Result<RecipientParameters> RecipientOf(Algorithm algorithm) {
  return Find(kRecipients, algorithm);
}
Result<HashParameters> HashOf(Algorithm algorithm) {
  return Find(kHashes, algorithm);
}

Result<std::size_t> KeySizeOf(Algorithm algorithm) {
  if (const auto cipher = CipherOf(algorithm); cipher.ok())
    return std::size_t{cipher->key_size};
  if (const auto mac = MacOf(algorithm); mac.ok())
    return std::size_t{mac->key_size};
  return Find(kOtherKeys, algorithm);
}

}  // namespace cai::cose
